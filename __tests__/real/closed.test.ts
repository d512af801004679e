import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {loadEvent} from '../../testing/events.ts'
import {repositoryApi, type RepositoryApi} from '../../testing/github/repository-api.ts'
import {serveApi} from '../../testing/github/serve-api.ts'
import type {Loopback} from '../../testing/loopback.ts'
import {changesOf, startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo, sampleDirectory, sampleInputs} from '../../testing/sample.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const token = 'ghs_canaryOfTheStep0123456789'
const app = 'team/app'

let registry: Registry
let github: RepositoryApi
let server: Loopback

beforeAll(async () => {
  registry = await startRegistry({login})
  github = repositoryApi({
    token,
    repository: 'Codertocat/Hello-World',
    defaultBranch: 'master',
    branches: ['changes', 'other-changes'],
    openPulls: [267],
  })
  server = await serveApi(github.answer)
})

afterAll(async () => {
  await registry.stop()
  await server[Symbol.asyncDispose]()
})

interface Run {
  readonly event: string
  /** Pull request with its branch, if it is not that of the event. */
  readonly pull?: {readonly number: number; readonly branch: string}
  readonly inputs?: Readonly<Record<string, string>>
}

async function run({event, pull, inputs = {}}: Run): Promise<StepResult> {
  const env: Record<string, string | undefined> = {GITHUB_API_URL: `http://${server.host}`}
  await using step = await Step.prepare({
    event,
    workspace: sampleDirectory,
    inputs: {
      ...publishTo(registry.host, login),
      ...sampleInputs(),
      push: 'true',
      cache: 'registry',
      closed: 'delete',
      ...inputs,
    },
    env,
    token,
  })
  if (pull !== undefined) {
    env['GITHUB_REF'] = `refs/pull/${pull.number}/merge`
    env['GITHUB_HEAD_REF'] = pull.branch
    env['GITHUB_EVENT_PATH'] = path.join(step.directory, 'event.json')
    await writeFile(env['GITHUB_EVENT_PATH'], JSON.stringify(withNumber(loadEvent(event).payload, pull.number)))
  }
  return await step.run()
}

function withNumber(payload: unknown, number: number): object {
  const {pull_request: pull, ...rest} = payload as {readonly pull_request: object}
  return {...rest, number, pull_request: {...pull, number}}
}

interface Manifest {
  readonly manifests?: readonly {readonly digest: string}[]
  readonly config?: {readonly digest: string}
  readonly layers?: readonly {readonly digest: string}[]
}

/** Digests of everything that a tag needs, all of which is read. */
async function contentOf(reference: string): Promise<readonly string[]> {
  const manifest = await registry.manifest(app, reference)
  if (manifest === undefined) throw new Error(`${reference} does not exist`)
  const {manifests = [], config, layers = []} = manifest.json as Manifest
  const parts = await Promise.all(manifests.map(async ({digest}) => contentOf(digest)))
  const blobs = [...(config === undefined ? [] : [config]), ...layers].map(({digest}) => digest)
  for (const digest of blobs) await registry.blob(app, digest)
  return [manifest.digest, ...blobs, ...parts.flat()]
}

async function contents(): Promise<Readonly<Record<string, readonly string[]>>> {
  const tags = await registry.tags(app)
  return Object.fromEntries(await Promise.all(tags.map(async (tag) => [tag, await contentOf(tag)] as const)))
}

function without<T>(all: Readonly<Record<string, T>>, isGone: (tag: string) => boolean): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([tag]) => !isGone(tag)))
}

describe('published pull requests', () => {
  let published: Readonly<Record<string, readonly string[]>>

  beforeAll(async () => {
    const runs = [
      await run({event: 'push-default-branch'}),
      await run({event: 'pull-request'}),
      await run({event: 'pull-request', pull: {number: 267, branch: 'other-changes'}}),
    ]
    expect(runs.map(({exitCode}) => exitCode)).toEqual([0, 0, 0])
    published = await contents()
  })

  test('have tags and caches', () => {
    const names = Object.keys(published)
    expect(names).toEqual(expect.arrayContaining(['master', 'edge', 'pr-2', 'pr-267']))
    const caches = names.filter((tag) => tag.startsWith('buildcache-'))
    expect(caches.map((tag) => /^buildcache-(master|changes|other-changes)-/.exec(tag)?.[1]).sort()).toEqual([
      'changes',
      'master',
      'other-changes',
    ])
  })

  test('stay without the input', async () => {
    const before = await registry.requests()
    const {exitCode, outputs} = await run({event: 'pull-request-closed', inputs: {closed: ''}})
    expect([exitCode, outputs.get('skipped'), outputs.get('deleted')]).toEqual([0, 'true', undefined])
    expect((await registry.requests()).length).toBe(before.length)
  })

  test('lose their tag when they are closed, and all others stay whole', async () => {
    const {exitCode, outputs, log, summary} = await run({event: 'pull-request-closed'})
    expect(exitCode).toBe(0)
    expect(await contents()).toEqual(without(published, (tag) => tag === 'pr-2'))
    expect(JSON.parse(outputs.get('deleted') ?? '')).toMatchObject([
      {reference: `${registry.host}/${app}:pr-2`, digest: published['pr-2']?.[0], class: 'pr'},
    ])
    expect(log).toMatch(/^Deleted 1 tag of pull request 2$/m)
    expect(log.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(token)
    expect(summary).toContain('### Deleted 1 tag of pull request 2')
  })

  test('lose their cache when their branch is deleted, and nothing the second time', async () => {
    github.branches.delete('changes')
    const {exitCode, log} = await run({event: 'pull-request-closed'})
    expect(exitCode).toBe(0)
    expect(log).toMatch(/^Deleted 1 tag of pull request 2$/m)
    const isGone = (tag: string): boolean => tag === 'pr-2' || tag.startsWith('buildcache-changes-')
    expect(await contents()).toEqual(without(published, isGone))
    const before = changesOf(await registry.requests(), app)
    const again = await run({event: 'pull-request-closed'})
    expect(again.exitCode).toBe(0)
    expect(changesOf(await registry.requests(), app)).toEqual(before)
  })

  test('are published again, and a merge deletes them after it has published', async () => {
    expect((await run({event: 'pull-request'})).exitCode).toBe(0)
    expect(await registry.tags(app)).toContain('pr-2')
    const {exitCode, outputs} = await run({event: 'pull-request-merged'})
    expect([exitCode, outputs.get('pushed')]).toEqual([0, 'true'])
    const tags = await registry.tags(app)
    expect(tags).not.toContain('pr-2')
    expect(tags).toEqual(expect.arrayContaining(['master', 'edge', 'pr-267']))
    for (const tag of tags) await contentOf(tag)
  })
})
