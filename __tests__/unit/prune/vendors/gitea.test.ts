import {expect, test} from '@jest/globals'
import {openGitea} from '../../../../src/prune/gitea/gitea-store.ts'
import {scriptedHttp} from '../../../../testing/fake-io.ts'
import {memoryRegistry} from '../../../../testing/memory-registry.ts'
import {moveTag} from '../../../../testing/memory-registry/store.ts'
import {testResources} from '../../../../testing/vendors/store-resources.ts'

const path = 'acme/app'

test('an image is pushed by its digest once, before the first of its tags is removed', async () => {
  const registry = memoryRegistry()
  const content = registry.http()
  const changes: string[] = []
  const http = scriptedHttp(async (request) => {
    const {pathname} = request.url
    const [, tag] = /^\/api\/v1\/packages\/acme\/container\/app\/([^/]+)$/.exec(pathname) ?? []
    if (request.method !== 'GET' && request.method !== 'HEAD') changes.push(`${request.method} ${pathname}`)
    if (tag === undefined) return content.send(request)
    moveTag(registry.endpoint.core.store, {client: 'web', repository: path, tag, to: undefined})
    return {status: 204, headers: {}, body: Buffer.alloc(0)}
  })
  const {digest} = registry.putImage(path, {tags: ['1.0', 'pr-1', 'pr-2', 'pr-3']})
  const store = openGitea({host: registry.host, path}, testResources(http, {username: 'ci', password: 'secret-token'}))
  const tags = ['pr-1', 'pr-2', 'pr-3']
  const results = await Promise.all(tags.map(async (tag) => store.removeTag(tag, digest)))
  expect(results).toEqual(tags.map(() => ({kind: 'deleted'})))
  expect(registry.tagsOf(path)).toEqual({'1.0': digest})
  expect(changes[0]).toBe(`PUT /v2/${path}/manifests/${digest}`)
  expect(changes.filter((change) => change.startsWith('PUT'))).toHaveLength(1)
})
