import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import type {ManifestContent} from '../../../../src/oci/manifest.ts'
import {readContent} from '../../../../src/prune/content/read-content.ts'
import type {Listing, RepositoryContent} from '../../../../src/retention/repository-content.ts'
import type {StoredManifest} from '../../../../src/retention/stored-manifest.ts'
import {makeReferrer, makeImage, memoryRegistry, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import type {MemoryRegistryOptions} from '../../../../testing/memory-registry.ts'
import type {TestImage} from '../../../../testing/memory-registry.ts'
import {testClients} from '../../../../testing/registry-client.ts'

const path = 'acme/app'
const platforms = ['linux/amd64', 'linux/arm64']

interface Scene {
  readonly registry: MemoryRegistry
  /** Reads the repository: all tags, or what the listing names. */
  readonly read: (listing?: Listing, needs?: (digest: string) => boolean) => Promise<RepositoryContent>
  /** Requests to manifests and blobs: `GET manifests/1.2.3`. */
  readonly requests: () => readonly string[]
}

function scene(options: MemoryRegistryOptions = {}): Scene {
  const registry = memoryRegistry(options)
  const clients = testClients(registry.http())
  const repository = {host: registry.host, path}
  return {
    registry,
    read: async (listing, needs = () => false) =>
      readContent({
        repository,
        listing: listing ?? {kind: 'tags', tags: Object.keys(registry.tagsOf(path))},
        client: clients.host(registry.host),
        needsConfiguration: (_, digest) => needs(digest),
      }),
    requests: () =>
      registry.requests
        .filter((request) => request.path.includes('/manifests/') || request.path.includes('/blobs/'))
        .map((request) => `${request.method} ${request.path.replace(`/v2/${path}/`, '')}`),
  }
}

function read(content: RepositoryContent, digest: string): StoredManifest {
  const found = content.manifests.get(digest)
  if (found?.kind !== 'read') throw new Error(`${digest} is ${found?.kind ?? 'unknown'}`)
  return found.manifest
}

function listed(...images: readonly TestImage[]): Listing {
  return {kind: 'images', images: images.map(({digest}) => ({digest, tags: [], pushedAt: undefined}))}
}

async function failureOf(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => 'none',
    (error: unknown) => (error instanceof TagboatError ? error.code : error),
  )
}

describe('readContent', () => {
  test('reads each manifest once, 16 at a time', async () => {
    const {registry, read: readAll, requests} = scene({schedule: async () => new Promise(setImmediate)})
    const images = Array.from({length: 40}, (_, index) =>
      registry.putImage(path, {platforms, attestations: true, text: `${index}`, tags: [`v${index}`]}),
    )
    const content = await readAll()
    expect(content.tags.get('v7')).toBe(images[7]?.digest)
    expect(content.manifests.size).toBe(40 * 5)
    expect(requests()).toHaveLength(40 * 5)
    expect(new Set(requests()).size).toBe(40 * 5)
    expect(registry.maxConcurrent()).toBe(16)
    expect(content.isComplete).toBe(false)
  })

  test('reads the image of several tags once, if the registry states their digest', async () => {
    const {registry, read: readAll, requests} = scene()
    const {digest} = registry.putImage(path, {tags: ['1.0', 'latest', 'sha-1']})
    const other = registry.putImage(path, {text: 'other', tags: ['main', 'moved']})
    const digests = new Map(['1.0', 'latest', 'sha-1'].map((tag): [string, string] => [tag, digest]))
    digests.set('moved', `sha256:${'0'.repeat(64)}`)
    const content = await readAll({kind: 'tags', tags: ['1.0', 'latest', 'main', 'moved', 'sha-1'], digests})
    expect(Object.fromEntries(content.tags)).toEqual(registry.tagsOf(path))
    expect(content.tags.get('moved')).toBe(other.digest)
    expect(requests().filter((one) => one === `GET manifests/${digest}`)).toHaveLength(1)
    expect(requests()).not.toContain('GET manifests/latest')
    expect(requests()).toContain('GET manifests/moved')
  })

  test('reads shared platforms once, and what subjects name', async () => {
    const {registry, read: readAll, requests} = scene()
    const image = registry.putImage(path, {platforms, tags: ['1', '1.2']})
    const subject = makeImage({text: 'subject'})
    const bundle = makeReferrer(subject, 'application/spdx+json')
    registry.store(path, bundle, ['sbom'])
    registry.store(path, subject)
    const content = await readAll()
    expect(requests()).toHaveLength(3 + 2 + 1)
    expect(read(content, bundle.digest).subject).toBe(subject.digest)
    expect([...content.manifests.keys()].sort()).toEqual(
      [...image.manifests, bundle, subject].map(({digest}) => digest).sort(),
    )
  })

  test('passes on the bytes of each manifest', async () => {
    const {registry} = scene()
    const image = registry.putImage(path, {platforms, tags: ['1']})
    using clients = testClients(registry.http())
    const seen: ManifestContent[] = []
    await readContent({
      repository: {host: registry.host, path},
      listing: {kind: 'tags', tags: ['1']},
      client: clients.host(registry.host),
      needsConfiguration: () => false,
      onManifest: (manifest) => seen.push(manifest),
    })
    expect(new Map(seen.map(({digest, bytes}) => [digest, Buffer.from(bytes).toString()]))).toEqual(
      new Map(image.manifests.map(({digest, bytes}) => [digest, bytes.toString()])),
    )
  })

  test('vanished tags, vanished images', async () => {
    const {registry, read: readAll} = scene()
    const kept = registry.putImage(path, {tag: 'kept'})
    expect([...(await readAll({kind: 'tags', tags: ['gone', 'kept']})).tags.keys()]).toEqual(['kept'])
    const gone = makeImage({text: 'gone'})
    const content = await readAll({
      kind: 'images',
      images: [
        {digest: gone.digest, tags: ['gone'], pushedAt: new Date(0)},
        {digest: kept.digest, tags: ['kept'], pushedAt: new Date(1000), id: '7', isLocked: true},
      ],
    })
    expect(content).toMatchObject({
      tags: new Map([['kept', kept.digest]]),
      isComplete: true,
      ids: new Map([[kept.digest, '7']]),
      locked: new Set([kept.digest]),
    })
    expect(content.pushedAt.get(kept.digest)).toEqual(new Date(1000))
    expect(content.manifests.get(gone.digest)).toEqual({kind: 'missing'})
  })

  test('hidden subjects', async () => {
    const {registry, read: readAll} = scene()
    const [hidden, gone] = [registry.putImage(path, {platforms}), makeImage({text: 'gone'})]
    const signature = registry.putImage(path, {text: 'signature'})
    const tags = [hidden, gone].map(({digest}) => `${digest.replace(':', '-')}.sig`)
    const content = await readAll({
      kind: 'images',
      images: [{digest: signature.digest, tags: [...tags, `sha512-${'0'.repeat(64)}`], pushedAt: undefined}],
    })
    expect(content.manifests.get(hidden.digest)?.kind).toBe('read')
    expect(content.manifests.get(gone.digest)?.kind).toBe('missing')
    expect([...content.locked]).toEqual([hidden.digest])
  })

  test('records missing and unreadable parts', async () => {
    const images = [makeImage({platforms, text: 'one'}), makeImage({platforms, text: 'two'})] as const
    const digestAt = (image: TestImage, index: number): string => image.manifests[index]?.digest ?? ''
    const {
      registry,
      read: readAll,
      requests,
    } = scene({
      fault: ({path: at}) => {
        if (at.endsWith(digestAt(images[0], 0))) return {kind: 'answer', status: 404}
        if (at.endsWith(digestAt(images[0], 1))) return {kind: 'answer', status: 500}
        if (at.endsWith(digestAt(images[1], 0))) return {kind: 'corrupt-body'}
        return at.endsWith(digestAt(images[1], 1)) ? {kind: 'reset'} : undefined
      },
    })
    for (const [index, image] of images.entries()) registry.store(path, image, [`v${index}`])
    const {manifests} = await readAll()
    expect(images.flatMap((image) => [0, 1].map((index) => manifests.get(digestAt(image, index))?.kind))).toEqual([
      'missing',
      'unreadable',
      'unreadable',
      'unreadable',
    ])
    expect(requests().filter((request) => request.endsWith(digestAt(images[0], 1)))).toHaveLength(5)
  })

  test('records a manifest that is not JSON', async () => {
    const bytes = Buffer.from('<html></html>')
    const digest = digestOf(bytes)
    const {registry, read: readAll} = scene({
      fault: ({path: at}) =>
        at.endsWith(digest) ? {kind: 'answer', status: 200, body: bytes.toString(), when: 'after'} : undefined,
    })
    registry.putImage(path, {tag: 'other'})
    const content = await readAll({kind: 'images', images: [{digest, tags: ['page'], pushedAt: undefined}]})
    expect(content.manifests.get(digest)?.kind).toBe('unreadable')
    expect(content.tags.get('page')).toBe(digest)
  })

  test('digest of an unreadable tag', async () => {
    const isTag = (at: string): boolean => at.endsWith('/manifests/damaged')
    const stating = scene({
      fault: ({path: at, method}) => (isTag(at) && method === 'GET' ? {kind: 'answer', status: 500} : undefined),
    })
    const image = stating.registry.putImage(path, {tag: 'damaged'})
    const content = await stating.read()
    expect(content.tags.get('damaged')).toBe(image.digest)
    expect(content.manifests.get(image.digest)?.kind).toBe('unreadable')

    const silent = scene({fault: ({path: at}) => (isTag(at) ? {kind: 'answer', status: 500} : undefined)})
    silent.registry.putImage(path, {tag: 'damaged'})
    expect(await failureOf(silent.read())).toBe('prune-unreadable')
  })

  test('an unreadable tag of a readable image does not hide it', async () => {
    const {registry, read: readAll} = scene({
      fault: ({path: at, method}) =>
        at.endsWith('/manifests/b') && method === 'GET' ? {kind: 'answer', status: 500} : undefined,
    })
    const image = registry.putImage(path, {tags: ['a', 'b', 'c']})
    const content = await readAll()
    expect(content.manifests.get(image.digest)?.kind).toBe('read')
    expect([...content.tags.values()]).toEqual([image.digest, image.digest, image.digest])
  })

  test.each([
    {name: 'rate limit', status: 429, count: 1, code: 'rate-limited'},
    {name: 'many failures', status: 503, count: 40, code: 'registry-failed'},
    {name: 'some failures', status: 503, count: 16, code: 'none'},
    {name: 'many refusals', status: 403, count: 40, code: 'none'},
  ])('$name', async ({status, count, code}) => {
    const images = Array.from({length: count}, (_, index) => makeImage({text: `${index}`}))
    const {read: readAll} = scene({
      fault: ({path: at}) => (at.includes('/manifests/') ? {kind: 'answer', status} : undefined),
    })
    expect(await failureOf(readAll(listed(...images)))).toBe(code)
  })

  test('reads configurations where they are needed', async () => {
    const {registry, read: readAll, requests} = scene()
    const labels = {'org.opencontainers.image.revision': 'abc'}
    const needed = registry.putImage(path, {platforms, attestations: true, labels, tags: ['1', '1.2']})
    const twin = registry.putImage(path, {platforms, labels, tags: ['twin']})
    registry.putImage(path, {text: 'other', tags: ['other']})
    const content = await readAll(undefined, (digest) => digest === needed.digest || digest === twin.digest)
    const blobs = requests().filter((request) => request.includes('blobs'))
    expect(blobs).toHaveLength(1)
    const amd64 = read(content, needed.platforms.get('linux/amd64') ?? '')
    expect(amd64.facts.revision).toBe('abc')
    expect(blobs).toEqual([`GET blobs/${amd64.configuration?.digest ?? ''}`])
  })

  test('reads no configuration of a signature', async () => {
    const {registry, read: readAll, requests} = scene()
    const image = registry.putImage(path, {tag: '1'})
    registry.store(path, makeImage({text: 'signature'}), [`${image.digest.replace(':', '-')}.sig`])
    const asked: string[] = []
    await readAll(undefined, (digest) => asked.push(digest) === 0)
    expect(asked).toEqual([image.digest])
    expect(requests()).toHaveLength(2)
  })

  test('knows no age if the configuration cannot be read', async () => {
    const {registry, read: readAll} = scene({
      fault: ({path: at}) => (at.includes('/blobs/') ? {kind: 'answer', status: 404} : undefined),
    })
    const image = registry.putImage(path, {tag: '1', annotations: {'org.opencontainers.image.revision': 'abc'}})
    const content = await readAll(undefined, () => true)
    expect(read(content, image.digest)).toMatchObject({facts: {revision: 'abc'}})
    expect(read(content, image.digest).configuredAt).toBeUndefined()
  })
})
