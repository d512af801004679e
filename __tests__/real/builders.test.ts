import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {expectFailure} from '../../testing/failure.ts'
import {readIndex} from '../../testing/image.ts'
import {stepOn} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import type {StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-aaaaaaa']
let registry: Registry
let other: Registry
let workspace: Workspace
let builder: RemoteBuilder

beforeAll(async () => {
  ;[registry, other, workspace, builder] = await Promise.all([
    startRegistry({login}),
    startRegistry(),
    workspaceOf({Dockerfile: plainDockerfile}),
    startRemoteBuilder('faraway'),
  ])
})

afterAll(async () => {
  await builder[Symbol.asyncDispose]()
  await Promise.all([registry.stop(), other.stop(), workspace[Symbol.asyncDispose]()])
})

async function publish(
  version: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const sha = (version === '1.2.3' ? 'a' : 'b').repeat(40)
  await using step = await stepOn(
    {ref: `refs/tags/v${version}`, sha, runId: '100'},
    {workspace: workspace.directory, inputs: {...publishTo(registry.host, login), ...inputs}, env},
  )
  return await step.run()
}

async function headsOf(of: Registry, repository: string): Promise<Readonly<Record<string, string | undefined>>> {
  const tags = await of.tags(repository)
  const heads = await Promise.all(tags.map(async (tag) => [tag, (await of.manifest(repository, tag))?.digest] as const))
  return Object.fromEntries(heads)
}

function all(digest: string | undefined): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(tagNames.map((tag) => [tag, digest]))
}

/** Manifests that were pushed, with the client, such as `1.2.3 by tagboat`. */
async function manifestsPut(of: Registry, repository: string): Promise<readonly string[]> {
  const requests = await of.requests()
  const prefix = `/v2/${repository}/manifests/`
  return requests.flatMap(({method, path, userAgent}) =>
    method === 'PUT' && path.startsWith(prefix)
      ? [`${path.slice(prefix.length)} by ${userAgent === 'tagboat' ? 'tagboat' : 'the builder'}`]
      : [],
  )
}

describe('a remote builder', () => {
  const inputs = (): Readonly<Record<string, string>> => ({
    images: `${registry.host}/faraway/app\n${other.host}/faraway/copy`,
    builder: 'faraway',
    platforms: 'linux/amd64,linux/arm64',
  })
  let result: StepResult
  let digest: string

  beforeAll(async () => {
    result = await publish('1.2.3', inputs(), {DOCKER_CONFIG: builder.config})
    digest = result.outputs.get('digest') ?? 'no digest'
  })

  test('publishes one digest with all tags to both registries in one build', async () => {
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain('Builder: faraway (remote)')
    expect(result.log.match(/^::group::docker buildx build$/gm)).toHaveLength(1)
    expect(await headsOf(registry, 'faraway/app')).toEqual(all(digest))
    expect(await headsOf(other, 'faraway/copy')).toEqual(all(digest))
  })

  test('pushes only by digest, before the tags', async () => {
    for (const [of, repository] of [
      [registry, 'faraway/app'],
      [other, 'faraway/copy'],
    ] as const) {
      const puts = await manifestsPut(of, repository)
      const [byDigest, byTag] = [true, false].map((isDigest) =>
        puts.filter((line) => line.startsWith('sha256:') === isDigest),
      )
      expect(byDigest).toContain(`${digest} by tagboat`)
      expect(byTag?.toSorted()).toEqual(tagNames.map((tag) => `${tag} by tagboat`).sort())
      expect(puts.slice(-tagNames.length)).toEqual(byTag)
    }
  })

  test('sets digest, platforms and image in the outputs', async () => {
    const {manifests} = await readIndex({registry, repository: 'faraway/app', reference: digest})
    const byPlatform = manifests.flatMap(({platform, digest: one}) =>
      platform === undefined || platform.os === 'unknown' ? [] : [[`${platform.os}/${platform.architecture}`, one]],
    )
    expect(JSON.parse(result.outputs.get('digests') ?? '')).toEqual(Object.fromEntries(byPlatform))
    expect(byPlatform).toHaveLength(2)
    expect(result.outputs.get('image')).toBe(`${registry.host}/faraway/app@${digest}`)
    expect(result.summary).toContain('`faraway` (driver remote)')
  })

  test('the next run of the release builds nothing and keeps the digest', async () => {
    const again = await publish('1.2.3', inputs(), {DOCKER_CONFIG: builder.config})
    expect(again.exitCode).toBe(0)
    expect(again.log).not.toContain('::group::docker buildx build')
    expect(again.outputs.get('digest')).toBe(digest)
    expect(await headsOf(registry, 'faraway/app')).toEqual(all(digest))
  })
})

describe('an item of outputs that pushes', () => {
  const repository = 'tagged/app'
  const inputs = (): Readonly<Record<string, string>> => ({
    images: `${registry.host}/${repository}`,
    outputs: 'type=registry',
  })

  test('is published in the transaction', async () => {
    const result = await publish('1.2.3', inputs())
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(await headsOf(registry, repository)).toEqual(all(result.outputs.get('digest')))
    expect(result.outputs.get('pushed')).toBe('true')
    const warnings = executedCommands(result.log).filter(({name}) => name === 'warning')
    expect(warnings).toEqual([])
    const puts = await manifestsPut(registry, repository)
    expect(puts.filter((line) => !line.startsWith('sha256:') && !line.endsWith('by tagboat'))).toEqual([])
    const moved = JSON.parse(result.outputs.get('moved-tags') ?? '') as readonly {tag: string}[]
    expect(moved.map(({tag}) => tag).sort()).toEqual(tagNames)
  })

  test('needs no second build after a release', async () => {
    const before = await headsOf(registry, repository)
    const again = await publish('1.2.3', inputs())
    expect(again.exitCode).toBe(0)
    expect(again.log).not.toContain('::group::docker buildx build')
    expect(await headsOf(registry, repository)).toEqual(before)
  })

  test('does not move the floating tags of a newer release', async () => {
    const before = await headsOf(registry, repository)
    const older = await publish('1.2.2', inputs())
    expect(older.exitCode).toBe(0)
    const digest = older.outputs.get('digest')
    expect(await headsOf(registry, repository)).toEqual({...before, '1.2.2': digest, 'sha-bbbbbbb': digest})
    const kept = JSON.parse(older.outputs.get('kept-tags') ?? '') as readonly {tag: string}[]
    expect(kept.map(({tag}) => tag)).toEqual(['1.2', '1', 'latest'])
  })

  test('is tagged only after its test', async () => {
    const result = await publish('1.2.2', {
      ...inputs(),
      images: `${registry.host}/tagged/untested`,
      test: 'exit 3',
    })
    expectFailure(result, {code: 'test-failed', values: ['3']})
    expect(await registry.tags('tagged/untested')).toEqual([])
  })
})
