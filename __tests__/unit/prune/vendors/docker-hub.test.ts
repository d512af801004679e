import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import type {Digest} from '../../../../src/oci/digest.ts'
import type {ImageStore} from '../../../../src/prune/image-store.ts'
import {openDockerHub} from '../../../../src/prune/docker-hub/hub-store.ts'
import {dockerHub, hubPasswords, type DockerHub} from '../../../../testing/vendors/docker-hub.ts'
import {testResources, type TestResources} from '../../../../testing/vendors/store-resources.ts'

const path = 'acme/app'
const repository = {host: 'docker.io', path}

function open(hub: DockerHub, password: string = hubPasswords.all): {store: ImageStore; resources: TestResources} {
  const resources = testResources(hub.http, {username: 'acme', password})
  return {store: openDockerHub(repository, resources), resources}
}

function withTags(...tags: readonly string[]): {hub: DockerHub; digest: Digest} {
  const hub = dockerHub(path)
  return {hub, digest: hub.registry.putImage(path, {tags}).digest}
}

describe('the list', () => {
  test('has the tags of all pages, with the times of their pushes', async () => {
    const tags = Array.from({length: 230}, (_, number) => `pr-${number}`)
    const {hub} = withTags(...tags)
    hub.pushed.set('pr-7', '2025-06-01T10:00:00.5Z')
    const listing = await open(hub).store.list()
    if (listing.kind !== 'tags') throw new Error(listing.kind)
    expect(listing.tags).toHaveLength(230)
    expect(listing.taggedAt?.size).toBe(230)
    expect(listing.taggedAt?.get('pr-7')).toEqual(new Date('2025-06-01T10:00:00.5Z'))
    expect(Object.fromEntries(listing.digests ?? [])).toEqual(hub.registry.tagsOf(path))
    expect(hub.http.requests.filter(({url}) => url.searchParams.get('page_size') === '100')).toHaveLength(3)
  })

  test('of a repository without tags needs no request to the API', async () => {
    const hub = dockerHub(path)
    expect(await open(hub).store.list()).toEqual({kind: 'tags', tags: []})
  })

  test('of a public repository needs no login', async () => {
    const {hub} = withTags('latest')
    const listing = await openDockerHub(repository, testResources(hub.http)).list()
    expect(listing).toMatchObject({kind: 'tags', tags: ['latest']})
  })

  test('that is malformed fails', async () => {
    const {hub} = withTags('1.0')
    const http = {
      ...hub.http,
      send: async (request: Parameters<typeof hub.http.send>[0]) =>
        request.url.pathname.endsWith('/tags')
          ? {status: 200, headers: {}, body: Buffer.from('{}')}
          : hub.http.send(request),
    }
    const store = openDockerHub(repository, testResources(http, {username: 'acme', password: hubPasswords.all}))
    await expect(store.list()).rejects.toMatchObject({code: 'prune-list-cut'})
  })
})

describe('a deletion', () => {
  test('of an image deletes each of its tags', async () => {
    const {hub, digest} = withTags('pr-1', 'pr-1-again')
    const other = hub.registry.putImage(path, {tag: '1.0', text: 'other'})
    const {store} = open(hub)
    expect(await store.deleteImages([{digest, tags: ['pr-1', 'pr-1-again']}])).toEqual([{kind: 'deleted'}])
    expect(hub.registry.tagsOf(path)).toEqual({'1.0': other.digest})
  })

  test('of one tag leaves the others', async () => {
    const {hub, digest} = withTags('1.0', 'pr-2')
    expect(await open(hub).store.removeTag('pr-2', digest)).toEqual({kind: 'deleted'})
    expect(hub.registry.tagsOf(path)).toEqual({'1.0': digest})
  })

  test('is not sent if the tag moved or went', async () => {
    const {hub, digest} = withTags('main', 'sha-1')
    const {digest: newer} = hub.registry.putImage(path, {tag: 'main', text: 'newer'})
    const {store} = open(hub)
    expect(await store.removeTag('main', digest)).toEqual({kind: 'changed'})
    expect(await store.deleteImages([{digest, tags: ['sha-1', 'main']}])).toEqual([{kind: 'changed'}])
    expect(await store.removeTag('pr-9', digest)).toEqual({kind: 'gone'})
    expect(hub.registry.tagsOf(path)).toEqual({main: newer, 'sha-1': digest})
    expect(hub.http.requests.filter(({method}) => method === 'DELETE')).toEqual([])
  })

  test('of an immutable tag is refused for ever', async () => {
    const {hub, digest} = withTags('1.0')
    hub.immutable.add('1.0')
    const [deletion] = await open(hub).store.deleteImages([{digest, tags: ['1.0']}])
    expect(deletion).toMatchObject({kind: 'kept', reason: 'locked'})
  })

  test('needs the scope for deletions', async () => {
    const {hub, digest} = withTags('pr-3')
    expect(await open(hub, hubPasswords.write).store.removeTag('pr-3', digest)).toMatchObject({
      kind: 'denied',
      answer: '403 access token has insufficient scopes',
      remedy: expect.stringContaining('Delete'),
    })
  })

  test('of an untagged image is unsupported', async () => {
    const {hub, digest} = withTags('1.0')
    const [deletion] = await open(hub).store.deleteImages([{digest, tags: []}])
    expect(deletion?.kind).toBe('unsupported')
    expect(hub.http.requests).toEqual([])
  })

  test('is not repeated for a tag that was pushed again after a lost answer', async () => {
    const {hub, digest} = withTags('pr-4')
    let lost = 0
    const http = {
      ...hub.http,
      async send(request: Parameters<typeof hub.http.send>[0]) {
        const response = await hub.http.send(request)
        if (request.method !== 'DELETE') return response
        lost += 1
        hub.registry.putImage(path, {tag: 'pr-4', text: 'pushed again'})
        throw Object.assign(new Error('reset'), {code: 'ECONNRESET'})
      },
    }
    const store = openDockerHub(repository, testResources(http, {username: 'acme', password: hubPasswords.all}))
    expect(await store.removeTag('pr-4', digest)).toEqual({kind: 'changed'})
    expect(lost).toBe(1)
    expect(Object.keys(hub.registry.tagsOf(path))).toEqual(['pr-4'])
  })
})

describe('the login', () => {
  test('is requested once, goes to hub.docker.com only, and its token is masked', async () => {
    const {hub, digest} = withTags('a', 'b')
    const {store, resources} = open(hub)
    await store.list()
    await store.deleteImages([{digest, tags: ['a', 'b']}])
    const logins = hub.http.requests.filter(({method}) => method === 'POST').map(({url}) => url.href)
    expect(logins).toEqual(['https://hub.docker.com/v2/auth/token'])
    const bearers = hub.http.requests.filter(({headers}) => headers['authorization']?.includes('hub-token') === true)
    expect(new Set(bearers.map(({url}) => url.host))).toEqual(new Set(['hub.docker.com']))
    expect(resources.masked).toEqual(['hub-token-1'])
  })

  test('that is refused is an error without the password', async () => {
    const {hub} = withTags('a')
    const password = 'token-of-an-oidc-connection'
    const error: unknown = await open(hub, password)
      .store.list()
      .catch((thrown: unknown) => thrown)
    if (!(error instanceof TagboatError)) throw new Error('no error')
    expect(error).toMatchObject({code: 'login-refused', remedy: expect.stringContaining('`password`')})
    expect(JSON.stringify([error.message, error.evidence, error.remedy])).not.toContain(password)
  })
})

describe('the rate limit', () => {
  test('is waited for, until the Unix time that the answer names', async () => {
    const {hub} = withTags('a')
    hub.limited = 1
    const {store, resources} = open(hub)
    await store.list()
    expect(resources.waits).toEqual([20_000])
  })

  test('postpones all further deletions', async () => {
    const {hub, digest} = withTags('a', 'b', 'c')
    const {store} = open(hub)
    await store.list()
    hub.limited = 1000
    const results = await store.deleteImages(['a', 'b', 'c'].map((tag) => ({digest, tags: [tag]})))
    expect(results.map(({kind}) => kind)).toEqual(['postponed', 'postponed', 'postponed'])
    expect(await store.removeTag('a', digest)).toMatchObject({kind: 'postponed'})
  })

  test('that stays is an error', async () => {
    const {hub} = withTags('a')
    hub.limited = 100
    await expect(open(hub).store.list()).rejects.toMatchObject({code: 'rate-limited'})
  })
})
