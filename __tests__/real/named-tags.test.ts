import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {expectFailure} from '../../testing/failure.ts'
import {stepOn, type Push} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {executedCommands} from '../../testing/runner-log.ts'
import type {StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

type Inputs = Readonly<Record<string, string>>

/** Releases and runs. As usual, the hotfix has a later commit and run. */
const newest: Push = {ref: 'refs/tags/v2.0.0', sha: 'a'.repeat(40), date: '2026-01-01T00:00:00Z', runId: '920'}
const hotfix: Push = {ref: 'refs/tags/v1.2.9', sha: 'b'.repeat(40), date: '2026-02-01T00:00:00Z', runId: '921'}
const manual: Push = {ref: 'refs/heads/main', sha: 'c'.repeat(40), date: '2026-03-01T00:00:00Z', runId: '922'}

async function run(action: 'publish' | 'promote', repository: string, push: Push, inputs: Inputs): Promise<StepResult> {
  await using step = await stepOn(push, {
    ...(action === 'promote' && {action}),
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), images: `${registry.host}/${repository}`, ...inputs},
  })
  return await step.run()
}

async function succeeded(...args: Parameters<typeof run>): Promise<StepResult> {
  const result = await run(...args)
  expect({exitCode: result.exitCode, log: result.log}).toEqual({
    exitCode: 0,
    log: expect.stringMatching(/^(?:Published|Promoted|Rolled back to) /m),
  })
  return result
}

async function digestOf(repository: string, tag: string): Promise<string | undefined> {
  return (await registry.manifest(repository, tag))?.digest
}

function notices({log}: StepResult): string {
  return executedCommands(log)
    .flatMap(({name, message}) => (name === 'notice' ? [message] : []))
    .join('\n')
}

const exact = 'type=semver,pattern={{version}}'

describe('a hotfix of an older version line does not move', () => {
  test.each<{name: string; path: string; tag: string; inputs: (host: string) => Inputs}>([
    {name: 'a literal latest', path: 'literal', tag: 'latest', inputs: () => ({tags: `${exact}\nlatest`})},
    {name: 'raw', path: 'raw', tag: 'stable', inputs: () => ({tags: `${exact}\ntype=raw,value=stable`})},
    {
      name: 'a whole reference',
      path: 'reference',
      tag: 'latest',
      inputs: (host) => ({tags: `${host}/named/reference:VERSION\n${host}/named/reference:latest`}),
    },
    {
      name: 'one of a variant in an environment',
      path: 'variant',
      tag: 'stable-alpine-staging',
      inputs: () => ({tags: 'stable', variant: 'alpine', environment: 'staging'}),
    },
  ])('$name', async ({path, tag, inputs: inputsOn}) => {
    const repository = `named/${path}`
    const inputs = inputsOn(registry.host)
    const ofVersion = (version: string): Inputs =>
      Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, value.replace('VERSION', version)]))
    await succeeded('publish', repository, newest, ofVersion('2.0.0'))
    const before = await digestOf(repository, tag)
    const result = await run('publish', repository, hotfix, ofVersion('1.2.9'))
    expect(result.exitCode).toBe(0)
    expect(await digestOf(repository, tag)).toBe(before)
    expect(notices(result)).toMatch(/is higher than 1\.2\.9.*on-stale: overwrite/)

    const failed = await run('publish', repository, hotfix, {...ofVersion('1.2.9'), 'on-stale': 'fail'})
    expectFailure(failed, {code: 'tag-stale', values: [`${tag}: `]})
    expect(failed.log).not.toContain('::group::docker buildx build')

    await succeeded('publish', repository, hotfix, {...ofVersion('1.2.9'), 'on-stale': 'overwrite'})
    expect(await digestOf(repository, tag)).not.toBe(before)
  })
})

describe('a promote of an older release after the newest', () => {
  const repository = 'named/promote'

  beforeAll(async () => {
    await succeeded('publish', repository, newest, {tags: `${exact}\nlatest`})
    await succeeded('publish', repository, hotfix, {tags: exact, flavor: 'latest=false'})
  })

  test.each<{name: string; push: Push; inputs: Inputs}>([
    {name: 'in a manual run without a version', push: manual, inputs: {}},
    {name: 'in a run of that release', push: hotfix, inputs: {}},
    {name: 'in a run of another release', push: {...newest, ref: 'refs/tags/v3.0.0'}, inputs: {}},
    {name: 'with a version', push: manual, inputs: {version: '1.2.9'}},
  ])('latest stays: $name', async ({push, inputs}) => {
    const from = `${registry.host}/${repository}:1.2.9`
    const result = await run('promote', repository, push, {from, tags: 'latest', ...inputs})
    expect(result.exitCode).toBe(0)
    expect(await digestOf(repository, 'latest')).toBe(await digestOf(repository, '2.0.0'))
    expect(notices(result)).toMatch(/2\.0\.0.* is higher than 1\.2\.9.*on-stale: overwrite/)
  })

  test('moves latest with `floating: always`, and forwards again', async () => {
    const promote = async (version: string, inputs: Inputs = {}): Promise<StepResult> =>
      succeeded('promote', repository, manual, {
        from: `${registry.host}/${repository}:${version}`,
        tags: 'latest',
        ...inputs,
      })
    await promote('1.2.9', {'on-stale': 'overwrite'})
    expect(await digestOf(repository, 'latest')).toBe(await digestOf(repository, '1.2.9'))
    await promote('2.0.0')
    expect(await digestOf(repository, 'latest')).toBe(await digestOf(repository, '2.0.0'))
  })
})

test('a full version with `mutable` follows commits', async () => {
  const repository = 'named/mutable'
  const tags = 'type=raw,value=2.20.1,mutable=true\nlatest'
  await succeeded('publish', repository, {...manual, sha: 'd'.repeat(40), date: '2026-02-01T00:00:00Z'}, {tags})
  const first = await digestOf(repository, '2.20.1')
  await succeeded('publish', repository, manual, {tags})
  expect(await digestOf(repository, '2.20.1')).not.toBe(first)
  expect(await digestOf(repository, 'latest')).toBe(await digestOf(repository, '2.20.1'))
})
