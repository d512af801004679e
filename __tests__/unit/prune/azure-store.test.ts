import {describe, expect, test} from '@jest/globals'
import {Secret} from '../../../src/errors/secret.ts'
import {openAzure} from '../../../src/prune/azure/azure-store.ts'
import type {ImageStore} from '../../../src/prune/image-store.ts'
import {azurePassword, azureRegistry} from '../../../testing/clouds/azure-registry.ts'
import {refusalOf} from '../../../testing/clouds/scene.ts'
import {makeImage, makeReferrer, memoryRegistry, type MemoryRegistry} from '../../../testing/memory-registry.ts'
import {testClients} from '../../../testing/registry-client.ts'

const host = 'acmeimages.azurecr.io'
const path = 'team/app'

type Options = Omit<Parameters<typeof azureRegistry>[0], 'registry' | 'path'>

function scene(options: Options = {}): {readonly registry: MemoryRegistry; readonly store: ImageStore} {
  const registry = memoryRegistry({host})
  const clients = testClients(azureRegistry({registry, path, ...options}), {
    credentials: async () => Promise.resolve({kind: 'basic', username: 'ci', password: new Secret(azurePassword)}),
  })
  return {registry, store: openAzure({host, path}, {clients})}
}

const locked = {deleteEnabled: false}

describe('the list', () => {
  test('has images with and without tags of all pages, and the latest time of image and tags', async () => {
    const [old, young] = [makeImage({text: 'old'}), makeImage({text: 'young'})]
    const updated = {
      [old.digest]: '2025-01-02T03:04:05.0678901Z',
      [young.digest]: '2025-01-02T03:04:05Z',
      '1.2.3': '2026-01-02T03:04:05Z',
    }
    const {registry, store} = scene({maxPage: 1, updated})
    registry.store(path, old)
    registry.store(path, young, ['1.2.3', 'latest'])
    const listing = await store.list()
    expect(listing).toEqual({
      kind: 'images',
      images: expect.arrayContaining([
        {digest: old.digest, tags: [], pushedAt: new Date('2025-01-02T03:04:05.067Z')},
        {digest: young.digest, tags: ['1.2.3', 'latest'], pushedAt: new Date('2026-01-02T03:04:05Z')},
      ]),
    })
  })

  test.each([
    {name: 'a manifest', locks: (digest: string) => ({[digest]: locked})},
    {name: 'a tag', locks: () => ({latest: {writeEnabled: false}})},
  ])('marks the image of $name that is locked', async ({locks}) => {
    const image = makeImage()
    const {registry, store} = scene({attributes: locks(image.digest)})
    registry.store(path, image, ['1.2.3', 'latest'])
    expect(await store.list()).toMatchObject({images: [{digest: image.digest, isLocked: true}]})
  })

  test('completes each list by the other one', async () => {
    const [image, hidden] = [makeImage({text: 'one'}), makeImage({text: 'hidden'})]
    const attributes = {[hidden.digest]: {listEnabled: false}, secret: {listEnabled: false}}
    const {registry, store} = scene({attributes})
    registry.store(path, image, ['1.2.3', 'secret'])
    registry.store(path, hidden, ['2.0.0'])
    expect(await store.list()).toMatchObject({
      images: [
        {digest: image.digest, tags: ['1.2.3', 'secret']},
        {digest: hidden.digest, tags: ['2.0.0']},
      ],
    })
  })

  test('of an unknown repository is empty', async () => {
    expect(await scene().store.list()).toEqual({kind: 'images', images: []})
  })

  test('that is denied is an error of Azure', async () => {
    const {registry, store} = scene({actions: ['pull', 'push']})
    registry.putImage(path, {tag: '1'})
    expect((await refusalOf(store.list())).code).toBe('acr-role-missing')
  })
})

describe('a deletion', () => {
  test('removes tags and referrers, too', async () => {
    const image = makeImage()
    const {registry, store} = scene()
    registry.store(path, image, ['pr-1', 'pr-1-amd64'])
    registry.store(path, makeReferrer(image, 'application/signature'))
    expect(await store.deleteImages([{digest: image.digest, tags: ['pr-1', 'pr-1-amd64']}])).toEqual([
      {kind: 'deleted'},
    ])
    expect(registry.snapshot()[path]).toMatchObject({tags: {}, manifests: []})
  })

  test('distinguishes what changed, is gone and is locked', async () => {
    const [image, other, fixed] = [makeImage(), makeImage({text: 'other'}), makeImage({text: 'fixed'})]
    const {registry, store} = scene({attributes: {[fixed.digest]: locked}})
    registry.store(path, image, ['pr-1', 'latest'])
    registry.store(path, fixed, ['pr-3'])
    const results = await store.deleteImages([
      {digest: image.digest, tags: ['pr-1']},
      {digest: other.digest, tags: ['pr-2']},
      {digest: fixed.digest, tags: ['pr-3']},
    ])
    expect(results).toMatchObject([{kind: 'changed'}, {kind: 'gone'}, {kind: 'kept', reason: 'locked'}])
    expect(registry.tagsOf(path)).toEqual({'pr-1': image.digest, latest: image.digest, 'pr-3': fixed.digest})
  })

  test('does not happen after another push', async () => {
    const {registry, store} = scene()
    const {digest} = registry.putImage(path, {tag: 'pr-1'})
    const image = {digest, tags: ['pr-1']}
    expect(await store.deleteImages([{...image, pushedAt: new Date(0)}])).toEqual([{kind: 'changed'}])
    expect(await store.deleteImages([{...image, pushedAt: new Date('2100-01-01')}])).toEqual([{kind: 'deleted'}])
  })

  test('in a locked repository keeps every image', async () => {
    const {registry, store} = scene({attributes: {'': locked}})
    const {digest} = registry.putImage(path, {tag: 'pr-1'})
    expect(await store.deleteImages([{digest, tags: ['pr-1']}])).toMatchObject([{kind: 'kept', reason: 'locked'}])
  })

  test('removes one tag of several', async () => {
    const {registry, store} = scene()
    const {digest} = registry.putImage(path, {tags: ['1.2.3', 'pr-1']})
    const {digest: other} = registry.putImage(path, {text: 'other', tag: 'pr-2'})
    expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'deleted'})
    expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'gone'})
    expect(await store.removeTag('pr-2', digest)).toEqual({kind: 'changed'})
    expect(registry.tagsOf(path)).toEqual({'1.2.3': digest, 'pr-2': other})
  })

  test.each([true, false])(
    'with a role that may not delete is denied (by the token server: %s)',
    async (refusesActions) => {
      const {registry, store} = scene({actions: ['pull', 'metadata_read'], refusesActions})
      const {digest} = registry.putImage(path, {tags: ['1.2.3', 'pr-1']})
      const expected = {kind: 'denied', remedy: expect.stringContaining('AcrDelete')}
      expect(await store.deleteImages([{digest, tags: ['1.2.3', 'pr-1']}])).toMatchObject([expected])
      expect(await store.removeTag('pr-1', digest)).toMatchObject(expected)
    },
  )

  test('asks for its own token', async () => {
    const scopes: (string | null)[] = []
    const {registry, store} = scene({
      before: ({url}) => {
        if (url.pathname === '/oauth2/token') scopes.push(url.searchParams.get('scope'))
      },
    })
    const {digest} = registry.putImage(path, {tag: 'pr-1'})
    await store.deleteImages([{digest, tags: ['pr-1']}])
    expect(scopes.sort()).toEqual([`repository:${path}:delete`, `repository:${path}:metadata_read`])
  })
})
