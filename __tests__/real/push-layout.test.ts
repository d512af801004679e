import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {parseBuilder} from '../../src/buildx/inspect.ts'
import type {BuildMetadata} from '../../src/buildx/metadata.ts'
import {files} from '../../src/io/files.ts'
import {httpClient} from '../../src/io/http.ts'
import {processes} from '../../src/io/process.ts'
import type {Digest} from '../../src/oci/digest.ts'
import type {ManifestContent} from '../../src/oci/manifest.ts'
import {imageVariables, registryImage} from '../../src/stage/test-run/image-variables.ts'
import {runTest} from '../../src/stage/test-run/run-test.ts'
import {pushLayout} from '../../src/stage/layout/push-layout.ts'
import {readLayout} from '../../src/stage/layout/read-layout.ts'
import {requireStagedPlatforms, platformImages} from '../../src/stage/staged-image.ts'
import {docker} from '../../testing/docker.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../testing/fake-io.ts'
import {readIndex} from '../../testing/image.ts'
import {testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder} from '../../testing/remote-builder.ts'
import {buildStaged} from '../../testing/staged-build.ts'

const platforms = [
  {os: 'linux', architecture: 'amd64'},
  {os: 'linux', architecture: 'arm64'},
]

let first: Registry
let second: Registry
let clients: TestClients

beforeAll(async () => {
  first = await startRegistry()
  second = await startRegistry()
  clients = testClients(httpClient(new AbortController().signal, {}))
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await first.stop()
  await second.stop()
})

/** Output of `test` that runs the image of both platforms. */
async function outputOfTest(
  top: Pick<ManifestContent, 'digest' | 'bytes'>,
  host: string,
  name: string,
): Promise<string> {
  const staged = platformImages(top, undefined)
  const repository = {host, path: name}
  requireStagedPlatforms(staged, platforms, repository)
  await using directory = await temporaryDirectory()
  const printed: string[] = []
  const request = {
    script: [
      'for image in "$IMAGE_LINUX_AMD64" "$IMAGE_LINUX_ARM64"; do',
      '  docker run --rm --quiet "$image" /bin/busybox cat /www/proof.txt 2>/dev/null',
      '  docker image rm "$image" >/dev/null',
      'done',
    ].join('\n'),
    variables: imageVariables(registryImage(staged, repository), platforms, undefined),
    scriptFile: path.join(directory.path, 'test.sh'),
    env: Object.fromEntries(
      Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  }
  const io = {files, processes: processes(new AbortController().signal)}
  await runTest(request, (chunk) => printed.push(chunk), io)
  return printed.join('')
}

const bothPlatforms = [
  'version=1.2.3',
  'platform=linux/amd64',
  'machine=x86_64',
  'version=1.2.3',
  'platform=linux/arm64',
  'machine=aarch64',
  '',
].join('\n')

describe('a layout exported by the engine', () => {
  let directory: TemporaryDirectory
  let metadata: BuildMetadata
  let top: ManifestContent
  const places = (): readonly (readonly [Registry, string])[] => [
    [first, 'team/one'],
    [first, 'team/two'],
    [second, 'team/one'],
  ]
  const push = async (): Promise<ManifestContent> =>
    pushLayout(
      await readLayout(path.join(directory.path, 'layout'), files),
      places().map(([{host}, name]) => clients.of(host, name)),
    )

  beforeAll(async () => {
    directory = await temporaryDirectory()
    metadata = await buildStaged({destination: {kind: 'layout', directory: path.join(directory.path, 'layout')}})
    top = await push()
  })

  afterAll(async () => {
    await directory[Symbol.asyncDispose]()
  })

  test('has the digest of Buildx in every repository, and no tag', async () => {
    expect(top.digest).toBe(metadata.digest)
    for (const [registry, name] of places()) {
      expect((await registry.manifest(name, top.digest))?.bytes).toEqual(top.bytes)
      expect(await registry.tags(name)).toEqual([])
    }
  })

  test('has its attestations', async () => {
    const {manifests} = await readIndex({registry: second, repository: 'team/one', reference: top.digest})
    expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
    for (const {digest} of manifests) expect(await first.manifest('team/two', digest)).toBeDefined()
  })

  test('is uploaded once per registry, and mounted otherwise', async () => {
    const requests = await first.requests()
    const puts = requests.filter(
      ({method, path: to}) => method === 'PUT' && to.startsWith('/v2/team/') && to.includes('/uploads/'),
    )
    expect(puts.length).toBeGreaterThan(0)
    expect(puts.filter(({path: to}) => to.startsWith('/v2/team/two'))).toEqual([])
    const mounts = requests.filter(
      ({path: to, status}) => to.startsWith('/v2/team/two/blobs/uploads/?mount=') && status === 201,
    )
    expect(mounts).toHaveLength(puts.length)
  })

  test('runs for both platforms, pulled by digest', async () => {
    expect(await outputOfTest(top, second.host, 'team/one')).toBe(bothPlatforms)
  })

  test('is not sent twice', async () => {
    const before = (await second.requests()).length
    await push()
    const requests = (await second.requests()).slice(before)
    expect(requests.map(({path: to}) => to)).toContain(`/v2/team/one/manifests/${top.digest}`)
    // The content exists, and is only checked.
    expect(new Set(requests.map(({method}) => method))).toEqual(new Set(['HEAD']))
  })
})

test('a layout of one platform has its attestation', async () => {
  await using directory = await temporaryDirectory()
  const layout = path.join(directory.path, 'layout')
  await buildStaged({
    destination: {kind: 'layout', directory: layout},
    tags: [`${first.host}/team/single:1`],
    inputs: {platforms: 'linux/amd64'},
  })
  const {digest} = await pushLayout(await readLayout(layout, files), [clients.of(first.host, 'team/single')])
  const {manifests} = await readIndex({registry: first, repository: 'team/single', reference: digest})
  expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'unknown'])
  expect(await first.tags('team/single')).toEqual([])
})

describe('abilities of builders', () => {
  test('an engine with the containerd store exports layouts', async () => {
    expect(parseBuilder(await docker(['buildx', 'inspect', 'default'])).staging).toBe('oci-layout')
  })

  test('a remote builder pushes by digest to all repositories, without tags', async () => {
    await using builder = await startRemoteBuilder('far')
    expect(parseBuilder(await docker(['buildx', 'inspect', 'far'], builder.config)).staging).toBe('push-by-digest')
    const places = [first, second].map((registry) => ({registry, name: 'team/far'}))
    const {digest} = await buildStaged({
      destination: {kind: 'digest', repositories: places.map(({registry: {host}, name}) => ({host, path: name}))},
      tags: [`${first.host}/team/far:1`],
      inputs: {builder: 'far'},
      config: builder.config,
    })
    for (const {registry, name} of places) {
      expect((await registry.manifest(name, digest ?? ''))?.digest).toBe(digest)
      expect(await registry.tags(name)).toEqual([])
    }
    const content = await clients.of(second.host, 'team/far').manifest(digest ?? '')
    expect(content?.digest).toBe(digest satisfies Digest | undefined)
    expect(platformImages(content ?? {digest: 'sha256:', bytes: Buffer.of()}, undefined).images).toHaveLength(2)
  })
})
