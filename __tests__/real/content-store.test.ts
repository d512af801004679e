import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {chmod, lstat, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {docker, engineAddress, pluginDirectory, programPath} from '../../testing/docker.ts'
import {readIndex} from '../../testing/image.ts'
import {prepareNewImage, publishNewImage, type NewImage} from '../../testing/new-image.ts'
import {processesWith} from '../../testing/process-watch.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay} from '../../testing/relay.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import type {Step, StepResult} from '../../testing/runner.ts'
import {makeStandIn, type StandIn} from '../../testing/stand-in-builder.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Random, so that it is as large in a registry. */
const layerBytes = 24 * 1024 * 1024
const exported = '--output type=oci'
let first: Registry
let second: Registry
let workspace: Workspace
let remote: RemoteBuilder

beforeAll(async () => {
  ;[first, second, workspace, remote] = await Promise.all([
    startRegistry(),
    startRegistry(),
    workspaceOf({
      Dockerfile: ['FROM scratch', 'COPY large /large', 'ARG NONCE', 'LABEL nonce=$NONCE'],
      'derived.Dockerfile': ['ARG BASE', 'FROM $BASE', 'ARG NONCE', 'LABEL derived=$NONCE'],
      large: '',
    }),
    startRemoteBuilder('content'),
  ])
  await writeFile(path.join(workspace.directory, 'large'), randomBytes(layerBytes))
})

afterAll(async () => {
  await Promise.all([first.stop(), second.stop(), workspace[Symbol.asyncDispose](), remote[Symbol.asyncDispose]()])
})

type Publication = Omit<NewImage, 'workspace'>

const prepare = async (publication: Publication): Promise<Step> =>
  prepareNewImage({...publication, workspace: workspace.directory})
const publish = async (publication: Publication): Promise<StepResult> =>
  publishNewImage({...publication, workspace: workspace.directory})

/** Largest size of all files of a directory together, until the promise settles. */
async function largestSize(directory: string, until: Promise<unknown>): Promise<number> {
  const ended = until.then(
    () => true,
    () => true,
  )
  let largest = 0
  while (!(await Promise.race([ended, sleep(5, false)]))) largest = Math.max(largest, await sizeOf(directory))
  return largest
}

async function sizeOf(directory: string): Promise<number> {
  const names = await readdir(directory, {recursive: true}).catch(() => [])
  const sizeOfFile = async (name: string): Promise<number> => {
    const found = await lstat(path.join(directory, name)).catch(() => undefined)
    return found?.isFile() === true ? found.size : 0
  }
  return (await Promise.all(names.map(sizeOfFile))).reduce((sum, size) => sum + size, 0)
}

/** Digest and layer of the published image. */
async function published(
  registry: Registry,
  repository: string,
): Promise<{readonly digest: string; readonly layer: string}> {
  const index = await registry.manifest(repository, '1.2.3')
  const {manifests} = await readIndex({registry, repository, reference: '1.2.3'})
  const image = await registry.manifest(repository, manifests[0]?.digest ?? '')
  const {layers} = image?.json as {readonly layers: readonly {readonly digest: string}[]}
  return {digest: index?.digest ?? '', layer: layers[0]?.digest ?? ''}
}

async function isInEngine(digest: string): Promise<boolean> {
  return docker(['image', 'inspect', digest]).then(
    () => true,
    () => false,
  )
}

describe('a publication by the default builder', () => {
  test('writes nothing large to the runner, and leaves no image in the engine', async () => {
    await using step = await prepare({images: [`${first.host}/engine/app`]})
    const running = step.main()
    const size = await largestSize(step.temp, running)
    const {exitCode, log, outputs} = await running
    expect({exitCode, log}).toEqual({exitCode: 0, log: expect.not.stringContaining(exported) as unknown})
    expect(size).toBeGreaterThan(0)
    expect(size).toBeLessThan(1024 * 1024)
    const {digest, layer} = await published(first, 'engine/app')
    expect(outputs.get('digest')).toBe(digest)
    expect(await first.blob('engine/app', layer)).toHaveProperty('byteLength')
    expect((await first.blob('engine/app', layer)).byteLength).toBeGreaterThan(layerBytes)
    expect(await isInEngine(digest)).toBe(false)
    await step.post()
  })

  test('has its attestation', async () => {
    await publish({images: [`${first.host}/engine/attested`], inputs: {provenance: '', platforms: ''}})
    const {manifests} = await readIndex({registry: first, repository: 'engine/attested', reference: '1.2.3'})
    expect(manifests.map(({platform}) => platform?.os)).toEqual(['linux', 'unknown'])
    const statement = await first.manifest('engine/attested', manifests[1]?.digest ?? '')
    const {layers} = statement?.json as {readonly layers: readonly {readonly digest: string}[]}
    const bytes = await first.blob('engine/attested', layers[0]?.digest ?? '')
    expect(JSON.parse(bytes.toString())).toMatchObject({
      predicateType: expect.stringContaining('slsa.dev/provenance') as unknown,
      subject: expect.arrayContaining([
        {
          name: `pkg:docker/${first.host}/engine/attested@1.2.3?platform=linux%2Famd64`,
          digest: {sha256: manifests[0]?.digest.slice('sha256:'.length)},
        },
      ]) as unknown,
    })
  })

  test('leaves no image in the engine when a gate fails', async () => {
    await using step = await prepare({
      images: [`${first.host}/engine/gated`],
      inputs: {test: 'echo "staged ${IMAGE##*@}"; exit 3'},
    })
    const {exitCode, log} = await step.run()
    expect(exitCode).toBe(1)
    const [, digest = ''] = /staged (sha256:[0-9a-f]{64})/.exec(log) ?? []
    expect(digest).not.toBe('')
    expect(await isInEngine(digest)).toBe(false)
  })

  test('ends the push of an image whose build fails after it was exported', async () => {
    const [begun, failed] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    await using slow = await startRelay(first.host, async ({method}) => {
      if (method !== 'PUT') return undefined
      begun.resolve(undefined)
      await failed.promise
      return undefined
    })
    // BuildKit writes the cache after it has exported the image.
    await using cache = await startRelay(first.host, async ({headers}) => {
      if (headers['user-agent'] === 'tagboat') return undefined
      await begun.promise
      return registryError(403, 'DENIED', 'no cache')
    })
    await using step = await prepare({
      images: [`${slow.host}/engine/uncached`],
      inputs: {'cache-to': `type=registry,ref=${cache.host}/no/cache`},
    })
    const running = step.main()
    const ended = (): void => {
      failed.resolve(undefined)
    }
    step.printed(new RegExp(`ERROR.*${cache.host}`)).then(ended, ended)
    const {exitCode, log} = await running
    expect({exitCode, log}).toEqual({exitCode: 1, log: expect.stringContaining('[build-failed]') as unknown})
    expect(slow.requests.some(({method}) => method === 'PUT')).toBe(true)
    expect(await first.tags('engine/uncached')).toEqual([])
    await step.post()
  })

  test('leaves no image, process or file when it is killed while it pushes', async () => {
    await using slow = await startRelay(first.host, async ({method}) => {
      if (method === 'PUT') await sleep(60_000, undefined, {ref: false})
      return undefined
    })
    await using step = await prepare({images: [`${slow.host}/engine/killed`]})
    const running = step.main()
    await step.printed(/exporting manifest list sha256:[0-9a-f]{64}/)
    while (!slow.requests.some(({method}) => method === 'PUT')) await sleep(10)
    step.kill('SIGKILL')
    const {log} = await running
    const {exitCode} = await step.post()
    expect(exitCode).toBe(0)
    const [, digest = ''] = /exporting manifest list (sha256:[0-9a-f]{64})/.exec(log) ?? []
    expect(await isInEngine(digest)).toBe(false)
    expect(processesWith(step.directory)).toEqual([])
    expect(await sizeOf(step.temp)).toBe(0)
  })

  test('exports an image with a layer by reference', async () => {
    await publish({images: [`${first.host}/engine/base`]})
    const base = `BASE=${first.host}/engine/base:1.2.3`
    const inputs = {
      file: path.join(workspace.directory, 'derived.Dockerfile'),
      'build-args': `${base}\nNONCE=${randomBytes(6).toString('hex')}`,
    }
    await publish({images: [`${second.host}/engine/derived`], inputs: {...inputs, pull: 'true'}})
    const {layer} = await published(second, 'engine/derived')
    expect((await second.blob('engine/derived', layer)).byteLength).toBeGreaterThan(layerBytes)
  })
})

describe('a publication by a remote builder', () => {
  const env = (): Readonly<Record<string, string>> => ({DOCKER_CONFIG: remote.config})
  const named = {builder: 'content'}

  test('reads the layer once for each registry that lacks it, and not again', async () => {
    const [endpoint] = remote.endpoints
    if (endpoint === undefined) throw new Error('a builder without an endpoint')
    const images = [`${first.host}/remote/app`, `${second.host}/remote/app`]
    await publish({images, inputs: named, env: env()})
    const {layer} = await published(first, 'remote/app')
    expect(await published(second, 'remote/app')).toMatchObject({layer})
    expect(endpoint.reads().filter((digest) => digest === layer)).not.toEqual([])
    const before = endpoint.reads().length
    const again = await publish({images, inputs: {...named, tags: '1.2.4'}, env: env()})
    const reads = endpoint.reads().slice(before)
    expect(reads).toContain(again.outputs.get('digest'))
    expect(reads).not.toContain(layer)
  })

  test('pushes a layer by reference itself', async () => {
    await publish({images: [`${first.host}/remote/base`], inputs: named, env: env()})
    const base = `BASE=${first.host}/remote/base:1.2.3`
    const inputs = {
      file: path.join(workspace.directory, 'derived.Dockerfile'),
      'build-args': `${base}\nNONCE=${randomBytes(6).toString('hex')}`,
    }
    await publish({images: [`${second.host}/remote/derived`], inputs: {...named, ...inputs, pull: 'true'}, env: env()})
    const {layer} = await published(second, 'remote/derived')
    expect((await second.blob('remote/derived', layer)).byteLength).toBeGreaterThan(layerBytes)
  })
})

describe('a builder in a container', () => {
  let standIn: StandIn
  let programs: Workspace

  beforeAll(async () => {
    standIn = await makeStandIn()
    // As Buildx before 0.13.
    const refusal = 'echo "ERROR: unknown command dial-stdio" >&2; exit 1'
    const lines = ['#!/bin/sh', `[ "$2" = dial-stdio ] && { ${refusal}; }`, `exec ${await programPath('docker')} "$@"`]
    programs = await workspaceOf({docker: lines})
    await chmod(path.join(programs.directory, 'docker'), 0o755)
  })

  afterAll(async () => {
    await Promise.all([standIn[Symbol.asyncDispose](), programs[Symbol.asyncDispose]()])
  })

  const inputs = (): Readonly<Record<string, string>> => ({
    driver: 'docker-container',
    'driver-opts': standIn.driverOpts,
    platforms: '',
  })

  test('is read through Buildx', async () => {
    const env = {DOCKER_CONFIG: standIn.config}
    await using step = await prepare({images: [`${first.host}/container/app`], inputs: inputs(), env})
    const {exitCode, log, outputs} = await step.run()
    expect({exitCode, log}).toEqual({exitCode: 0, log: expect.not.stringContaining('push=true') as unknown})
    expect((await first.manifest('container/app', '1.2.3'))?.digest).toBe(outputs.get('digest'))
    expect(processesWith(step.directory)).toEqual([])
  })

  test('pushes by itself if Buildx cannot connect', async () => {
    const env = {DOCKER_CONFIG: standIn.config, PATH: `${programs.directory}:${process.env['PATH'] ?? ''}`}
    const {log, outputs} = await publish({images: [`${first.host}/container/refused`], inputs: inputs(), env})
    expect(log).toContain('push=true')
    expect((await first.manifest('container/refused', '1.2.3'))?.digest).toBe(outputs.get('digest'))
  })
})

test('the engine of another Docker context is read', async () => {
  const config = await mkdtemp(path.join(tmpdir(), 'tagboat-context-'))
  await writeFile(path.join(config, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [await pluginDirectory()]}))
  await docker(['context', 'create', 'here', '--docker', `host=${await engineAddress()}`], config)
  const env = {DOCKER_CONFIG: config, DOCKER_CONTEXT: 'here', DOCKER_HOST: ''}
  const {log} = await publish({images: [`${first.host}/context/app`], env})
  expect(log).toContain('Builder: here (docker)')
  expect(log).not.toContain(exported)
  await rm(config, {recursive: true})
})
