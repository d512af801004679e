import {describe, expect, test} from '@jest/globals'
import type {Http} from '../../../src/io/http.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {openGoogle} from '../../../src/prune/google/google-store.ts'
import type {ImageStore} from '../../../src/prune/image-store.ts'
import {json} from '../../../testing/clouds/github-tokens.ts'
import {googleRegistry} from '../../../testing/clouds/google-registry.ts'
import {refusalOf} from '../../../testing/clouds/scene.ts'
import {makeImage, makeReferrer, memoryRegistry, type MemoryRegistry} from '../../../testing/memory-registry.ts'
import {testClients} from '../../../testing/registry-client.ts'

const host = 'europe-docker.pkg.dev'
const path = 'project/images/app'

type Options = Omit<Parameters<typeof googleRegistry>[0], 'registry'>

function storeOver(http: Http): ImageStore {
  return openGoogle({host, path}, {clients: testClients(http)})
}

function scene(options: Options = {}): {readonly registry: MemoryRegistry; readonly store: ImageStore} {
  const registry = memoryRegistry({host})
  return {registry, store: storeOver(googleRegistry({registry, ...options}))}
}

/** Store of a registry with a fixed list of tags. */
function listing(body: object): ImageStore {
  const inner = memoryRegistry({host}).http()
  const send: Http['send'] = async (request) =>
    request.url.pathname.endsWith('/tags/list') ? Promise.resolve(json(200, body)) : inner.send(request)
  return storeOver({...inner, send})
}

describe('the list', () => {
  test('has images with and without tags, and their times', async () => {
    const [image, other] = [makeImage({text: 'one'}), makeImage({text: 'other'})]
    const uploaded = {[image.digest]: 1_676_582_665_070}
    const {registry, store} = scene({uploaded})
    registry.store(path, image, ['1.2.3', 'latest'])
    registry.store(path, other)
    const {images} = (await store.list()) as Extract<Awaited<ReturnType<ImageStore['list']>>, {kind: 'images'}>
    expect([...images].sort((a, b) => b.tags.length - a.tags.length)).toEqual([
      {digest: image.digest, tags: ['1.2.3', 'latest'], pushedAt: new Date(1_676_582_665_070)},
      {digest: other.digest, tags: [], pushedAt: undefined},
    ])
  })

  test('reads a time as a number, as Artifact Registry writes it', async () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const store = listing({tags: [], manifest: {[digest]: {tag: [], timeUploadedMs: 1_676_582_665_070}}})
    expect(await store.list()).toMatchObject({images: [{pushedAt: new Date(1_676_582_665_070)}]})
  })

  test.each([
    {name: 'no map', body: {tags: ['1']}},
    {name: 'an empty map', body: {tags: ['1'], manifest: {}}},
  ])('with $name has tags alone', async ({body}) => {
    expect(await listing(body).list()).toEqual({kind: 'tags', tags: ['1']})
  })

  test('with a tag that no manifest has is refused', async () => {
    const body = {tags: ['1', '2'], manifest: {[`sha256:${'a'.repeat(64)}`]: {tag: ['1']}}}
    expect((await refusalOf(listing(body).list())).code).toBe('prune-list-cut')
  })

  test('of an unknown repository is empty', async () => {
    expect(await scene().store.list()).toEqual({kind: 'images', images: []})
  })
})

describe('a deletion', () => {
  test('removes the tags, then the image', async () => {
    const {registry, store} = scene()
    const {digest} = registry.putImage(path, {tags: ['pr-1', 'pr-1-amd64']})
    expect(await store.deleteImages([{digest, tags: ['pr-1', 'pr-1-amd64']}])).toEqual([{kind: 'deleted'}])
    expect(await store.deleteImages([{digest, tags: []}])).toEqual([{kind: 'gone'}])
    expect(registry.snapshot()[path]).toMatchObject({tags: {}, manifests: []})
  })

  test('of a platform waits for its index', async () => {
    const {registry, store} = scene()
    const {digest, platforms} = registry.putImage(path, {platforms: ['linux/amd64', 'linux/arm64'], tag: 'pr-1'})
    const parts = [...platforms.values()].map((one) => ({digest: one, tags: []}))
    expect(await store.deleteImages(parts)).toMatchObject(parts.map(() => ({kind: 'kept', reason: 'needed'})))
    expect(await store.deleteImages([{digest, tags: ['pr-1']}])).toEqual([{kind: 'deleted'}])
    expect(await store.deleteImages(parts)).toEqual(parts.map(() => ({kind: 'deleted'})))
  })

  test.each([true, false])('removes what refers to the image first (referrers API: %s)', async (referrers) => {
    const registry = memoryRegistry({host, referrers})
    const store = storeOver(googleRegistry({registry}))
    const image = makeImage()
    const signature = makeReferrer(image, 'application/signature')
    registry.store(path, image, ['pr-1'])
    registry.store(path, signature)
    registry.store(path, makeReferrer(image, 'application/sbom'))
    if (!referrers) {
      const mediaType = 'application/vnd.oci.image.index.v1+json'
      const listed = registry.snapshot()[path]?.manifests.filter((digest) => digest !== image.digest) ?? []
      const manifests = listed.map((digest) => ({mediaType: signature.mediaType, digest, size: signature.bytes.length}))
      const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests}))
      const content = {digest: digestOf(bytes), mediaType, bytes}
      await testClients(registry.http()).of(host, path).putManifest(image.digest.replace(':', '-'), content)
    }
    expect(await store.deleteImages([{digest: image.digest, tags: ['pr-1']}])).toEqual([{kind: 'deleted'}])
    expect(registry.snapshot()[path]).toMatchObject({tags: {}, manifests: []})
  })

  test('stops at new or moved tags', async () => {
    const {registry, store} = scene()
    const {digest} = registry.putImage(path, {tags: ['pr-1', 'latest']})
    const {digest: other} = registry.putImage(path, {text: 'other', tag: 'pr-2'})
    expect(await store.deleteImages([{digest, tags: ['pr-1']}])).toEqual([{kind: 'changed', removedTags: ['pr-1']}])
    expect(await store.deleteImages([{digest, tags: ['pr-2']}])).toEqual([{kind: 'changed'}])
    expect(registry.tagsOf(path)).toEqual({latest: digest, 'pr-2': other})
  })

  test('removes one tag of several', async () => {
    const {registry, store} = scene()
    const {digest} = registry.putImage(path, {tags: ['1.2.3', 'pr-1']})
    expect(await store.removeTag('pr-1', `sha256:${'b'.repeat(64)}`)).toEqual({kind: 'changed'})
    expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'deleted'})
    expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'gone'})
    expect(registry.tagsOf(path)).toEqual({'1.2.3': digest})
  })

  test('of immutable tags is tried once', async () => {
    let deletions = 0
    const {registry, store} = scene({
      immutable: true,
      before: ({method}) => {
        if (method === 'DELETE') deletions += 1
      },
    })
    const {digest} = registry.putImage(path, {tag: 'pr-1'})
    const {digest: other} = registry.putImage(path, {text: 'other', tag: 'pr-2'})
    expect(await store.deleteImages([{digest, tags: ['pr-1']}])).toMatchObject([{kind: 'kept', reason: 'locked'}])
    expect(await store.removeTag('pr-2', other)).toMatchObject({kind: 'kept', reason: 'locked'})
    expect(deletions).toBe(1)
  })

  test('without the role is denied', async () => {
    const {registry, store} = scene({mayDelete: false})
    const {digest} = registry.putImage(path, {tag: 'pr-1'})
    const expected = {kind: 'denied', remedy: expect.stringContaining('roles/artifactregistry.repoAdmin')}
    expect(await store.deleteImages([{digest, tags: ['pr-1']}])).toMatchObject([expected])
    expect(registry.tagsOf(path)).toEqual({'pr-1': digest})
  })
})
