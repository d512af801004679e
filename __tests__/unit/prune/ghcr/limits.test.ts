import {describe, expect, test} from '@jest/globals'
import {limitedForMs, rateLimitIn} from '../../../../src/prune/ghcr/rate-limit.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import type {TestImage} from '../../../../testing/memory-registry.ts'
import {
  ghcrScene,
  sceneStart,
  type GhcrScene,
  type GhcrSceneOptions,
} from '../../../../testing/registries/ghcr-scene.ts'
import type {DoomedImage} from '../../../../src/prune/image-store.ts'

const owner = {name: 'acme', kind: 'orgs'} as const

/** Package with this number of images to delete, and one that stays. It was listed. */
async function sceneOf(
  count: number,
  options: GhcrSceneOptions = {},
): Promise<{scene: GhcrScene; doomed: readonly DoomedImage[]}> {
  const scene = ghcrScene({owner, ...options})
  const [kept, ...images] = await scene.publishMany(count + 1)
  if (kept === undefined) throw new Error('no images')
  await scene.store.list()
  return {scene, doomed: images.map((image: TestImage) => scene.doomed(image))}
}

/** Deletes images. Returns the number of each result. */
async function deleteAll(
  {store}: Pick<GhcrScene, 'store'>,
  doomed: readonly DoomedImage[],
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {}
  for (const {kind} of await store.deleteImages(doomed)) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

describe('the budget', () => {
  test.each([
    {name: 'is what later lists and other jobs do not need', used: 0, expected: 447},
    {name: 'counts two requests for each deletion', used: 874, expected: 10},
    {name: 'is never negative', used: 950, expected: 0},
  ])('$name', async ({used, expected}) => {
    const {scene} = await sceneOf(1, {limits: {used}})
    expect(await scene.store.budget()).toBe(expected)
  })

  test('reserves the requests of later lists', async () => {
    const {scene} = await sceneOf(250)
    // Five requests for three pages, five times.
    expect(await scene.store.budget()).toBe(Math.floor((1_000 - 100 - 5 * 5) / 2))
  })

  test('is unknown without limits', async () => {
    const {scene} = await sceneOf(1, {limits: {perHour: 'unlimited'}})
    expect(await scene.store.budget()).toBeUndefined()
  })

  test('is unknown after the limit was reset', async () => {
    const {scene} = await sceneOf(1, {limits: {used: 900}})
    expect(await scene.store.budget()).toBe(0)
    scene.clock.advance(3_600_000)
    expect(await scene.store.budget()).toBeUndefined()
  })

  test('of 10 stops 50 deletions, and the next run does the rest', async () => {
    const {scene, doomed} = await sceneOf(50, {limits: {used: 874}})
    const budget = await scene.store.budget()
    expect(budget).toBe(10)
    expect(await deleteAll(scene, doomed.slice(0, budget))).toEqual({deleted: 10})
    expect(Object.keys(scene.tags())).toHaveLength(41)
    scene.clock.advance(3_600_000)
    const store = scene.reopen()
    const listing = await store.list()
    const left = new Set(listing.kind === 'images' ? listing.images.map(({digest}) => digest) : [])
    const rest = doomed.filter(({digest}) => left.has(digest))
    expect(rest).toHaveLength(40)
    expect(await deleteAll({store}, rest)).toEqual({deleted: 40})
    expect(Object.values(scene.tags())).toEqual([['t1']])
  })

  test('of other jobs is left', async () => {
    const {scene, doomed} = await sceneOf(50, {limits: {used: 880}})
    const {deleted = 0, postponed = 0} = await deleteAll(scene, doomed)
    expect(deleted + postponed).toBe(50)
    expect(deleted).toBeGreaterThanOrEqual(9)
    expect(deleted).toBeLessThanOrEqual(12)
  })

  test('of other jobs is left for a tag', async () => {
    const {scene, doomed} = await sceneOf(2, {limits: {used: 900}})
    expect(await scene.store.removeTag('t2', doomed[0]?.digest ?? '')).toMatchObject({kind: 'postponed'})
    expect(Object.values(scene.tags()).flat().toSorted()).toEqual(['t1', 't2', 't3'])
  })
})

describe('the pace', () => {
  test('stays below the points of a minute', async () => {
    const {scene, doomed} = await sceneOf(300, {limits: {perHour: 'unlimited'}})
    const before = scene.clock.now().getTime()
    expect(await deleteAll(scene, doomed)).toEqual({deleted: 300})
    expect(scene.lines).toEqual([])
    const minutes = (scene.clock.now().getTime() - before) / 60_000
    expect(minutes).toBeGreaterThan(300 / 150 - 0.01)
    expect(minutes).toBeLessThan(300 / 130)
  })

  test('holds for concurrent deletions', async () => {
    const {scene, doomed} = await sceneOf(20)
    const before = scene.clock.now().getTime()
    await Promise.all(doomed.map(async (image) => scene.store.deleteImages([image])))
    expect(scene.clock.now().getTime() - before).toBeGreaterThanOrEqual(19 * 400)
  })
})

describe('a limit', () => {
  const limited = (status: number, headers: Readonly<Record<string, string>>): GhcrSceneOptions => ({
    fault: (request, count) =>
      request.startsWith('DELETE ') && count === 1
        ? {when: 'before', answer: {...json(status, {message: 'You have exceeded a secondary rate limit.'}), headers}}
        : undefined,
  })

  test.each([
    {name: '429 with a delay', options: limited(429, {'retry-after': '7'}), waitMs: 7_000},
    {name: '403 with a delay', options: limited(403, {'retry-after': '7'}), waitMs: 7_000},
    {name: '403 that names the limit', options: limited(403, {}), waitMs: 60_000},
    {
      name: '403 that is over soon',
      options: limited(403, {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(sceneStart.getTime() / 1000 + 30),
      }),
      waitMs: 30_000,
    },
  ])('of up to a minute is waited for: $name', async ({options, waitMs}) => {
    const {scene, doomed} = await sceneOf(1, options)
    const before = scene.clock.now().getTime()
    expect(await deleteAll(scene, doomed)).toEqual({deleted: 1})
    expect(scene.clock.now().getTime() - before).toBe(waitMs)
    expect(scene.lines).toHaveLength(1)
  })

  test.each([
    {name: 'a long delay', options: limited(429, {'retry-after': '3600'})},
    {
      name: 'a reset that is far',
      options: limited(403, {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(sceneStart.getTime() / 1000 + 1_800),
      }),
    },
  ])('ends the deletions for $name', async ({options}) => {
    const {scene, doomed} = await sceneOf(1, options)
    const before = scene.clock.now().getTime()
    expect(await deleteAll(scene, doomed)).toEqual({postponed: 1})
    expect(scene.clock.now().getTime()).toBe(before)
  })

  test('that stays ends the deletions', async () => {
    const answer = json(429, {message: 'You have exceeded a secondary rate limit.'})
    const {scene, doomed} = await sceneOf(1, {
      fault: (request) => (request.startsWith('DELETE ') ? {when: 'before', answer} : undefined),
    })
    expect(await deleteAll(scene, doomed)).toEqual({postponed: 1})
  })
})

describe('the headers of a limit', () => {
  const now = new Date('2026-01-02T03:04:05Z')

  test.each([
    {name: 'both', headers: {'x-ratelimit-remaining': '12', 'x-ratelimit-reset': '1767323045'}, expected: 12},
    {name: 'one', headers: {'x-ratelimit-remaining': '12'}, expected: undefined},
    {name: 'no number', headers: {'x-ratelimit-remaining': '-1', 'x-ratelimit-reset': 'soon'}, expected: undefined},
  ])('are read: $name', ({headers, expected}) => {
    expect(rateLimitIn(headers)?.remaining).toBe(expected)
  })

  test.each([
    {name: 'a denial', status: 403, headers: {'x-ratelimit-remaining': '99', 'x-ratelimit-reset': '1767323045'}},
    {name: 'an unknown resource', status: 404, headers: {'retry-after': '5'}},
    {name: 'a failure', status: 503, headers: {'retry-after': '5'}},
  ])('do not make a limit of $name', ({status, headers}) => {
    const response = {...json(status, {message: 'Resource not accessible by integration'}), headers}
    expect(limitedForMs(response, now)).toBeUndefined()
  })
})
