import {describe, expect, test} from '@jest/globals'
import {openHarbor} from '../../../../src/prune/harbor/harbor-store.ts'
import type {ImageStore} from '../../../../src/prune/image-store.ts'
import {makeSignatures} from '../../../../testing/memory-registry/images.ts'
import {makeReferrer} from '../../../../testing/memory-registry.ts'
import {harbor, harborPath as path, harborUsers, type Harbor} from '../../../../testing/vendors/harbor.ts'
import {testResources} from '../../../../testing/vendors/store-resources.ts'

const repository = {host: 'harbor.example.org', path}

function open({http}: Harbor, username: keyof typeof harborUsers = 'robot$ci'): ImageStore {
  return openHarbor(repository, testResources(http, {username, password: harborUsers[username]}))
}

async function imagesOf(store: ImageStore): Promise<Readonly<Record<string, readonly string[]>>> {
  const listing = await store.list()
  if (listing.kind !== 'images') throw new Error(listing.kind)
  return Object.fromEntries(listing.images.map(({digest, tags}) => [digest, [...tags].sort()]))
}

describe('the list', () => {
  test('has images with and without tags, over pages, but no platforms and no signatures', async () => {
    const server = harbor()
    const {registry} = server
    const digests: string[] = []
    for (let number = 0; number < 150; number += 1) {
      const image = registry.putImage(path, {tag: `t${number}`, text: String(number)})
      digests.push(image.digest)
      registry.store(path, makeReferrer(image, 'application/vnd.example.signature'))
    }
    const index = registry.putImage(path, {platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
    const found = await imagesOf(open(server))
    expect(Object.keys(found).sort()).toEqual([...digests, index.digest].sort())
    expect(found[index.digest]).toEqual([])
  })

  test('has the latest time of a push, and the locks of tags', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tags: ['1.0', 'latest']})
    server.pushed.set(digest, '2025-01-01T00:00:00.000Z').set('1.0', '2025-01-01T00:00:01.000Z')
    server.pushed.set('latest', '2025-06-01T00:00:00.000Z')
    server.immutable.add('1.0')
    expect(await open(server).list()).toEqual({
      kind: 'images',
      images: [{digest, tags: ['1.0', 'latest'], pushedAt: new Date('2025-06-01T00:00:00Z'), isLocked: true}],
    })
  })

  test('has tags of signatures, which the web API leaves out', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tag: '1.0'})
    const signature = makeSignatures(digest, ['key'])
    const tag = `sha256-${digest.slice('sha256:'.length)}.sig`
    server.registry.store(path, signature, [tag])
    expect(await imagesOf(open(server))).toEqual({[digest]: ['1.0'], [signature.digest]: [tag]})
  })

  test('that ends too early is an error', async () => {
    const server = harbor()
    server.registry.putImage(path, {tag: 'a'})
    const send: typeof server.http.send = async (request) => {
      const response = await server.http.send(request)
      return response.headers['x-total-count'] === undefined
        ? response
        : {...response, headers: {...response.headers, 'x-total-count': '9'}}
    }
    const store = openHarbor(
      repository,
      testResources({...server.http, send}, {username: 'robot$ci', password: 'maintainer'}),
    )
    await expect(store.list()).rejects.toMatchObject({code: 'prune-list-cut'})
  })

  test('behind a proxy for the OCI API alone is an error', async () => {
    const server = harbor()
    const send: typeof server.http.send = async (request) =>
      request.url.pathname.startsWith('/api/')
        ? {status: 404, headers: {}, body: Buffer.from('<html>404</html>')}
        : server.http.send(request)
    const store = openHarbor(repository, testResources({...server.http, send}))
    await expect(store.list()).rejects.toMatchObject({
      code: 'prune-list-cut',
      evidence: [expect.stringMatching(/^GET https:\/\/harbor\.example\.org\/api\/.*: 404, which/)],
    })
  })

  test('with a wrong password is an error', async () => {
    const server = harbor()
    server.registry.putImage(path, {tag: 'a'})
    const store = openHarbor(repository, testResources(server.http, {username: 'robot$ci', password: 'wrong-password'}))
    await expect(store.list()).rejects.toMatchObject({code: 'pull-denied'})
  })
})

describe('the deletion of an image', () => {
  test('takes its tags, signatures and platforms along, but not those of another image', async () => {
    const server = harbor()
    const {registry} = server
    const doomed = registry.putImage(path, {
      platforms: ['linux/amd64', 'linux/arm64'],
      text: 'one',
      tags: ['pr-1', 'pr-1b'],
    })
    registry.store(path, makeReferrer(doomed, 'application/vnd.example.signature'))
    const kept = registry.putImage(path, {platforms: ['linux/amd64'], index: true, text: 'one', tag: '1.0'})
    const store = open(server)
    expect(store.deletesChildren).toBe(true)
    expect(await store.deleteImages([{digest: doomed.digest, tags: ['pr-1', 'pr-1b']}])).toEqual([{kind: 'deleted'}])
    const {tags, manifests} = registry.snapshot()[path] ?? {}
    expect(tags).toEqual({'1.0': kept.digest})
    expect(manifests).toEqual(kept.manifests.map(({digest}) => digest).sort())
    // The platforms were deleted with it.
    const [, arm] = doomed.manifests
    expect(await store.deleteImages([{digest: arm?.digest ?? '', tags: []}])).toEqual([{kind: 'gone'}])
  })

  test('does not happen if it has a tag more, or one less', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tags: ['pr-2', '1.0']})
    const store = open(server)
    const [more, less] = [
      {digest, tags: ['pr-2']},
      {digest, tags: ['pr-2', '1.0', 'main']},
    ]
    expect(await store.deleteImages([more, less])).toEqual([{kind: 'changed'}, {kind: 'changed'}])
    expect(server.registry.tagsOf(path)).toEqual({'1.0': digest, 'pr-2': digest})
  })

  test('does not happen if it was pushed again', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tags: ['pr-2']})
    const [store, image] = [open(server), {digest, tags: ['pr-2']}]
    expect(await store.deleteImages([{...image, pushedAt: new Date(0)}])).toEqual([{kind: 'changed'}])
    expect(await store.deleteImages([{...image, pushedAt: new Date('2100-01-01')}])).toEqual([{kind: 'deleted'}])
  })

  test('inside of another is refused', async () => {
    const server = harbor()
    const index = server.registry.putImage(path, {platforms: ['linux/amd64'], index: true, tag: '1.0'})
    const [child] = index.manifests
    const [deletion] = await open(server).deleteImages([{digest: child?.digest ?? '', tags: []}])
    expect(deletion).toMatchObject({kind: 'kept', reason: 'needed', answer: expect.stringContaining('412')})
  })

  test('with an immutable tag is refused', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tag: '1.0'})
    server.immutable.add('1.0')
    const [deletion] = await open(server).deleteImages([{digest, tags: ['1.0']}])
    expect(deletion).toMatchObject({kind: 'kept', reason: 'locked'})
  })

  test('is denied without the permission', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tag: 'pr-3'})
    const [deletion] = await open(server, 'robot$push').deleteImages([{digest, tags: ['pr-3']}])
    expect(deletion).toEqual({
      kind: 'denied',
      answer: '403 FORBIDDEN: forbidden',
      remedy: expect.stringContaining('robot'),
    })
  })
})

describe('removal from an image', () => {
  test('leaves the image', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tags: ['1.0', 'pr-4']})
    expect(await open(server).removeTag('pr-4', digest)).toEqual({kind: 'deleted'})
    expect(server.registry.tagsOf(path)).toEqual({'1.0': digest})
  })

  test('does not happen if it moved', async () => {
    const server = harbor()
    const {digest} = server.registry.putImage(path, {tag: 'main'})
    const {digest: newer} = server.registry.putImage(path, {tag: 'main', text: 'newer'})
    const store = open(server)
    expect(await store.removeTag('main', digest)).toEqual({kind: 'changed'})
    expect(await store.removeTag('none', digest)).toEqual({kind: 'gone'})
    expect(server.registry.tagsOf(path)).toEqual({main: newer})
  })
})

test('the password goes to the registry only', async () => {
  const server = harbor()
  server.registry.putImage(path, {tag: 'a'})
  await open(server).list()
  const basic = server.http.requests.filter(({headers}) => headers['authorization']?.startsWith('Basic') === true)
  expect(new Set(basic.map(({url}) => url.host))).toEqual(new Set(['harbor.example.org']))
  expect(basic.length).toBeGreaterThan(1)
})
