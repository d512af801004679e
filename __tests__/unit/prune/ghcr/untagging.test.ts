import {describe, expect, test} from '@jest/globals'
import type {ManifestContent} from '../../../../src/oci/manifest.ts'
import {copiedFor} from '../../../../src/retention/untag-copy.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {makeImage, type TestImage} from '../../../../testing/memory-registry.ts'
import {ghcrScene, type GhcrScene, type GhcrSceneOptions} from '../../../../testing/registries/ghcr-scene.ts'

interface Tagged {
  readonly scene: GhcrScene
  readonly image: TestImage
}

/** Package with an index of two tags, and another image. It was listed. */
async function taggedScene(options: GhcrSceneOptions = {}): Promise<Tagged> {
  const scene = ghcrScene({owner: {name: 'acme', kind: 'orgs'}, ...options})
  const image = await scene.publish(makeImage({platforms: ['linux/amd64', 'linux/arm64']}), '1.2.3', 'pr-12')
  await scene.publish(makeImage({text: 'other'}), 'other')
  await scene.store.list()
  return {scene, image}
}

const isDelete = (request: string): boolean => request.startsWith('DELETE ')
const isPut = (request: string): boolean => request === 'PUT /v2/acme/app/manifests/pr-12'

/** Tags of all versions, without those that have none. */
function tagsOf({scene}: Tagged): readonly string[] {
  return Object.values(scene.tags()).flat().toSorted()
}

describe('the removal of a tag', () => {
  test('keeps the other tags', async () => {
    const tagged = await taggedScene()
    const {scene, image} = tagged
    expect(await scene.store.removeTag('pr-12', image.digest)).toEqual({kind: 'deleted'})
    expect(tagsOf(tagged)).toEqual(['1.2.3', 'other'])
    expect(scene.registry.tagsOf(scene.path)).toMatchObject({'1.2.3': image.digest})
    for (const digest of image.platforms.values()) expect(scene.registry.manifest(scene.path, digest)).toBeDefined()
    expect(Object.keys(scene.tags())).toHaveLength(4)
  })

  test('keeps the tag whole until it is gone', async () => {
    const contents: (ManifestContent | undefined)[] = []
    const tagged = await taggedScene({
      before: async (request) => {
        if (!isDelete(request)) return
        const found = scene.registry.tagsOf(scene.path)['pr-12']
        const stored = found && scene.registry.manifest(scene.path, found)
        contents.push(found && stored && {...stored, digest: found})
        await Promise.resolve()
      },
    })
    const {scene, image} = tagged
    await scene.store.removeTag('pr-12', image.digest)
    const [copy] = contents
    expect(contents).toHaveLength(1)
    expect(copy && copiedFor(copy)).toBe('pr-12')
    const text = Buffer.from(copy?.bytes ?? []).toString()
    for (const digest of image.platforms.values()) expect(text).toContain(digest)
  })

  test('works for several tags at once', async () => {
    const tagged = await taggedScene()
    const {scene, image} = tagged
    for (const tag of ['pr-13', 'pr-14']) await scene.client.putManifest(tag, image)
    const removals = ['pr-12', 'pr-13', 'pr-14'].map(async (tag) => scene.store.removeTag(tag, image.digest))
    expect(await Promise.all(removals)).toEqual(Array.from({length: 3}, () => ({kind: 'deleted'})))
    expect(tagsOf(tagged)).toEqual(['1.2.3', 'other'])
  })

  test('waits until GitHub lists the copy', async () => {
    const tagged = await taggedScene({showsStale: true})
    expect(await tagged.scene.store.removeTag('pr-12', tagged.image.digest)).toEqual({kind: 'deleted'})
    expect(tagsOf(tagged)).toEqual(['1.2.3', 'other'])
  })

  test('reads the manifest once for all tags', async () => {
    const {scene, image} = await taggedScene()
    await scene.client.putManifest('pr-13', image)
    for (const tag of ['pr-12', 'pr-13']) await scene.store.removeTag(tag, image.digest)
    const reads = scene.github.requests.filter((request) => request.startsWith(`GET /v2/acme/app/manifests/`))
    expect(reads).toEqual([`GET /v2/acme/app/manifests/${image.digest}`])
  })

  test('goes on after a push whose response was lost', async () => {
    const tagged = await taggedScene({
      fault: (request, count) => (isPut(request) && count === 2 ? {when: 'after', answer: 'reset'} : undefined),
    })
    expect(await tagged.scene.store.removeTag('pr-12', tagged.image.digest)).toEqual({kind: 'deleted'})
    expect(tagsOf(tagged)).toEqual(['1.2.3', 'other'])
  })
})

describe('a tag that changed', () => {
  test('is not removed from another image', async () => {
    const {scene, image} = await taggedScene()
    const other = await scene.publish(makeImage({text: 'newer'}), 'pr-12')
    expect(await scene.store.removeTag('pr-12', image.digest)).toEqual({kind: 'changed'})
    expect(scene.registry.tagsOf(scene.path)).toMatchObject({'pr-12': other.digest})
  })

  test('after the copy was pushed keeps its image', async () => {
    const tagged = await taggedScene({
      before: async (request, count) => {
        if (request.includes('&page=1') && count === 2) await scene.publish(makeImage({text: 'newer'}), 'pr-12')
      },
    })
    const {scene, image} = tagged
    expect(await scene.store.removeTag('pr-12', image.digest)).toEqual({kind: 'changed'})
    expect(tagsOf(tagged)).toEqual(['1.2.3', 'other', 'pr-12'])
    // The copy, which has no tag any more, was deleted.
    expect(Object.keys(scene.tags())).toHaveLength(5)
  })

  test('is gone if it was removed', async () => {
    const {scene, image} = await taggedScene()
    const copy = await scene.publish(makeImage({text: 'short-lived'}), 'pr-12')
    await scene.github.remove(scene.path, copy.digest)
    expect(await scene.store.removeTag('pr-12', image.digest)).toEqual({kind: 'gone'})
  })

  test('is gone with its image', async () => {
    const {scene, image} = await taggedScene()
    await scene.github.remove(scene.path, image.digest)
    expect(await scene.store.removeTag('pr-12', image.digest)).toEqual({kind: 'gone'})
  })
})

describe('a tag that cannot be removed', () => {
  test.each<{name: string; options: GhcrSceneOptions; kind: string}>([
    {name: 'a missing role', options: {access: 'write'}, kind: 'denied'},
    {
      name: 'a failure',
      options: {
        fault: (request) =>
          isDelete(request) ? {when: 'before', answer: json(500, {message: 'Server Error'})} : undefined,
      },
      kind: 'failed',
    },
    {
      name: 'a copy that GitHub never lists',
      options: {
        fault: (request, count) =>
          request.includes('&page=1') && count > 1 ? {when: 'before', answer: json(200, [])} : undefined,
      },
      kind: 'failed',
    },
  ])('points to its image again after $name', async ({options, kind}) => {
    const {scene, image} = await taggedScene(options)
    expect(await scene.store.removeTag('pr-12', image.digest)).toMatchObject({kind})
    expect(scene.registry.tagsOf(scene.path)).toMatchObject({'1.2.3': image.digest, 'pr-12': image.digest})
  })

  test('is restored as the last one', async () => {
    const scene = ghcrScene()
    const image = await scene.publish(makeImage(), 'only')
    await scene.store.list()
    expect(await scene.store.removeTag('only', image.digest)).toMatchObject({kind: 'kept', reason: 'last-version'})
    expect(scene.tags()).toEqual({[image.digest]: ['only']})
  })

  test('is not touched if its manifest cannot be copied', async () => {
    const {scene, image} = await taggedScene()
    const signed = {digest: image.digest, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws'}
    const bytes = Buffer.from('{"schemaVersion":1}')
    const store = scene.reopen({...scene.client, manifest: async () => Promise.resolve({...signed, bytes})})
    await store.list()
    const before = scene.tags()
    expect(await store.removeTag('pr-12', image.digest)).toMatchObject({kind: 'unsupported'})
    expect(scene.tags()).toEqual(before)
  })
})
