import {expect, test} from '@jest/globals'
import {digestOf} from '../../../../src/oci/digest.ts'
import type {Fault, RecordedRequest} from '../../../../testing/memory-registry.ts'
import {ociScene, storePath, type OciScene} from '../../../../testing/oci-store.ts'

interface ZotRules {
  /** Whether the user has the permission `detectManifestCollision`. */
  readonly detectsCollisions?: boolean
  /** Tag that cannot be deleted. */
  readonly locked?: string
}

/**
 * Registry with the rules of zot (https://github.com/project-zot/zot/blob/main/pkg/api/routes.go): a tag is deleted alone; an
 * entry of an index is 405 DENIED; an image with several tags is 409 for some users.
 */
function zot({detectsCollisions = false, locked}: ZotRules = {}): OciScene {
  const scene: OciScene = ociScene({
    deletes: {tags: true},
    fault: ({method, path}: RecordedRequest): Fault | undefined => {
      if (method === 'DELETE' && locked !== undefined && path.endsWith(`/${locked}`)) return refusal(403, ...denied)
      const [, digest = ''] = /\/manifests\/(sha256:\w+)$/.exec(path) ?? []
      if (method !== 'DELETE' || digest === '') return undefined
      const {manifests, tags} = scene.registry.snapshot()[storePath] ?? {manifests: [], tags: {}}
      const isEntry = manifests.some((parent) => {
        const bytes = scene.registry.manifest(storePath, parent)?.bytes
        return parent !== digest && bytes?.includes(digest) === true
      })
      if (isEntry) return refusal(405, ...denied)
      const count = Object.values(tags).filter((tagged) => tagged === digest).length
      return detectsCollisions && count > 1 ? refusal(409, 'MANIFEST_INVALID', 'manifest invalid') : undefined
    },
  })
  return scene
}

const denied = ['DENIED', 'requested access to the resource is denied'] as const

function refusal(status: number, code: string, message: string): Fault {
  return {kind: 'answer', status, body: JSON.stringify({errors: [{code, message}]})}
}

test('one of several tags is removed, and the image stays', async () => {
  const {put, store, tags} = zot()
  const {digest} = put('image', '1.0', 'pr-1')
  expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'deleted'})
  expect(tags()).toEqual({'1.0': digest})
})

test.each([false, true])('an image with two tags is deleted; collisions detected: %s', async (detectsCollisions) => {
  const {put, store, tags, has} = zot({detectsCollisions})
  const doomed = put('old', 'pr-1', 'pr-1-b')
  const kept = put('kept', '1.0')
  expect(await store.deleteImages([doomed])).toEqual([{kind: 'deleted'}])
  expect(tags()).toEqual({'1.0': kept.digest})
  expect(has(doomed.digest)).toBe(false)
})

test('an image whose second tag is refused states that the first one is gone', async () => {
  const {put, store, tags} = zot({detectsCollisions: true, locked: 'pr-2'})
  const doomed = put('old', 'pr-1', 'pr-2')
  expect(await store.deleteImages([doomed])).toMatchObject([{kind: 'denied', removedTags: ['pr-1']}])
  expect(tags()).toEqual({'pr-2': doomed.digest})
})

test('with a tag that moved, nothing is deleted', async () => {
  const {put, move, store, tags} = zot({detectsCollisions: true})
  const doomed = put('before', 'main', 'sha-1')
  const after = put('after', 'edge')
  move(after, 'main')
  expect(await store.deleteImages([doomed])).toEqual([{kind: 'changed'}])
  expect(tags()).toEqual({edge: after.digest, main: after.digest, 'sha-1': doomed.digest})
})

test('an entry of an index is needed', async () => {
  const {store, registry, has} = zot()
  const index = registry.putImage(storePath, {platforms: ['linux/amd64'], index: true, tag: '1.0'})
  const [entry] = index.manifests
  const digest = entry?.digest ?? digestOf(Buffer.from(''))
  const [deletion] = await store.deleteImages([{digest, tags: []}])
  expect(deletion).toMatchObject({kind: 'kept', reason: 'needed'})
  expect(has(digest)).toBe(true)
})
