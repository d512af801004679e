import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {readIndex} from '../../testing/image.ts'
import {prepareNewImage, publishNewImage, type NewImage} from '../../testing/new-image.ts'
import {processesWith} from '../../testing/process-watch.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {registryError, startRelay, type RelayedRequest} from '../../testing/relay.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import type {StepResult} from '../../testing/runner.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Size above the limit of the runner. Random, so that it is as large in a registry. */
const layerBytes = 65 * 1024 * 1024
const lines = ['FROM scratch', 'COPY large /large', 'COPY small /small', 'ARG NONCE', 'LABEL nonce=$NONCE']
let workspace: Workspace
let remote: RemoteBuilder

beforeAll(async () => {
  ;[workspace, remote] = await Promise.all([
    workspaceOf({Dockerfile: lines, large: '', small: 'a small layer'}),
    startRemoteBuilder('large'),
  ])
  await writeFile(path.join(workspace.directory, 'large'), randomBytes(layerBytes))
})

afterAll(async () => {
  await Promise.all([workspace[Symbol.asyncDispose](), remote[Symbol.asyncDispose]()])
})

type Given = Pick<NewImage, 'inputs' | 'env'>

function newImage(hosts: readonly string[], given: Given = {}): NewImage {
  return {...given, workspace: workspace.directory, images: hosts.map((host) => `${host}/team/app`)}
}

/** Size of the layer behind the tag, whose digest is checked. */
async function publishedLayer(registry: Registry, {outputs}: StepResult): Promise<number> {
  expect(await registry.tags('team/app')).toEqual(['1.2.3'])
  expect((await registry.manifest('team/app', '1.2.3'))?.digest).toBe(outputs.get('digest'))
  const {manifests} = await readIndex({registry, repository: 'team/app', reference: '1.2.3'})
  const image = await registry.manifest('team/app', manifests[0]?.digest ?? '')
  const {layers} = image?.json as {readonly layers: readonly {readonly digest: string}[]}
  return (await registry.blob('team/app', layers[0]?.digest ?? '')).byteLength
}

/** Size of the largest blob that Tagboat, or the builder, sent with success or without. */
function largest(requests: readonly RelayedRequest[], sender: 'tagboat' | 'builder'): number {
  const uploads = requests.filter((one) => one.method === 'PUT' && isOfBuilder(one) === (sender === 'builder'))
  return Math.max(0, ...uploads.map(({headers}) => Number(headers['content-length'] ?? 0)))
}

function isOfBuilder({headers}: RelayedRequest): boolean {
  return headers['user-agent'] !== 'tagboat' && !(headers['user-agent'] ?? '').startsWith('Docker-Client')
}

describe.each([
  {name: 'the default builder', given: (): Given => ({})},
  {
    name: 'a remote builder',
    given: (): Given => ({inputs: {builder: 'large'}, env: {DOCKER_CONFIG: remote.config}}),
  },
])('a large layer of $name', ({given}) => {
  test('does not pass through the runner', async () => {
    await using registry = await startRegistry()
    await using relay = await startRelay(registry.host, () => undefined)
    const result = await publishNewImage(newImage([relay.host], given()))
    expect(await publishedLayer(registry, result)).toBeGreaterThan(layerBytes)
    expect(largest(relay.requests, 'builder')).toBeGreaterThan(layerBytes)
    expect(largest(relay.requests, 'tagboat')).toBeLessThan(1024 * 1024)
    const tagged = relay.requests.filter(({method, path: to}) => method === 'PUT' && to.endsWith('/1.2.3'))
    expect(tagged.map(({headers}) => headers['user-agent'])).toEqual(['tagboat'])
  })

  test('has a line as soon as the smaller one is stored', async () => {
    await using registry = await startRegistry()
    const stored = /^\S+: \d+ B of 68\.\d MB stored, \d+ B\/s, 1 of 2 layers \(\d+ s\)$/m
    let wait = async (): Promise<void> => Promise.resolve()
    await using relay = await startRelay(registry.host, async (request) => {
      if (largest([request], 'builder') > layerBytes) await wait()
      return undefined
    })
    await using step = await prepareNewImage(newImage([relay.host], given()))
    const running = step.main()
    wait = async () => step.printed(stored)
    const result = await running
    expect(await publishedLayer(registry, result)).toBeGreaterThan(layerBytes)
    expect(stored.exec(result.log)?.[0]).toContain(relay.host)
  })

  test('goes only where it is missing', async () => {
    await using first = await startRegistry()
    await using second = await startRegistry()
    await using having = await startRelay(first.host, () => undefined)
    await using lacking = await startRelay(second.host, () => undefined)
    await publishNewImage(newImage([first.host], {...given(), inputs: {...given().inputs, tags: '1.2.2'}}))
    const result = await publishNewImage(newImage([having.host, lacking.host], given()))
    expect(result.log.split('68 MB')).toHaveLength(2)
    expect(largest(having.requests, 'builder')).toBe(0)
    expect(largest(lacking.requests, 'builder')).toBeGreaterThan(layerBytes)
    expect(await publishedLayer(second, result)).toBeGreaterThan(layerBytes)
  })

  test.each([
    {name: 'refuses it', answer: registryError(403, 'DENIED', 'not for this client')},
    {name: 'fails', answer: registryError(500, 'UNKNOWN', 'out of order')},
    {name: 'calls it damaged', answer: registryError(400, 'DIGEST_INVALID', 'provided digest did not match')},
  ])('passes through it for one of two registries that $name', async ({answer}) => {
    await using first = await startRegistry()
    await using second = await startRegistry()
    const refused = (request: RelayedRequest): boolean => isOfBuilder(request) && /^P(?:UT|ATCH)$/.test(request.method)
    await using relay = await startRelay(second.host, (request) => (refused(request) ? answer : undefined))
    const result = await publishNewImage(newImage([first.host, relay.host], given()))
    expect(largest(relay.requests, 'tagboat')).toBeGreaterThan(layerBytes)
    expect(await publishedLayer(first, result)).toBeGreaterThan(layerBytes)
    expect(await publishedLayer(second, result)).toBeGreaterThan(layerBytes)
  })
})

test('a step killed during such a push leaves no process or tag', async () => {
  await using registry = await startRegistry()
  await using slow = await startRelay(registry.host, async (request) => {
    if (isOfBuilder(request) && request.method === 'PUT') await sleep(60_000, undefined, {ref: false})
    return undefined
  })
  await using step = await prepareNewImage(newImage([slow.host]))
  const running = step.main()
  while (!slow.requests.some((request) => isOfBuilder(request) && request.method === 'PUT')) await sleep(10)
  step.kill('SIGKILL')
  await running
  expect((await step.post()).exitCode).toBe(0)
  expect(processesWith(step.directory)).toEqual([])
  expect(await registry.tags('team/app')).toEqual([])
})
