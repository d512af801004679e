import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {createCachedBuild, shortTimer, stepResults, warningsIn, type CachedBuild} from '../../testing/cached-runs.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay, type Relay, type RelayedRequest, type Respond} from '../../testing/relay.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import type {SourceResult} from '../../testing/source-run.ts'

let registry: Registry
let remote: RemoteBuilder

beforeAll(async () => {
  ;[registry, remote] = await Promise.all([startRegistry(), startRemoteBuilder('cacher')])
})

afterAll(async () => {
  await remote[Symbol.asyncDispose]()
  await registry.stop()
})

function inputsFor(host: string, repository: string): Readonly<Record<string, string>> {
  return {images: `${host}/${repository}`, cache: 'registry'}
}

/** Digests of the layers of the image of a tag. */
async function layers(repository: string, tag: string): Promise<readonly string[]> {
  const index = (await registry.manifest(repository, tag))?.json as {
    readonly manifests?: readonly {readonly digest: string}[]
  }
  const [image] = index.manifests ?? []
  const manifest = image === undefined ? index : (await registry.manifest(repository, image.digest))?.json
  return (manifest as {readonly layers: readonly {readonly digest: string}[]}).layers.map(({digest}) => digest)
}

function cacheTags(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => tag.startsWith('buildcache-'))
}

describe.each([
  {name: 'the engine', builder: (): Readonly<Record<string, string>> => ({}), repository: 'engine/app'},
  {name: 'a remote builder', builder: () => ({builder: remote.name}), repository: 'remote/app'},
])('a registry cache, with $name', ({builder, repository}) => {
  const env = (): Readonly<Record<string, string>> => ('builder' in builder() ? {DOCKER_CONFIG: remote.config} : {})
  const inputs = (): Readonly<Record<string, string>> => ({...inputsFor(registry.host, repository), ...builder()})
  // A BuildKit that pushes also stores the image in its engine.
  const image = (): string => `${registry.host}/${repository}`
  let build: CachedBuild
  let first: SourceResult

  beforeAll(async () => {
    build = await createCachedBuild()
    first = await build.run('master', {inputs: inputs(), env: env()})
  })

  afterAll(async () => {
    await build[Symbol.asyncDispose]()
  })

  test('the first run has no cache, and no warning', async () => {
    expect(first.failure?.evidence).toBeUndefined()
    expect(warningsIn(first)).toEqual([])
    expect(Object.values(stepResults(first))).toContain('DONE')
    const tags = await registry.tags(repository)
    expect(cacheTags(tags)).toEqual([expect.stringMatching(/^buildcache-master-amd64-[0-9a-f]{7}$/)])
    expect(tags).toContain('master')
  })

  test('the test can remove the cache of the builder', async () => {
    await build.prune(image())
    const without = await build.run('unrelated', {inputs: {...inputs(), cache: 'off'}, env: env()})
    const ends = Object.entries(stepResults(without)).filter(([name]) => name.includes('random/uuid'))
    expect(ends).toEqual([[expect.any(String), 'DONE']])
    expect(await layers(repository, 'unrelated')).not.toEqual(await layers(repository, 'master'))
  })

  test('the next run of the branch uses it for every step', async () => {
    const before = await layers(repository, 'master')
    await build.prune(image())
    const second = await build.run('master', {inputs: inputs(), env: env()})
    expect(second.failure?.evidence).toBeUndefined()
    expect(warningsIn(second)).toEqual([])
    const ends = stepResults(second)
    expect(Object.keys(ends).length).toBeGreaterThanOrEqual(3)
    expect(Object.values(ends).filter((end) => end !== 'CACHED')).toEqual([])
    expect(await layers(repository, 'master')).toEqual(before)
    expect(cacheTags(await registry.tags(repository))).toHaveLength(1)
  })

  test('a new branch uses that of the default branch for every step, and writes a separate one', async () => {
    await build.prune(image())
    const third = await build.run('feature/new', {inputs: inputs(), env: env()})
    expect(third.failure?.evidence).toBeUndefined()
    expect(warningsIn(third)).toEqual([])
    expect(Object.values(stepResults(third)).filter((end) => end !== 'CACHED')).toEqual([])
    expect(await layers(repository, 'feature-new')).toEqual(await layers(repository, 'master'))
    expect([...cacheTags(await registry.tags(repository))].sort()).toEqual([
      expect.stringMatching(/^buildcache-feature-new-amd64-/),
      expect.stringMatching(/^buildcache-master-amd64-/),
    ])
  })
})

/** Answers only requests of BuildKit. */
function toBuildKit(answer: Respond): Respond {
  return async (request) => (request.headers['user-agent'] === 'tagboat' ? undefined : answer(request))
}

function isWrite({method}: RelayedRequest): boolean {
  return ['POST', 'PUT', 'PATCH'].includes(method)
}

describe('a broken cache does not fail a run', () => {
  interface Row {
    readonly name: string
    readonly repository: string
    readonly respond: Respond
    readonly warning: RegExp
    readonly isHasty?: boolean
  }
  const rows: readonly Row[] = [
    {
      name: 'the registry denies the export',
      repository: 'denied/app',
      respond: toBuildKit((request) => (isWrite(request) ? registryError(403, 'DENIED', 'no cache here') : undefined)),
      warning: /^Cache not saved \(.*403 Forbidden.*\): the next build will be slower$/,
    },
    {
      name: 'reads and writes fail in the registry',
      repository: 'ill/app',
      respond: toBuildKit(() => registryError(500, 'UNKNOWN', 'ill')),
      warning: /^Cache not saved \(.*500 Internal Server Error.*\): the next build will be slower$/,
    },
    {
      name: 'the export gets no answer',
      repository: 'stuck/app',
      respond: toBuildKit(async (request) => (isWrite(request) ? new Promise(() => undefined) : undefined)),
      warning: /^Cache not saved \(no response for 10 minutes\): the next build will be slower$/,
      isHasty: true,
    },
  ]

  test.each(rows)('$name', async ({repository, respond, warning, isHasty = false}) => {
    await using build = await createCachedBuild()
    await using relay: Relay = await startRelay(registry.host, respond)
    const result = await build.run('master', {
      inputs: inputsFor(relay.host, repository),
      ...(isHasty && {timer: shortTimer}),
    })
    expect(result.failure?.evidence).toBeUndefined()
    expect(warningsIn(result)).toEqual([expect.stringMatching(warning)])
    expect(await registry.tags(repository)).toContain('master')
    expect((await registry.manifest(repository, 'master'))?.digest).toBe(result.outputs.get('digest'))
  })

  test.each([
    {
      name: 'its manifest cannot be read',
      isRefused: (path: string): boolean => path.includes('/manifests/'),
      answer: registryError(500, 'UNKNOWN', 'ill'),
      warnings: [expect.stringMatching(/^Cache not read \(.*500 Internal Server Error.*\): this build was slower$/)],
    },
    {
      name: 'its layers are missing',
      isRefused: (path: string, config: string): boolean => path.includes('/blobs/') && !path.includes(config),
      answer: registryError(404, 'BLOB_UNKNOWN', 'gone'),
      warnings: [expect.stringMatching(/^Cache not saved \(.*\): the next build will be slower$/)],
    },
  ])('$name', async ({name, isRefused, answer, warnings}) => {
    await using build = await createCachedBuild()
    const repository = `lost/${name.includes('layers') ? 'layers' : 'manifest'}`
    const known = {config: ''}
    await using relay = await startRelay(
      registry.host,
      toBuildKit(({method, path}) =>
        known.config !== '' && method === 'GET' && isRefused(path, known.config) ? answer : undefined,
      ),
    )
    const first = await build.run('master', {inputs: inputsFor(relay.host, repository)})
    expect(first.failure?.evidence).toBeUndefined()
    const [tag = ''] = cacheTags(await registry.tags(repository))
    const cache = (await registry.manifest(repository, tag))?.json as {readonly config: {readonly digest: string}}
    known.config = cache.config.digest
    await build.prune()
    const second = await build.run('master', {inputs: inputsFor(relay.host, repository)})
    expect(second.failure?.evidence).toBeUndefined()
    expect((await registry.manifest(repository, 'master'))?.digest).toBe(second.outputs.get('digest'))
    expect(warningsIn(second)).toEqual(warnings)
  })

  test('an Actions cache without an answer', async () => {
    await using build = await createCachedBuild()
    await using silent = await startRelay(undefined, async () => new Promise(() => undefined))
    const result = await build.run('master', {
      inputs: {...inputsFor(registry.host, 'silent/app'), cache: 'gha'},
      env: {ACTIONS_CACHE_URL: `http://${silent.host}/`, ACTIONS_RUNTIME_TOKEN: 'none'},
    })
    expect(result.failure?.evidence).toBeUndefined()
    expect(warningsIn(result)).toEqual([expect.stringContaining(`${silent.host} within 15 s`)])
    expect(await registry.tags('silent/app')).toContain('master')
    expect(silent.requests.map(({headers}) => headers['user-agent'])).toEqual(['tagboat'])
  })

  test('the token of the Actions cache is invalid', async () => {
    await using build = await createCachedBuild()
    const result = await build.run('master', {
      inputs: {...inputsFor(registry.host, 'token/app'), cache: 'gha'},
      env: {ACTIONS_CACHE_URL: 'http://127.0.0.1:1/', ACTIONS_RUNTIME_TOKEN: 'none'},
    })
    expect(result.failure?.evidence).toBeUndefined()
    expect(warningsIn(result)).toEqual([
      expect.stringMatching(/^Cache not saved \(failed to configure gha cache exporter: .*\): the next build/),
    ])
    expect(await registry.tags('token/app')).toContain('master')
  })
})
