import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-6113728']
const firstLogin = {username: 'first', password: 'first-password'}
const secondLogin = {username: 'second', password: 'second: "password"'}
let first: Registry
let second: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[first, second, workspace] = await Promise.all([
    startRegistry({login: firstLogin}),
    startRegistry({login: secondLogin}),
    workspaceOf({Dockerfile: plainDockerfile}),
  ])
})

afterAll(async () => {
  await Promise.all([first.stop(), second.stop(), workspace[Symbol.asyncDispose]()])
})

async function run(inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {'registry-auth': bothLogins(), ...inputs},
  })
  return await step.run()
}

function bothLogins(): string {
  return JSON.stringify([
    {registry: first.host, ...firstLogin},
    {registry: second.host, ...secondLogin},
  ])
}

/** Tags of a repository, sorted, with their digests. */
async function published(registry: Registry, repository: string): Promise<Readonly<Record<string, string>>> {
  const tags = [...(await registry.tags(repository))].sort()
  const heads = await Promise.all(tags.map(async (tag) => (await registry.manifest(repository, tag))?.digest ?? ''))
  return Object.fromEntries(tags.map((tag, index) => [tag, heads[index] ?? '']))
}

function all(tags: readonly string[], digest: string | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(tags.map((tag) => [tag, digest]))
}

describe('two registries with a password each', () => {
  test('get all tags of one digest in one run', async () => {
    const {exitCode, outputs, log} = await run({images: `${first.host}/team/app\n${second.host}/other/name`})
    expect(exitCode).toBe(0)
    const digest = outputs.get('digest')
    expect(await published(first, 'team/app')).toEqual(all(tagNames, digest))
    expect(await published(second, 'other/name')).toEqual(all(tagNames, digest))
    expect(outputs.get('images')).toBe(
      `${first.host}/team/app@${digest ?? ''}\n${second.host}/other/name@${digest ?? ''}`,
    )
    expect(outputs.get('tags')?.split('\n')).toHaveLength(10)
    expect(log.match(/^::group::docker buildx build$/gm)).toHaveLength(1)
    expect(log).toMatch(/^Published \S+:1\.2\.3, \S+:1\.2\.3 with 10 tags .*: sha256:\w+$/m)
  })
})

describe('a repository that is listed twice', () => {
  test('gets its tags once', async () => {
    const {exitCode, outputs} = await run({images: `${first.host}/team/twice\n${first.host}/team/twice`})
    expect(exitCode).toBe(0)
    expect(outputs.get('tags')?.split('\n')).toHaveLength(5)
    expect(await published(first, 'team/twice')).toEqual(all(tagNames, outputs.get('digest')))
    const puts = (await first.requests()).filter(
      ({method, path}) => method === 'PUT' && path === '/v2/team/twice/manifests/1.2.3',
    )
    expect(puts).toHaveLength(1)
  })
})

describe('an environment', () => {
  test('is a suffix of every tag', async () => {
    const {exitCode, outputs} = await run({images: `${first.host}/team/suffix`, environment: 'staging'})
    expect(exitCode).toBe(0)
    expect(await published(first, 'team/suffix')).toEqual(
      all(
        ['1-staging', '1.2-staging', '1.2.3-staging', 'latest-staging', 'sha-6113728-staging'],
        outputs.get('digest'),
      ),
    )
  })

  test('is a suffix of the repository', async () => {
    const {exitCode, outputs} = await run({
      images: `${first.host}/team/env`,
      environment: 'staging',
      'environment-style': 'repository',
    })
    expect(exitCode).toBe(0)
    expect(await published(first, 'team/env-staging')).toEqual(all(tagNames, outputs.get('digest')))
    expect(await first.tags('team/env')).toEqual([])
  })
})

describe('whole references in tags', () => {
  test('need no images', async () => {
    const {exitCode, outputs} = await run({tags: `${first.host}/a/b:one\n${second.host}/c:two`})
    expect(exitCode).toBe(0)
    const digest = outputs.get('digest')
    expect(outputs.get('tags')).toBe(`${first.host}/a/b:one\n${second.host}/c:two`)
    expect(outputs.get('tag-names')).toBe('one\ntwo')
    expect(await published(first, 'a/b')).toEqual({one: digest})
    expect(await published(second, 'c')).toEqual({two: digest})
  })

  test('can be combined with images and rules', async () => {
    const {exitCode, outputs} = await run({
      images: `${first.host}/team/beside`,
      tags: `type=semver,pattern={{major}}\nstable\n${second.host}/team/beside:whole`,
      flavor: 'latest=false',
    })
    expect(exitCode).toBe(0)
    const digest = outputs.get('digest')
    expect(await published(first, 'team/beside')).toEqual({1: digest, stable: digest})
    expect(await published(second, 'team/beside')).toEqual({whole: digest})
  })
})
