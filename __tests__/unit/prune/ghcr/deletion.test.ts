import {describe, expect, test} from '@jest/globals'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {makeImage, type TestImage} from '../../../../testing/memory-registry.ts'
import {ghcrScene, type GhcrScene, type GhcrSceneOptions} from '../../../../testing/registries/ghcr-scene.ts'
import type {Deletion} from '../../../../src/prune/image-store.ts'

interface Pair {
  readonly scene: GhcrScene
  readonly doomed: TestImage
  /** Deletes `doomed` as it was listed. */
  readonly remove: () => Promise<Deletion | undefined>
}

/** Package with an image to delete, and another one that stays. */
async function pairOf(options: GhcrSceneOptions = {}): Promise<Pair> {
  const scene = ghcrScene({owner: {name: 'acme', kind: 'orgs'}, ...options})
  const doomed = await scene.publish(makeImage({text: 'doomed'}), 'one', 'two')
  await scene.publish(makeImage({text: 'kept'}), 'kept')
  const image = scene.doomed(doomed)
  return {scene, doomed, remove: async () => (await scene.store.deleteImages([image]))[0]}
}

const isDelete = (request: string): boolean => request.startsWith('DELETE ')

/** Number of requests that delete. */
function deletes({github}: GhcrScene): number {
  return github.requests.filter(isDelete).length
}

describe('the deletion of an image', () => {
  test('removes the whole version', async () => {
    const {scene, doomed, remove} = await pairOf()
    expect(await remove()).toEqual({kind: 'deleted'})
    expect(Object.values(scene.tags())).toEqual([['kept']])
    expect(Object.keys(scene.registry.tagsOf(scene.path))).toEqual(['kept'])
    expect(scene.registry.manifest(scene.path, doomed.digest)).toBeUndefined()
  })

  test('uses the listed version', async () => {
    const {scene, doomed} = await pairOf()
    await scene.store.list()
    const {digest, tags} = scene.doomed(doomed)
    expect(await scene.store.deleteImages([{digest, tags}])).toEqual([{kind: 'deleted'}])
  })

  test('ends with nothing to do for a manifest without a version', async () => {
    const {scene} = await pairOf()
    const {digest} = makeImage({text: 'unlisted'})
    await scene.store.list()
    expect(await scene.store.deleteImages([{digest, tags: []}])).toEqual([{kind: 'gone'}])
    expect(await scene.store.removeTag('three', digest)).toEqual({kind: 'gone'})
    expect(await scene.store.restore?.({digest, tags: []})).toBe(false)
    expect(deletes(scene)).toBe(0)
  })

  test('reads no manifest', async () => {
    const {scene, remove} = await pairOf()
    const before = scene.github.requests.length
    await remove()
    expect(scene.github.requests.slice(before).filter((request) => request.includes('/manifests/'))).toEqual([])
  })

  test.each<{name: string; change: (pair: Pair) => Promise<unknown>}>([
    {name: 'has a tag more', change: async ({scene, doomed}) => scene.client.putManifest('three', doomed)},
    {
      name: 'has a tag less',
      change: async ({scene}) => scene.publish(makeImage({text: 'other'}), 'two'),
    },
    {
      name: 'has another tag in place of one',
      change: async ({scene, doomed}) => {
        await scene.publish(makeImage({text: 'other'}), 'two')
        await scene.client.putManifest('three', doomed)
      },
    },
  ])('is not done if it $name', async ({change}) => {
    const pair = await pairOf()
    await change(pair)
    expect(await pair.remove()).toEqual({kind: 'changed'})
    expect(deletes(pair.scene)).toBe(0)
  })

  test('is not repeated if it got a tag during the wait for a limit', async () => {
    const limit = {...json(429, {message: 'You have exceeded a secondary rate limit.'}), headers: {'retry-after': '30'}}
    const {scene, doomed, remove} = await pairOf({
      before: async (request, count) => {
        if (isDelete(request) && count === 1) await scene.client.putManifest('three', doomed)
      },
      fault: (request, count) => (isDelete(request) && count === 1 ? {when: 'before', answer: limit} : undefined),
    })
    expect(await remove()).toEqual({kind: 'changed'})
    expect(scene.tags()).toMatchObject({[doomed.digest]: ['one', 'three', 'two']})
  })

  test('is not done if it was pushed again', async () => {
    const {scene, doomed} = await pairOf()
    const [early, late] = [new Date(0), new Date('2100-01-01')]
    const image = scene.doomed(doomed)
    expect(await scene.store.deleteImages([{...image, pushedAt: early}])).toEqual([{kind: 'changed'}])
    expect(await scene.store.deleteImages([{...image, pushedAt: late}])).toEqual([{kind: 'deleted'}])
  })

  test('is not done for another digest', async () => {
    const {scene, doomed} = await pairOf()
    const image = {...scene.doomed(doomed), digest: `sha256:${'0'.repeat(64)}`}
    expect(await scene.store.deleteImages([image])).toEqual([{kind: 'changed'}])
    expect(deletes(scene)).toBe(0)
  })
})

describe('an image that is gone', () => {
  test('before the deletion is a success', async () => {
    const {scene, doomed, remove} = await pairOf()
    await scene.github.remove(scene.path, doomed.digest)
    expect(await remove()).toEqual({kind: 'gone'})
    expect(deletes(scene)).toBe(0)
  })

  test('between the two requests is a success', async () => {
    const {scene, doomed, remove} = await pairOf({
      before: async (request, count) => {
        if (isDelete(request) && count === 1) await scene.github.remove(scene.path, doomed.digest)
      },
    })
    expect(await remove()).toEqual({kind: 'gone'})
  })

  test('between the two requests, and still shown for a while, is a success', async () => {
    let shown: ReturnType<typeof json> | undefined
    const {scene, doomed, remove} = await pairOf({
      before: async (request, count) => {
        if (!isDelete(request) || count !== 1) return
        const {digest, tags, id} = scene.doomed(doomed)
        shown = json(200, {id: Number(id), name: digest, metadata: {container: {tags}}})
        await scene.github.remove(scene.path, doomed.digest)
      },
      fault: (request, count) =>
        shown !== undefined && /^GET .*\/versions\/\d+$/.test(request) && count === 2
          ? {when: 'before', answer: shown}
          : undefined,
    })
    expect(await remove()).toEqual({kind: 'gone'})
  })

  test.each<{name: string; answer: 'reset' | ReturnType<typeof json>; showsStale: boolean}>([
    {name: 'reset', answer: 'reset', showsStale: false},
    {name: 'replaced by an error', answer: json(500, {message: 'Server Error'}), showsStale: false},
    {name: 'lost, and GitHub shows it for a while', answer: 'reset', showsStale: true},
  ])('after a deletion whose response was $name is a success', async ({answer, showsStale}) => {
    const {scene, remove} = await pairOf({
      showsStale,
      fault: (request, count) => (isDelete(request) && count === 1 ? {when: 'after', answer} : undefined),
    })
    expect(await remove()).toEqual({kind: 'gone'})
    expect(Object.values(scene.tags())).toEqual([['kept']])
  })

  test('with its index is a success', async () => {
    const {scene} = await pairOf({deletesChildren: true})
    const index = await scene.publish(makeImage({platforms: ['linux/amd64', 'linux/arm64']}), 'index')
    const parts = [...index.platforms.values()].map((digest) => scene.doomed({digest}))
    expect(await scene.store.deleteImages([scene.doomed(index)])).toEqual([{kind: 'deleted'}])
    expect(await scene.store.deleteImages(parts)).toEqual([{kind: 'gone'}, {kind: 'gone'}])
  })
})

describe('a rule of GitHub', () => {
  test('keeps the last version with a tag', async () => {
    const scene = ghcrScene()
    const index = await scene.publish(makeImage({platforms: ['linux/amd64', 'linux/arm64']}), 'latest')
    expect(await scene.store.deleteImages([scene.doomed(index)])).toEqual([
      {kind: 'kept', reason: 'last-version', answer: expect.stringContaining(': 400, ')},
    ])
    expect(Object.keys(scene.tags())).toHaveLength(3)
  })

  test('keeps the last version in the older wording', async () => {
    const scene = ghcrScene({keepsLast: 'any'})
    const image = await scene.publish(makeImage())
    expect(await scene.store.deleteImages([scene.doomed(image)])).toMatchObject([
      {kind: 'kept', reason: 'last-version'},
    ])
  })

  test('lets the last version without a tag go', async () => {
    const scene = ghcrScene()
    const image = await scene.publish(makeImage())
    expect(await scene.store.deleteImages([scene.doomed(image)])).toEqual([{kind: 'deleted'}])
  })

  test.each([
    {name: 'keeps a public version with many downloads', isPublic: true, downloads: 5_001, kind: 'kept'},
    {name: 'lets a public version with fewer downloads go', isPublic: true, downloads: 5_000, kind: 'deleted'},
    {name: 'lets a private version with many downloads go', isPublic: false, downloads: 5_001, kind: 'deleted'},
  ])('$name', async ({isPublic, downloads, kind}) => {
    const {scene, doomed, remove} = await pairOf({isPublic})
    const version = scene.github.package(scene.path).byDigest(doomed.digest)
    if (version !== undefined) version.downloads = downloads
    expect(await remove()).toMatchObject(kind === 'kept' ? {kind, reason: 'downloads'} : {kind})
  })
})

describe('a missing right', () => {
  test.each([
    {name: 'the role Admin', access: 'write' as const, status: 404},
    {name: 'the permission of the job', access: 'read' as const, status: 403},
  ])('to delete is a denial without $name', async ({access, status}) => {
    const {scene, remove} = await pairOf({access})
    const deletion = await remove()
    expect(deletion).toMatchObject({kind: 'denied'})
    expect(deletion).toHaveProperty('answer', expect.stringContaining(`: ${status}, `))
    expect(scene.store.denialCode).toBe('prune-denied-ghcr')
    expect(Object.values(scene.tags())).toHaveLength(2)
  })

  test('is a denial if the token ends', async () => {
    const {remove} = await pairOf({
      fault: (request) =>
        isDelete(request) ? {when: 'before', answer: json(401, {message: 'Bad credentials'})} : undefined,
    })
    expect(await remove()).toMatchObject({kind: 'denied'})
  })
})

describe('another response', () => {
  test.each([
    {name: 'a failure that stays', answer: json(500, {message: 'Server Error'})},
    {name: 'an unknown refusal', answer: json(400, {message: 'Bad Request'})},
  ])('such as $name is one failed deletion', async ({answer}) => {
    const {remove} = await pairOf({fault: (request) => (isDelete(request) ? {when: 'before', answer} : undefined)})
    expect(await remove()).toMatchObject({kind: 'failed'})
  })

  test('to the read before is a failed deletion', async () => {
    const {scene, remove} = await pairOf({
      fault: (request) =>
        /^GET .*\/versions\/\d+$/.test(request)
          ? {when: 'before', answer: json(500, {message: 'Server Error'})}
          : undefined,
    })
    expect(await remove()).toMatchObject({kind: 'failed'})
    expect(deletes(scene)).toBe(0)
  })

  test('that does not arrive is one failed deletion', async () => {
    const {remove} = await pairOf({
      fault: (request) => (isDelete(request) ? {when: 'before', answer: 'reset'} : undefined),
    })
    expect(await remove()).toMatchObject({kind: 'failed'})
  })
})
