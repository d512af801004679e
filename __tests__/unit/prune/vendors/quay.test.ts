import {describe, expect, test} from '@jest/globals'
import type {ImageStore} from '../../../../src/prune/image-store.ts'
import {openQuay} from '../../../../src/prune/quay/quay-store.ts'
import {quay, quayUsers, type Quay} from '../../../../testing/vendors/quay.ts'
import {testResources} from '../../../../testing/vendors/store-resources.ts'

const path = 'acme/app'
const repository = {host: 'quay.example.org', path}

function open({http}: Quay, username: keyof typeof quayUsers = 'acme+ci'): ImageStore {
  return openQuay(repository, testResources(http, {username, password: quayUsers[username]}))
}

function named(count: number): readonly string[] {
  return Array.from({length: count}, (_, number) => `t${number}`)
}

describe('the list', () => {
  test.each([
    {name: 'an OAuth token', user: '$oauthtoken', isPublic: false},
    {name: 'a public repository', user: 'acme+ci', isPublic: true},
  ] as const)('has times with $name, over pages', async ({user, isPublic}) => {
    const registry = quay({isPublic})
    registry.registry.putImage(path, {tags: named(130)})
    registry.started.set('t7', 1_700_000_000)
    const listing = await open(registry, user).list()
    if (listing.kind !== 'tags') throw new Error(listing.kind)
    expect(listing.tags).toHaveLength(130)
    expect(listing.taggedAt?.size).toBe(130)
    expect(listing.taggedAt?.get('t7')).toEqual(new Date(1_700_000_000_000))
  })

  test('has no times for robots', async () => {
    const registry = quay()
    registry.registry.putImage(path, {tag: 'main'})
    expect(await open(registry).list()).toEqual({kind: 'tags', tags: ['main']})
    const toApi = registry.http.requests.filter(({url}) => url.pathname.startsWith('/api/'))
    expect(toApi.map(({headers}) => headers['authorization'])).toEqual([undefined])
  })
})

describe('a deletion', () => {
  test('removes tags with the action push', async () => {
    const registry = quay()
    const {digest} = registry.registry.putImage(path, {tags: ['1.0', 'pr-1', 'pr-2']})
    const store = open(registry)
    expect(await store.removeTag('pr-1', digest)).toEqual({kind: 'deleted'})
    expect(await store.deleteImages([{digest, tags: ['pr-2', '1.0']}])).toEqual([{kind: 'deleted'}])
    expect(registry.registry.tagsOf(path)).toEqual({})
    // The hidden tag of a push by digest keeps the manifest.
    expect(registry.registry.manifest(path, digest)).toBeDefined()
  })

  test('of an immutable tag is refused for ever', async () => {
    const registry = quay()
    const {digest} = registry.registry.putImage(path, {tag: '2.0'})
    registry.immutable.add('2.0')
    const deletion = await open(registry).removeTag('2.0', digest)
    expect(deletion).toEqual({kind: 'kept', reason: 'locked', answer: '409 TAG_IMMUTABLE: tag is immutable'})
  })

  test('is denied to a robot that may only read', async () => {
    const registry = quay()
    const {digest} = registry.registry.putImage(path, {tag: 'pr-3'})
    const deletion = await open(registry, 'acme+reader').removeTag('pr-3', digest)
    expect(deletion).toMatchObject({kind: 'denied', remedy: expect.stringContaining('Write')})
  })

  test('of an untagged image is unsupported', async () => {
    const registry = quay()
    const {digest} = registry.registry.putImage(path)
    expect((await open(registry).deleteImages([{digest, tags: []}])).map(({kind}) => kind)).toEqual(['unsupported'])
  })
})
