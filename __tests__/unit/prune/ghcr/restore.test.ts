import {describe, expect, test} from '@jest/globals'
import type {DoomedImage} from '../../../../src/prune/image-store.ts'
import {json} from '../../../../testing/clouds/github-tokens.ts'
import {makeImage, type TestImage} from '../../../../testing/memory-registry.ts'
import {ghcrScene, type GhcrScene, type GhcrSceneOptions} from '../../../../testing/registries/ghcr-scene.ts'

const dayMs = 24 * 3_600_000

interface Deleted {
  readonly scene: GhcrScene
  readonly image: TestImage
  readonly doomed: DoomedImage
}

/** Package of which an image was deleted. */
async function deletedScene(options: GhcrSceneOptions = {}): Promise<Deleted> {
  const scene = ghcrScene({owner: {name: 'acme', kind: 'orgs'}, ...options})
  const image = await scene.publish(makeImage({text: 'restored'}), 'one', 'two')
  await scene.publish(makeImage({text: 'other'}), 'other')
  const doomed = scene.doomed(image)
  expect(await scene.store.deleteImages([doomed])).toEqual([{kind: 'deleted'}])
  return {scene, image, doomed}
}

describe('a deleted image', () => {
  test.each([true, false])('is restored with its tags (GitHub restores them: %s)', async (restoresTags) => {
    const {scene, image, doomed} = await deletedScene({restoresTags})
    expect(await scene.store.restore?.(doomed)).toBe(true)
    expect(scene.registry.tagsOf(scene.path)).toMatchObject({one: image.digest, two: image.digest})
    expect(scene.tags()[image.digest]).toEqual(['one', 'two'])
  })

  test('does not get a tag that another image has now', async () => {
    const {scene, image, doomed} = await deletedScene()
    const newer = await scene.publish(makeImage({text: 'newer'}), 'two')
    expect(await scene.store.restore?.(doomed)).toBe(true)
    expect(scene.registry.tagsOf(scene.path)).toMatchObject({one: image.digest, two: newer.digest})
  })

  test('is restored within 30 days', async () => {
    const {scene, doomed} = await deletedScene()
    scene.clock.advance(30 * dayMs)
    expect(await scene.store.restore?.(doomed)).toBe(true)
  })

  test('is not restored later', async () => {
    const {scene, doomed} = await deletedScene()
    scene.clock.advance(30 * dayMs + 1_000)
    expect(await scene.store.restore?.(doomed)).toBe(false)
  })

  test('is not restored without a right', async () => {
    const {scene, doomed} = await deletedScene({
      fault: (request) =>
        request.endsWith('/restore') ? {when: 'before', answer: json(403, {message: 'Forbidden'})} : undefined,
    })
    expect(await scene.store.restore?.(doomed)).toBe(false)
  })

  test('is restored after a request whose response was lost', async () => {
    const {scene, doomed} = await deletedScene({
      fault: (request, count) =>
        request.endsWith('/restore') && count === 1 ? {when: 'after', answer: 'reset'} : undefined,
    })
    expect(await scene.store.restore?.(doomed)).toBe(true)
    expect(Object.values(scene.tags()).flat().toSorted()).toEqual(['one', 'other', 'two'])
  })
})
