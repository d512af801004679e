import {execFile} from 'node:child_process'
import {createHash} from 'node:crypto'
import path from 'node:path'
import {promisify} from 'node:util'
import {setTimeout as sleep} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {files} from '../../src/io/files.ts'
import {httpClient} from '../../src/io/http.ts'
import {digestOf, type Digest} from '../../src/oci/digest.ts'
import {copyImage} from '../../src/registry/images/copy.ts'
import {enlistReferrers} from '../../src/registry/signatures/enlist-referrers.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import type {ManifestContent} from '../../src/oci/manifest.ts'
import {pushLayout} from '../../src/stage/layout/push-layout.ts'
import {readLayout} from '../../src/stage/layout/read-layout.ts'
import {docker} from '../../testing/docker.ts'
import {temporaryDirectory} from '../../testing/fake-io.ts'
import {readEverything, readIndex} from '../../testing/image.ts'
import {makeReferrer, makeSignatures, type TestImage} from '../../testing/memory-registry/images.ts'
import {testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {projectRoot} from '../../testing/runner.ts'
import {buildStaged} from '../../testing/staged-build.ts'

let from: Registry
let to: Registry
let clients: TestClients

beforeAll(async () => {
  from = await startRegistry()
  to = await startRegistry()
  // This registry cannot read a blob while it is being written, so a retry needs a short wait.
  const timer = {sleep: async () => sleep(50), random: Math.random, now: () => new Date()}
  clients = testClients(httpClient(new AbortController().signal, {}), {timer})
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await from.stop()
  await to.stop()
})

describe('an image with attestations and signatures', () => {
  let top: ManifestContent
  /** Signatures of the index and of the image of one platform. */
  let signatures: readonly {readonly of: Digest; readonly digest: Digest}[]

  beforeAll(async () => {
    await using directory = await temporaryDirectory()
    const layout = path.join(directory.path, 'layout')
    await buildStaged({destination: {kind: 'layout', directory: layout}})
    const {tree, openBlob} = await readLayout(layout, files)
    top = await pushLayout({tree, openBlob}, [clients.of(from.host, 'team/app')])
    const [child] = tree.levels[0] ?? []
    signatures = await Promise.all(
      [top, ...(child === undefined ? [] : [child])].map(async (subject) => ({
        of: subject.digest,
        digest: await sign(subject),
      })),
    )
  })

  /** Index of referrers by tag, as for registries without the referrers API. */
  async function sign(subject: ManifestContent): Promise<Digest> {
    const source = clients.of(from.host, 'team/app')
    const {manifests, blobs, digest} = makeReferrer(
      {...subject, bytes: Buffer.from(subject.bytes)},
      'application/vnd.example.signature',
    )
    for (const [name, bytes] of blobs) {
      await source.uploadBlob({digest: name, sizeBytes: bytes.length}, async function* () {
        yield await Promise.resolve(bytes)
      })
    }
    for (const manifest of manifests) await source.putManifest(manifest.digest, manifest)
    await enlistReferrers(subject.digest, manifests, source)
    return digest
  }

  /** Tags of signatures, as with cosign. */
  async function tagged(client: RepositoryClient, tag: string, made: TestImage): Promise<void> {
    for (const [digest, bytes] of made.blobs) {
      await client.uploadBlob({digest, sizeBytes: bytes.length}, async function* () {
        yield await Promise.resolve(bytes)
      })
    }
    await client.putManifest(tag, made)
  }

  const copy = async (host: string, name: string): Promise<ManifestContent> =>
    copyImage({
      digest: top.digest,
      source: clients.of(from.host, 'team/app'),
      destination: clients.of(host, name),
      onLeftOut: (line) => {
        throw new Error(line)
      },
    })

  test('is the same in another registry, byte for byte', async () => {
    expect((await copy(to.host, 'mirror/app')).digest).toBe(top.digest)
    const there = await readEverything({registry: to, repository: 'mirror/app', reference: top.digest})
    expect(there).toBe(await readEverything({registry: from, repository: 'team/app', reference: top.digest}))
    const {manifests} = await readIndex({registry: to, repository: 'mirror/app', reference: top.digest})
    expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64', 'unknown', 'unknown'])
  })

  test('has its signatures there, in the referrers tag', async () => {
    expect(signatures).toHaveLength(2)
    for (const {of, digest} of signatures) {
      expect((await clients.of(to.host, 'mirror/app').referrers(of)).map((found) => found.digest)).toEqual([digest])
      expect(await to.manifest('mirror/app', digest)).toBeDefined()
    }
    const tags = signatures.map(({of}) => of.replace(':', '-')).sort()
    expect([...(await to.tags('mirror/app'))].sort()).toEqual(tags)
  })

  test('is pulled from there and runs', async () => {
    const reference = `${to.host}/mirror/app@${top.digest}`
    const printed = await docker(['run', '--rm', '--quiet', reference, '/bin/busybox', 'cat', '/www/proof.txt'])
    await docker(['image', 'rm', reference])
    expect(printed).toContain('platform=linux/amd64')
  })

  test('is not transferred within one registry: all blobs are mounted', async () => {
    const before = (await from.requests()).length
    await copy(from.host, 'team/copy')
    const requests = (await from.requests()).slice(before)
    expect(
      requests
        .filter(({path: at}) => /^\/v2\/team\/copy\/blobs\/uploads\/\?.*mount=/.test(at))
        .map(({status}) => status),
    ).not.toContain(202)
    expect(requests.filter(({method, path: at}) => method === 'PUT' && at.includes('/uploads/'))).toEqual([])
    expect(requests.filter(({method, path: at}) => method === 'GET' && at.includes('/blobs/'))).toEqual([])
    expect((await from.manifest('team/copy', top.digest))?.bytes).toEqual(top.bytes)
  })

  test('the next copy uploads nothing', async () => {
    const before = (await to.requests()).length
    await copy(to.host, 'mirror/app')
    const methods = (await to.requests()).slice(before).map(({method}) => method)
    expect(methods).toContain('HEAD')
    expect(methods.filter((method) => !['HEAD', 'GET'].includes(method))).toEqual([])
  })

  test('has the signatures of cosign there, in addition to existing signatures', async () => {
    const source = clients.of(from.host, 'team/app')
    const destination = clients.of(to.host, 'signed/app')
    const tagOf = (digest: Digest): string => `${digest.replace(':', '-')}.sig`
    for (const {of} of signatures) await tagged(source, tagOf(of), makeSignatures(of, ['one']))
    await tagged(destination, tagOf(top.digest), makeSignatures(top.digest, ['two']))
    await copy(to.host, 'signed/app')
    const copied = await Promise.all(signatures.map(async ({of}) => destination.manifest(tagOf(of))))
    const expected = signatures.map(({of}) => makeSignatures(of, of === top.digest ? ['two', 'one'] : ['one']).digest)
    expect(copied.map((content) => content?.digest)).toEqual(expected)
  })
})

describe('a large image', () => {
  const megabyte = 1024 * 1024

  /** Bytes are not zero, because pages of zeros use no memory. */
  async function* layerOf(sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
    const chunk = Buffer.alloc(megabyte, 'a tug boat ')
    for (let sent = 0; sent < sizeBytes; sent += chunk.length) yield await Promise.resolve(chunk)
  }

  async function pushImage(layerBytes: number): Promise<Digest> {
    const source = clients.of(from.host, 'team/large')
    const hash = createHash('sha256')
    for await (const chunk of layerOf(layerBytes)) hash.update(chunk)
    const blob = {digest: `sha256:${hash.digest('hex')}` as const, sizeBytes: layerBytes}
    await source.uploadBlob(blob, () => layerOf(layerBytes))
    const config = Buffer.from('{"os":"linux","architecture":"amd64"}')
    const configBlob = {digest: digestOf(config), sizeBytes: config.length}
    await source.uploadBlob(configBlob, async function* () {
      yield await Promise.resolve(config)
    })
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType,
        config: {mediaType: 'application/vnd.oci.image.config.v1+json', digest: configBlob.digest, size: config.length},
        layers: [{mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: blob.digest, size: layerBytes}],
      }),
    )
    await source.putManifest(digestOf(bytes), {digest: digestOf(bytes), mediaType, bytes})
    return digestOf(bytes)
  }

  /** Copies an image in a process of its own. Returns the largest memory of the process, in bytes. */
  async function memoryOfCopy(digest: Digest): Promise<number> {
    const program = path.join(projectRoot, 'testing', 'copy-once.ts')
    const args = ['--no-warnings', program, from.host, to.host, 'team/large', digest]
    const {stdout} = await promisify(execFile)(process.execPath, args)
    expect((await to.manifest('team/large', digest))?.digest).toBe(digest)
    return Number(stdout)
  }

  test('is copied by a process that uses hardly more memory than for a small one', async () => {
    const small = await memoryOfCopy(await pushImage(megabyte))
    const large = await memoryOfCopy(await pushImage(300 * megabyte))
    expect(small).toBeGreaterThan(10 * megabyte)
    expect(large - small).toBeLessThan(100 * megabyte)
  })
})
