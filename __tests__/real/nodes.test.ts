import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {expectFailure} from '../../testing/failure.ts'
import {readIndex} from '../../testing/image.ts'
import {processesWith} from '../../testing/process-watch.ts'
import {stepOn} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder, type RemoteBuilder, type RemoteNode} from '../../testing/remote-builder.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import type {Step, StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/*
 * Both nodes are endpoints of one engine, which record their solves, so that the node of a platform is known. Images are
 * pushed by each build, so that separate engines would not make a difference.
 */

const login = {username: 'robot', password: 'a-fair-wind'}
const tagNames = ['1', '1.2', '1.2.3', 'latest', 'sha-aaaaaaa']
let registry: Registry
let other: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, other, workspace] = await Promise.all([
    startRegistry({login}),
    startRegistry(),
    workspaceOf({
      Dockerfile: ['FROM scratch', 'ARG NONCE', 'COPY Dockerfile /Dockerfile'],
      'slow.Dockerfile': [...shellDockerfile, 'ARG NONCE', 'RUN echo under way on $TARGETARCH; sleep 60'],
      'half.Dockerfile': [
        ...shellDockerfile,
        'ARG NONCE',
        'RUN if [ $TARGETARCH = arm64 ]; then sleep 3; echo no luck; exit 7; fi; echo under way; sleep 60',
      ],
    }),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), other.stop(), workspace[Symbol.asyncDispose]()])
})

interface Publication {
  readonly builder: RemoteBuilder
  readonly repository: string
  readonly inputs?: Readonly<Record<string, string>>
  readonly event?: string
}

async function prepare({builder, repository, inputs = {}}: Publication): Promise<Step> {
  return stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: '100'},
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

/** Platforms of the nodes, in an order that differs from that of Buildx. */
const crossed: readonly RemoteNode[] = [{platforms: 'linux/arm64'}, {platforms: 'linux/amd64'}]

describe('two nodes', () => {
  let builder: RemoteBuilder
  let result: StepResult
  let digest: string

  beforeAll(async () => {
    builder = await startRemoteBuilder('pair', crossed)
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

describe('two nodes without configured platforms', () => {
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
    await using builder = await startRemoteBuilder('half', crossed)
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
    await using builder = await startRemoteBuilder('pair', crossed)
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
    expect(performance.now() - start).toBeLessThan(5000)
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
