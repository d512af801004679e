import {describe, expect, test} from '@jest/globals'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {makeImage} from '../../../../testing/memory-registry.ts'
import {ghcrScene, sceneStart, type GhcrScene} from '../../../../testing/registries/ghcr-scene.ts'

/** Sorted tags by digest, as the store lists them. */
async function listed({store}: GhcrScene): Promise<Readonly<Record<string, readonly string[]>>> {
  const listing = await store.list()
  if (listing.kind !== 'images') throw new Error('no images')
  return Object.fromEntries(listing.images.map(({digest, tags}) => [digest, tags.toSorted()]))
}

/** Numbers of the pages that were read, in order. */
function pagesRead({github}: GhcrScene): readonly string[] {
  return github.requests.flatMap((request) => /&page=(\d+)$/.exec(request)?.[1] ?? [])
}

const isPage = (request: string, page: number): boolean => request.endsWith(`&page=${page}`)

describe('a package list', () => {
  test('has untagged images, ages and identifiers', async () => {
    const scene = ghcrScene()
    const index = await scene.publish(makeImage({platforms: ['linux/amd64', 'linux/arm64']}), '1.0.0', 'latest')
    scene.clock.advance(60_000)
    await scene.client.putManifest('1.0', index)
    expect(await listed(scene)).toEqual(scene.tags())
    expect(scene.tags()).toMatchObject({[index.digest]: ['1.0', '1.0.0', 'latest']})
    const listing = await scene.store.list()
    const images = listing.kind === 'images' ? listing.images : []
    for (const {digest, pushedAt} of images)
      expect(pushedAt?.getTime()).toBe(sceneStart.getTime() + (digest === index.digest ? 60_000 : 0))
    expect(new Set(images.map(({id}) => id)).size).toBe(3)
  })

  test('is empty without a package', async () => {
    expect(await ghcrScene().store.list()).toEqual({kind: 'images', images: []})
  })

  test.each([
    {name: 'one page', count: 99, pages: ['1']},
    {name: 'one full page', count: 100, pages: ['1', '2', '1', '2']},
    {name: 'two full pages', count: 200, pages: ['1', '2', '1', '2']},
    {name: 'several pages', count: 350, pages: ['1', '4', '2', '3', '1', '4']},
  ])('is complete on $name', async ({count, pages}) => {
    const scene = ghcrScene()
    await scene.publishMany(count)
    expect(await listed(scene)).toEqual(scene.tags())
    expect(pagesRead(scene)).toEqual(pages)
  })

  test('is complete without links', async () => {
    const scene = ghcrScene({links: false})
    await scene.publishMany(200)
    expect(await listed(scene)).toEqual(scene.tags())
    expect(pagesRead(scene)).toEqual(['1', '2', '3', '1', '3'])
  })
})

describe('a list that changes while it is read', () => {
  test.each([
    {name: 'a push', change: async (scene: GhcrScene) => scene.publish(makeImage({text: 'new'}), 'new')},
    {name: 'an untagged push', change: async (scene: GhcrScene) => scene.publish(makeImage({text: 'new'}))},
    {
      name: 'a deletion on the first page',
      change: async ({github, path}: GhcrScene) => github.remove(path, newest(github.package(path).active(), 3)),
    },
    {
      name: 'a deletion on a page that was read',
      change: async ({github, path}: GhcrScene) => github.remove(path, newest(github.package(path).active(), 120)),
    },
  ])('is read again after $name', async ({change}) => {
    let isChanged = false
    const scene = ghcrScene({
      before: async (request) => {
        if (isChanged || !isPage(request, 3)) return
        isChanged = true
        await change(scene)
      },
    })
    await scene.publishMany(350)
    expect(await listed(scene)).toEqual(scene.tags())
    expect(isChanged).toBe(true)
  })

  test('is refused if it changes each time', async () => {
    let pushes = 0
    const scene = ghcrScene({
      before: async (request) => {
        if (isPage(request, 2)) await scene.publish(makeImage({text: `push ${(pushes += 1)}`}))
      },
    })
    await scene.publishMany(350)
    await expect(scene.store.list()).rejects.toMatchObject({code: 'prune-list-cut'})
  })
})

function newest(versions: readonly {readonly digest: string}[], position: number): string {
  return versions[position]?.digest ?? ''
}

describe('a list that is interrupted', () => {
  test('is refused, and names the page', async () => {
    const scene = ghcrScene({
      fault: (request) =>
        isPage(request, 2) ? {when: 'before', answer: json(500, {message: 'Server Error'})} : undefined,
    })
    await scene.publishMany(201)
    await expect(scene.store.list()).rejects.toMatchObject({
      code: 'prune-list-cut',
      evidence: ['GET /orgs/acme/packages/container/app/versions?state=active&per_page=100&page=2: 500, Server Error'],
    })
  })

  test.each([
    {name: 'a failure', answer: json(502, {message: 'Server Error'})},
    {name: 'a lost response', answer: 'reset' as const},
  ])('goes on after $name', async ({answer}) => {
    const scene = ghcrScene({
      fault: (request, count) => (isPage(request, 2) && count < 3 ? {when: 'after', answer} : undefined),
    })
    await scene.publishMany(201)
    expect(await listed(scene)).toEqual(scene.tags())
  })

  test.each([
    {name: 'a page of another kind', answer: json(200, {versions: []})},
    {name: 'a version without tags', answer: json(200, [{id: 1, name: `sha256:${'a'.repeat(64)}`}])},
    {name: 'a package that was deleted', answer: json(404, {message: 'Package not found.'})},
  ])('is refused for $name', async ({answer}) => {
    const scene = ghcrScene({fault: (request) => (isPage(request, 3) ? {when: 'before', answer} : undefined)})
    await scene.publishMany(201)
    await expect(scene.store.list()).rejects.toMatchObject({code: 'prune-list-cut'})
  })

  test('is refused before the second page without enough requests', async () => {
    const scene = ghcrScene({limits: {used: 898}})
    await scene.publishMany(201)
    await expect(scene.store.list()).rejects.toMatchObject({code: 'prune-list-cut'})
    expect(pagesRead(scene)).toEqual(['1'])
  })

  test('keeps the reason of a cancellation', async () => {
    const run = new AbortController()
    const reason = new Error('cancelled here')
    const scene = ghcrScene({
      signal: run.signal,
      before: (request) => {
        if (isPage(request, 2)) run.abort(reason)
      },
    })
    await scene.publishMany(201)
    await expect(scene.store.list()).rejects.toBe(reason)
  })
})

describe('tags', () => {
  test('of a push that one list shows late are read again', async () => {
    const scene = ghcrScene({showsStale: true})
    await scene.publish(makeImage({text: 'one'}), 'one')
    await scene.publish(makeImage({text: 'two'}), 'two')
    expect(await listed(scene)).toEqual(scene.tags())
  })

  test('of an image that got a tag meanwhile are read again', async () => {
    const scene = ghcrScene({
      before: async (request, count) => {
        if (request.startsWith('GET /v2/acme/app/tags/list') && count === 1)
          await scene.client.putManifest('new', first)
      },
    })
    const first = await scene.publish(makeImage({text: 'first'}), 'first')
    await scene.publishMany(120)
    expect(await listed(scene)).toEqual(scene.tags())
    expect(scene.tags()).toMatchObject({[first.digest]: ['first', 'new']})
  })

  test('of an image that another cleaner deleted meanwhile are read again', async () => {
    const scene = ghcrScene({
      before: async (request, count) => {
        if (request.startsWith('GET /v2/acme/app/tags/list') && count === 1)
          await scene.github.remove('acme/app', gone.digest)
      },
    })
    const gone = await scene.publish(makeImage({text: 'gone'}), 'gone')
    await scene.publishMany(3)
    expect(await listed(scene)).toEqual(scene.tags())
  })

  test.each([
    {name: 'that only the registry has', tags: ['t1', 't2', 'unknown'], evidence: /^unknown: the registry/},
    {name: 'that only a version has', tags: ['t1'], evidence: /^t2: a version/},
  ])('$name refuse the list', async ({tags, evidence}) => {
    const scene = ghcrScene({
      fault: (request) =>
        request.startsWith('GET /v2/acme/app/tags/list')
          ? {when: 'before', answer: json(200, {name: 'acme/app', tags})}
          : undefined,
    })
    await scene.publishMany(2)
    await expect(scene.store.list()).rejects.toMatchObject({
      code: 'prune-list-cut',
      evidence: [expect.stringMatching(evidence)],
    })
  })
})
