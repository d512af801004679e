import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {docker} from '../../testing/docker.ts'
import {expectFailure} from '../../testing/failure.ts'
import {readFiles, readIndex} from '../../testing/image.ts'
import {processesWith} from '../../testing/process-watch.ts'
import {promptEndMs} from '../../testing/prompt-end.ts'
import {stepOn, type Push} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder, type RemoteNode} from '../../testing/remote-builder.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import type {Step, StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {startSecondEngine, type SecondEngine} from '../../testing/second-engine.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/*
 * The nodes of a builder are separate engines, unless a test says otherwise. Their endpoints record the solves, so that the
 * node of a platform is known.
 */

const login = {username: 'robot', password: 'a-fair-wind'}
const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-aaaaaaa']
const secondNetwork = '198.18.0'
/** Name of a file that no other test has, so that its steps can be removed from the cache of a shared engine. */
const addressFile = `address-${randomBytes(8).toString('hex')}`
let registry: Registry
let other: Registry
let second: SecondEngine
let workspace: Workspace

beforeAll(async () => {
  ;[registry, other, second, workspace] = await Promise.all([
    startRegistry({login}),
    startRegistry(),
    startSecondEngine({imageStore: 'containerd', network: secondNetwork}),
    workspaceOf({
      Dockerfile: ['FROM scratch', 'ARG NONCE', 'COPY Dockerfile /Dockerfile'],
      'slow.Dockerfile': [...shellDockerfile, 'ARG NONCE', 'RUN echo under way on $TARGETARCH; sleep 60'],
      'half.Dockerfile': [
        ...shellDockerfile,
        'ARG NONCE',
        'RUN if [ $TARGETARCH = arm64 ]; then sleep 3; echo no luck; exit 7; fi; echo under way; sleep 60',
      ],
      'address.Dockerfile': [
        ...shellDockerfile,
        `RUN ip -4 -o address show dev eth0 >/${addressFile}`,
        `RUN cat /proc/sys/kernel/random/uuid >>/${addressFile}`,
        'FROM scratch',
        `COPY --from=shell /${addressFile} /`,
      ],
    }),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), other.stop(), second[Symbol.asyncDispose](), workspace[Symbol.asyncDispose]()])
})

interface Publication {
  readonly builder: RemoteBuilder
  readonly repository: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly push?: Partial<Push>
}

async function prepare({builder, repository, inputs = {}, push}: Publication): Promise<Step> {
  return stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '100', ...push},
    {
      workspace: workspace.directory,
      inputs: {
        ...publishTo(registry.host, login),
        images: `${registry.host}/${repository}\n${other.host}/${repository}`,
        builder: builder.name,
        platforms: 'linux/amd64,linux/arm64',
        ...inputs,
      },
      env: {DOCKER_CONFIG: builder.config},
    },
  )
}

async function publish(publication: Publication): Promise<StepResult> {
  await using step = await prepare(publication)
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

/** Two nodes on two engines. Their platforms are in an order that differs from that of Buildx. */
function crossed(): readonly RemoteNode[] {
  return [{platforms: 'linux/arm64', engine: second.address}, {platforms: 'linux/amd64'}]
}

describe('two nodes', () => {
  let builder: RemoteBuilder
  let result: StepResult
  let digest: string

  beforeAll(async () => {
    builder = await startRemoteBuilder('pair', crossed())
    result = await publish({
      builder,
      repository: 'pair/app',
      inputs: {'annotation-levels': 'manifest,index,manifest-descriptor', annotations: 'org.example.team=sea'},
    })
    digest = result.outputs.get('digest') ?? 'no digest'
  })

  afterAll(async () => {
    await builder[Symbol.asyncDispose]()
  })

  test('build one platform each, and publish one digest with all tags in both registries', async () => {
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(builder.endpoints.map((endpoint) => endpoint.solves())).toEqual([['linux/arm64'], ['linux/amd64']])
    expect(result.log).toContain('"pair": linux/arm64 → pair0; linux/amd64 → pair1')
    expect(await headsOf(registry, 'pair/app')).toEqual(all(digest))
    expect(await headsOf(other, 'pair/app')).toEqual(all(digest))
  })

  test('create one index with both images, their attestations and the requested annotations', async () => {
    const index = await readIndex({registry, repository: 'pair/app', reference: digest})
    const [amd64, arm64, ...attestations] = index.manifests
    expect([amd64, arm64].map((one) => `${one?.platform?.os ?? ''}/${one?.platform?.architecture ?? ''}`)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ])
    expect(attestations.map(({annotations}) => annotations?.['vnd.docker.reference.digest'])).toEqual([
      amd64?.digest,
      arm64?.digest,
    ])
    expect(index.annotations).toMatchObject({'org.example.team': 'sea', 'org.opencontainers.image.version': '1.2.3'})
    expect([amd64, arm64].map((one) => one?.annotations?.['org.example.team'])).toEqual(['sea', 'sea'])
  })

  test('are reported as one build, with the platform in each line of the log', () => {
    expect(Object.keys(JSON.parse(result.outputs.get('digests') ?? '') as object)).toEqual([
      'linux/amd64',
      'linux/arm64',
    ])
    expect(result.outputs.get('imageid')).toBe(digest)
    const metadata = JSON.parse(result.outputs.get('metadata') ?? '') as Readonly<Record<string, unknown>>
    expect(metadata).toMatchObject({
      'containerimage.digest': digest,
      'containerimage.descriptor': {digest, mediaType: 'application/vnd.oci.image.index.v1+json'},
      'buildx.build.ref/linux/amd64': expect.stringMatching(/^pair\/pair1\//) as unknown,
      'buildx.build.ref/linux/arm64': expect.stringMatching(/^pair\/pair0\//) as unknown,
    })
    expect(result.log.match(/^::group::docker buildx build$/gm)).toHaveLength(1)
    const lines = result.log.split('\n').filter((line) => /#\d+ /.test(line))
    expect(lines.filter((line) => !/^\[linux\/(?:amd64|arm64)\] #/.test(line))).toEqual([])
    expect(result.summary).toContain('`pair` (driver remote)')
  })

  test('tag nothing before the index is complete: the next run finds the release, and builds nothing', async () => {
    const requests = await registry.requests()
    const puts = requests.flatMap(({method, path}) => {
      const name = /^\/v2\/pair\/app\/manifests\/(.+)$/.exec(path)?.[1]
      return method === 'PUT' && name !== undefined ? [name] : []
    })
    expect(puts.slice(-tagNames.length).sort()).toEqual(tagNames)
    expect(puts.slice(0, -tagNames.length).filter((name) => !name.startsWith('sha256:'))).toEqual([])
    const again = await publish({builder, repository: 'pair/app'})
    expect(again.exitCode).toBe(0)
    expect(again.log).not.toContain('::group::docker buildx build')
    expect(again.outputs.get('digest')).toBe(digest)
  })

  test('a platform of only one node results in an ordinary build', async () => {
    const alone = await publish({builder, repository: 'pair/alone', inputs: {platforms: 'linux/amd64'}})
    expect(errorsIn(alone.log)).toEqual([])
    expect(alone.log).toContain('"pair": linux/amd64 → pair1')
    expect(alone.log).toMatch(/^#\d+ /m)
    expect(await headsOf(registry, 'pair/alone')).toEqual(all(alone.outputs.get('digest')))
  })

  test('without a push, each platform is built on its node, too', async () => {
    const quiet = await publish({builder, repository: 'pair/quiet', inputs: {push: 'false'}})
    expect(errorsIn(quiet.log)).toEqual([])
    expect(quiet.exitCode).toBe(0)
    expect(quiet.log).toContain('"pair": linux/arm64 → pair0; linux/amd64 → pair1')
    expect(await registry.tags('pair/quiet')).toEqual([])
    expect(quiet.outputs.get('digest')).toBe('')
  })

  test('an output that requires the complete image is refused before the build', async () => {
    const refused = await publish({
      builder,
      repository: 'pair/refused',
      inputs: {outputs: 'type=oci,dest=image.tar\ntype=cacheonly'},
    })
    expectFailure(refused, {
      code: 'builder-unsuited',
      values: ['outputs: type=oci,dest=image.tar'],
      remedy: '`type=local` and `type=cacheonly`',
    })
  })
})

describe('two nodes on two engines', () => {
  let builder: RemoteBuilder
  let result: StepResult

  beforeAll(async () => {
    builder = await startRemoteBuilder('apart', crossed())
    result = await publishAddress('apart/app')
  })

  afterAll(async () => {
    await Promise.all([builder[Symbol.asyncDispose](), forget(), forget(second)])
  })

  async function publishAddress(repository: string, push: Partial<Push> = {}): Promise<StepResult> {
    const file = {file: 'address.Dockerfile', 'build-contexts': shellContext()}
    return publish({builder, repository, push, inputs: {...file, cache: 'registry'}})
  }

  test('build each platform in the network of its own engine', async () => {
    expect(errorsIn(result.log)).toEqual([])
    const address = await addresses('apart/app')
    expect(address.get('linux/arm64')).toContain(`inet ${secondNetwork}.`)
    expect(address.get('linux/amd64')).toMatch(/inet \d/)
    expect(address.get('linux/amd64')).not.toContain(secondNetwork)
    expect(await headsOf(registry, 'apart/app')).toMatchObject(all(result.outputs.get('digest')))
    expect(await headsOf(other, 'apart/app')).toEqual(all(result.outputs.get('digest')))
  })

  test('each have the record of their own build only', async () => {
    const metadata = JSON.parse(result.outputs.get('metadata') ?? '') as Readonly<Record<string, string>>
    const ids = ['arm64', 'amd64'].map((name) => metadata[`buildx.build.ref/linux/${name}`]?.split('/').at(-1) ?? '')
    const records = await Promise.all([recordsOf(second), recordsOf()])
    expect(records.map((known) => ids.map((id) => known.includes(id)))).toEqual([
      [true, false],
      [false, true],
    ])
  })

  test('write a cache for each node, from which both build the next version without their own one', async () => {
    const tags = async (): Promise<readonly string[]> =>
      (await registry.tags('apart/app')).filter((tag) => tag.startsWith('buildcache-')).sort()
    const caches = [expect.stringMatching(/-amd64-[0-9a-f]{7}$/), expect.stringMatching(/-arm64-[0-9a-f]{7}$/)]
    expect(await tags()).toEqual(caches)
    const before = await addresses('apart/app')
    await Promise.all([forget(), forget(second)])
    const next = await publishAddress('apart/app', {ref: 'refs/tags/v1.3.0', sha: 'b'.repeat(40), runId: '101'})
    expect(errorsIn(next.log)).toEqual([])
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      expect(stepEnds(next.log, platform)).toEqual(Array.from({length: 5}, () => 'CACHED'))
    }
    expect(await addresses('apart/app', '1.3.0')).toEqual(before)
    expect(await tags()).toEqual(caches)
  })

  test('the test can remove the steps from both engines', async () => {
    await Promise.all([forget(), forget(second)])
    const before = await addresses('apart/app')
    await publishAddress('apart/afresh')
    const after = await addresses('apart/afresh')
    for (const [platform, text] of after) expect(text).not.toBe(before.get(platform))
  })
})

/** Content of the file that a step has written, by platform. */
async function addresses(repository: string, reference = '1.2.3'): Promise<ReadonlyMap<string, string>> {
  const {manifests} = await readIndex({registry, repository, reference})
  const images = manifests.filter(({platform}) => platform?.os === 'linux')
  const files = await Promise.all(images.map(async ({digest}) => readFiles({registry, repository, reference: digest})))
  return new Map(
    images.map(({platform}, index) => [
      `linux/${platform?.architecture ?? ''}`,
      files[index]?.get(addressFile) ?? 'no file',
    ]),
  )
}

/** IDs of the build records of an engine. */
async function recordsOf(engine?: SecondEngine): Promise<readonly string[]> {
  const list = await onEngine(['buildx', 'history', 'ls', '--format', '{{.Ref}}', '--no-trunc'], engine)
  return list
    .trim()
    .split('\n')
    .map((ref) => ref.split('/').at(-1) ?? '')
}

/** Removes the steps that write the address from the cache of an engine, and the images, which keep them. */
async function forget(engine?: SecondEngine): Promise<void> {
  const names = ['app', 'afresh'].flatMap((name) => [registry, other].map(({host}) => `${host}/apart/${name}`))
  const listed = await onEngine(
    ['image', 'ls', '--quiet', ...names.flatMap((name) => ['--filter', `reference=${name}`])],
    engine,
  )
  const ids = [...new Set(listed.split('\n').filter((id) => id !== ''))]
  if (ids.length > 0) await onEngine(['image', 'rm', '--force', ...ids], engine)
  await onEngine(['buildx', 'prune', '--force', '--filter', `description~=${addressFile}`], engine)
}

async function onEngine(args: readonly string[], engine?: SecondEngine): Promise<string> {
  return engine === undefined ? docker(args) : docker(args, engine.config, {DOCKER_HOST: engine.address})
}

/** Results of the steps of the Dockerfile on the node of a platform, in order: `CACHED` or `DONE`. */
function stepEnds(log: string, platform: string): readonly string[] {
  const lines = log
    .split('\n')
    .flatMap((line) => (line.startsWith(`[${platform}] `) ? [line.slice(platform.length + 3)] : []))
  const numbers = lines.flatMap((line) => /^#(\d+) \[[^\]]*\d+\/\d+\] /.exec(line)?.[1] ?? [])
  return [...new Set(numbers)].flatMap((number) => {
    const ends = lines.flatMap((line) => new RegExp(`^#${number} (CACHED|DONE)`).exec(line)?.[1] ?? [])
    return ends.slice(0, 1)
  })
}

describe('two nodes on one engine, without configured platforms', () => {
  test('build both platforms on the first, as one ordinary build', async () => {
    await using builder = await startRemoteBuilder('twins', [{}, {}])
    const result = await publish({builder, repository: 'twins/app'})
    expect(errorsIn(result.log)).toEqual([])
    expect(builder.endpoints.map((endpoint) => endpoint.solves())).toEqual([['linux/amd64,linux/arm64'], []])
    expect(await headsOf(other, 'twins/app')).toEqual(all(result.outputs.get('digest')))
  })
})

describe('two nodes, one of which fails', () => {
  test('end at once, with the error of the failed build', async () => {
    await using builder = await startRemoteBuilder('half', crossed())
    await using step = await prepare({
      builder,
      repository: 'half/app',
      inputs: {file: 'half.Dockerfile', 'build-contexts': shellContext(), 'build-args': nonce()},
    })
    const start = performance.now()
    const result = await step.run()
    expectFailure(result, {
      code: 'build-failed',
      values: ['no luck', 'on the node "half0"', 'for linux/arm64'],
    })
    expect(result.log).toContain('[linux/amd64] ')
    // The step on the other node sleeps for a minute.
    expect(performance.now() - start).toBeLessThan(45_000)
    expect(processesWith(step.directory)).toEqual([])
    expect([...(await registry.tags('half/app')), ...(await other.tags('half/app'))]).toEqual([])
  })
})

describe('two nodes, cancelled', () => {
  test('SIGTERM ends both builds', async () => {
    await using builder = await startRemoteBuilder('pair', crossed())
    await using step = await prepare({
      builder,
      repository: 'ended/app',
      inputs: {file: 'slow.Dockerfile', 'build-contexts': shellContext(), 'build-args': nonce()},
    })
    const main = step.main()
    await Promise.all([step.printed(/under way on amd64$/m), step.printed(/under way on arm64$/m)])
    const start = performance.now()
    step.kill('SIGTERM')
    const result = await main
    expect(performance.now() - start).toBeLessThan(promptEndMs)
    expectFailure(result, {code: 'cancelled', values: []})
    expect(processesWith(step.directory)).toEqual([])
    expect((await step.post()).exitCode).toBe(0)
    expect(await registry.tags('ended/app')).toEqual([])
  })
})

describe('one remote node', () => {
  test('is an ordinary build of both platforms', async () => {
    await using builder = await startRemoteBuilder('single')
    const result = await publish({builder, repository: 'single/app'})
    expect(errorsIn(result.log)).toEqual([])
    expect(result.log).not.toContain('→ single0')
    expect(builder.endpoints.map((endpoint) => endpoint.solves())).toEqual([['linux/amd64,linux/arm64']])
    expect(await headsOf(registry, 'single/app')).toEqual(all(result.outputs.get('digest')))
  })
})

/** Unique text, so that no step is in the cache. */
function nonce(): string {
  return `NONCE=${randomBytes(8).toString('hex')}`
}
