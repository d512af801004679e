import {describe, expect, test} from '@jest/globals'
import {digestOf, isDigest, type Digest} from '../../../../src/oci/digest.ts'
import {manifestParts} from '../../../../src/oci/manifest.ts'
import type {Deletion} from '../../../../src/prune/image-store.ts'
import {openOci} from '../../../../src/prune/oci/oci-store.ts'
import {copiedFor} from '../../../../src/retention/untag-copy.ts'
import {withDockerTypes} from '../../../../testing/docker-types.ts'
import {
  makeImage,
  memoryRegistry,
  type Fault,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type TestImage,
} from '../../../../testing/memory-registry.ts'
import {changesIn, ociScene, storePath, type OciScene} from '../../../../testing/oci-store.ts'

const deleted: Deletion = {kind: 'deleted'}
const index = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true, text: 'index'})
const single = makeImage({text: 'single'})

const images: readonly {readonly name: string; readonly image: TestImage}[] = [
  {name: 'a manifest', image: single},
  {name: 'an index', image: index},
  {name: 'a manifest of Docker', image: withDockerTypes(single)},
  {name: 'a list of Docker', image: withDockerTypes(index)},
]

/** Registries by what they answer to the deletion of a tag; all of them delete by digest. */
const registries: readonly {readonly name: string; readonly options: MemoryRegistryOptions}[] = [
  {name: 'distribution 3', options: {}},
  {name: 'distribution 2.8', options: {deletes: {tags: 400}}},
  {name: 'a registry with 405', options: {deletes: {tags: false}}},
  {name: 'a registry with 404', options: tagAnswer(404)},
  {name: 'a registry that accepts it without an effect', options: tagAnswer(202)},
  {name: 'a registry that deletes the image with it', options: {deletes: {tags: 'image'}}},
]

function answer(status: number): Fault {
  return {kind: 'answer', status}
}

function isTag(path: string): boolean {
  return !path.includes('sha256:')
}

function tagAnswer(status: number): MemoryRegistryOptions {
  return {fault: ({method, path}) => (method === 'DELETE' && isTag(path) ? answer(status) : undefined)}
}

/** Scene with an image under `latest`, `pr-12` and `pr-13`. */
function tagged(options: MemoryRegistryOptions, image = single): OciScene {
  const scene = ociScene(options)
  scene.registry.store(storePath, image, ['latest', 'pr-12', 'pr-13'])
  return scene
}

/** Digests of the manifests in an image, with itself. */
function digestsOf({manifests}: TestImage): readonly Digest[] {
  return manifests.map(({digest}) => digest).sort()
}

function manifestsIn({registry}: OciScene): readonly Digest[] {
  return registry.snapshot()[storePath]?.manifests ?? []
}

describe.each(registries)('$name', ({options}) => {
  test.each(images)('removes one tag of $name', async ({image}) => {
    const scene = tagged(options, image)
    expect(await scene.store.removeTag('pr-12', image.digest)).toEqual(deleted)
    expect(scene.tags()).toEqual({latest: image.digest, 'pr-13': image.digest})
    expect(manifestsIn(scene)).toEqual(digestsOf(image))
  })

  test('removes several, one after another and at once', async () => {
    const scene = tagged(options)
    scene.registry.store(storePath, single, ['one', 'two', 'three'])
    const remove = async (tag: string): Promise<Deletion> => scene.store.removeTag(tag, single.digest)
    expect(await remove('one')).toEqual(deleted)
    expect(await Promise.all(['two', 'three', 'pr-12'].map(remove))).toEqual([deleted, deleted, deleted])
    expect(scene.tags()).toEqual({latest: single.digest, 'pr-13': single.digest})
    expect(manifestsIn(scene)).toEqual(digestsOf(single))
  })

  test('leaves a tag that moved, or is gone', async () => {
    const scene = tagged(options)
    const newer = scene.put('newer', 'pr-12')
    expect(await scene.store.removeTag('pr-12', single.digest)).toEqual({kind: 'changed'})
    expect(await scene.store.removeTag('pr-14', single.digest)).toEqual({kind: 'gone'})
    expect(await scene.store.removeTag('pr-13', single.digest)).toEqual(deleted)
    expect(await scene.store.removeTag('pr-12', single.digest)).toEqual({kind: 'changed'})
    expect(await scene.store.removeTag('pr-14', single.digest)).toEqual({kind: 'gone'})
    expect(scene.tags()).toEqual({latest: single.digest, 'pr-12': newer.digest})
  })
})

describe('what a registry answered', () => {
  test('is remembered for its host', async () => {
    const scene = tagged({deletes: {tags: 400}})
    scene.registry.store('acme/other', single, ['one', 'two'])
    await scene.store.removeTag('pr-12', single.digest)
    const other = openOci({host: scene.registry.host, path: 'acme/other'}, {clients: scene.clients})
    expect(await other.removeTag('one', single.digest)).toEqual(deleted)
    const tagDeletions = scene.registry.requests.filter(({method, path}) => method === 'DELETE' && isTag(path))
    expect(tagDeletions).toHaveLength(1)
  })

  test('may be an error after the deletion of the copy, which leaves the tag', async () => {
    let isLeft = false
    const scene: OciScene = tagged({
      deletes: {tags: 400},
      fault: ({method, path}) => {
        const digest = path.slice(path.lastIndexOf('/') + 1)
        if (isLeft || method !== 'DELETE' || !isDigest(digest) || !scene.has(digest)) return undefined
        isLeft = true
        scene.registry.endpoint.core.store.repositories.get(storePath)?.manifests.delete(digest)
        return answer(500)
      },
    })
    expect(await scene.store.removeTag('pr-12', single.digest)).toEqual(deleted)
    expect(isLeft).toBe(true)
    expect(scene.tags()).toEqual({latest: single.digest, 'pr-13': single.digest})
  })

  test('costs no more requests than two for a further tag', async () => {
    const scene = tagged({})
    await scene.store.removeTag('pr-12', single.digest)
    const before = scene.registry.requests.length
    await scene.store.removeTag('pr-13', single.digest)
    expect(scene.registry.requests.slice(before).map(({method}) => method)).toEqual(['HEAD', 'DELETE'])
  })

  test('is not asked for again where images go with their tags', async () => {
    const scene = tagged({deletes: {tags: 'image'}}, index)
    await scene.store.removeTag('pr-12', index.digest)
    await scene.store.removeTag('pr-13', index.digest)
    expect(scene.changes().filter((change) => change.startsWith('DELETE pr-'))).toEqual(['DELETE pr-12'])
    expect(scene.tags()).toEqual({latest: index.digest})
  })
})

describe('a registry without deletion', () => {
  test('keeps the tag on its image', async () => {
    const scene = tagged({deletes: {tags: false, manifests: false}})
    for (const tag of ['pr-12', 'pr-13'])
      expect(await scene.store.removeTag(tag, single.digest)).toMatchObject({kind: 'unsupported'})
    expect(scene.changes().filter((change) => change.startsWith('PUT'))).toEqual([])
    expect(scene.tags()).toEqual({latest: single.digest, 'pr-12': single.digest, 'pr-13': single.digest})
  })

  test.each([
    {name: '405', fault: answer(405), expected: 'unsupported'},
    {name: '403', fault: answer(403), expected: 'denied'},
    {name: '404', fault: answer(404), expected: 'unsupported'},
  ])('moves the tag back after $name for an existing manifest', async ({fault, expected}) => {
    const scene: OciScene = tagged({
      deletes: {tags: 400},
      fault: ({method, path}) => {
        const digest = path.slice(path.lastIndexOf('/') + 1)
        return method === 'DELETE' && isDigest(digest) && scene.has(digest) ? fault : undefined
      },
    })
    expect(await scene.store.removeTag('pr-12', single.digest)).toMatchObject({kind: expected})
    expect(scene.tags()['pr-12']).toBe(single.digest)
  })

  test('keeps the tag without a right', async () => {
    const scene = tagged({fault: ({method}) => (method === 'DELETE' ? answer(403) : undefined)})
    expect(await scene.store.removeTag('pr-12', single.digest)).toMatchObject({kind: 'denied'})
    expect(scene.tags()['pr-12']).toBe(single.digest)
  })
})

describe('a tag stays', () => {
  test('if it is immutable', async () => {
    const locked = {immutable: (_: string, tag: string) => tag === 'pr-12'}
    for (const options of [locked, {...locked, deletes: {tags: 400}} as const]) {
      const scene = tagged(options)
      expect(await scene.store.removeTag('pr-12', single.digest)).toMatchObject({kind: 'kept', reason: 'locked'})
      expect(scene.tags()['pr-12']).toBe(single.digest)
    }
  })

  test('if its manifest has no copy', async () => {
    const scene = ociScene({deletes: {tags: 400}})
    const mediaType = 'application/vnd.acme.manifest+json'
    const bytes = Buffer.from('{"schemaVersion":1,"layers":[]}')
    const digest = digestOf(bytes)
    const manifest = {mediaType, bytes, digest}
    scene.registry.store(storePath, {...manifest, platforms: new Map(), manifests: [manifest], blobs: new Map()}, [
      'one',
    ])
    expect((await scene.store.removeTag('one', digest)).kind).not.toBe('deleted')
    expect(scene.tags()).toEqual({one: digest})
  })

  test.each([1, 2, 3, 4])('if another run moves it before read %d of it', async (moveAt) => {
    let reads = 0
    const scene: OciScene = tagged({
      deletes: {tags: 400},
      fault: ({method, path}) => {
        if (method === 'HEAD' && path.endsWith('/pr-12')) reads += 1
        if (reads === moveAt) newer ??= scene.put('newer', 'pr-12').digest
        return undefined
      },
    })
    let newer: Digest | undefined
    expect(await scene.store.removeTag('pr-12', single.digest)).toEqual({kind: 'changed'})
    expect(newer).toBeDefined()
    expect(scene.tags()).toEqual({latest: single.digest, 'pr-12': newer, 'pr-13': single.digest})
  })
})

describe('a removal that is stopped', () => {
  /** Registry that answers the first requests, and no other. */
  function stopping(registry: MemoryRegistry, options: {readonly after: number}): OciScene {
    const before = registry.requests.length
    const http = registry.http()
    let sent = 0
    const scene = ociScene(
      {},
      {retries: 0},
      {
        ...registry,
        http: () => ({
          ...http,
          send: async (request) => {
            sent += 1
            if (sent > options.after) throw Object.assign(new Error('killed'), {code: 'ECONNRESET'})
            return http.send(request)
          },
        }),
      },
    )
    expect(registry.requests).toHaveLength(before)
    return scene
  }

  /** Expects that a tag is gone, or points to an image of which nothing is missing. */
  function expectWhole({registry}: OciScene, tag: string): void {
    const digest = registry.tagsOf(storePath)[tag]
    if (digest === undefined) return
    const manifest = registry.manifest(storePath, digest)
    expect(manifest).toBeDefined()
    const parts = manifestParts(manifest?.bytes ?? Buffer.alloc(0))
    for (const part of parts?.manifests ?? []) expect(registry.manifest(storePath, part.digest)).toBeDefined()
  }

  /** Removes what a stopped run has left, as a plan of the new content does. */
  async function finish(registry: MemoryRegistry, image: TestImage): Promise<void> {
    const {store, tags} = ociScene({}, {}, registry)
    const digest = tags()['pr-12']
    if (digest === undefined) return
    if (digest === image.digest) {
      expect(await store.removeTag('pr-12', digest)).toEqual(deleted)
      return
    }
    const copy = registry.manifest(storePath, digest)
    expect(copy && copiedFor(copy)).toBe('pr-12')
    expect(await store.deleteImages([{digest, tags: ['pr-12']}])).toEqual([deleted])
  }

  const rows = registries.flatMap(({name, options}) => images.map((one) => ({...one, options, registry: name})))

  test.each(rows)('after any request, $registry with $name, is finished by the next', async ({options, image}) => {
    let seen = 0
    for (let after = 0; ; after += 1) {
      const registry = memoryRegistry(options)
      registry.store(storePath, image, ['latest', 'pr-12'])
      const scene = stopping(registry, {after})
      const result = await scene.store.removeTag('pr-12', image.digest).catch(() => undefined)
      expectWhole(scene, 'pr-12')
      if (result?.kind === 'deleted') break
      expectWhole(scene, 'latest')
      await finish(registry, image)
      expect(registry.tagsOf(storePath)).toEqual({latest: image.digest})
      seen += changesIn(registry).length
    }
    expect(seen).toBeGreaterThan(0)
  })
})
