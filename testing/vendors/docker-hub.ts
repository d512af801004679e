import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {memoryRegistry, type MemoryRegistry} from '../memory-registry.ts'
import {moveTag} from '../memory-registry/store.ts'
import {scriptedHttp} from '../fake-io.ts'
import {json, pageOf, type VendorHttp} from './vendor-front.ts'

/** Docker Hub: its registry, and its API with another host and other tokens. */
export interface DockerHub {
  readonly registry: MemoryRegistry
  readonly http: VendorHttp
  /** Time of the last push of a tag. Default: 2026-01-01. */
  readonly pushed: Map<string, string>
  /** Tags that are immutable. */
  readonly immutable: Set<string>
  /** Number of requests to the API that are answered with 429. */
  limited: number
}

/** Passwords of the user with all rights, and of a token that may read and write. */
export const hubPasswords = {all: 'dckr_pat_read-write-delete', write: 'dckr_pat_read-write'} as const

/** Unix time at which requests are answered again. */
export const retryAt = Math.floor(new Date('2026-01-02T03:04:25Z').getTime() / 1000)

/**
 * Stand-in for Docker Hub. The rules of login, pages, times and rate limits are those of
 * https://docs.docker.com/reference/api/hub/latest/. That a tag is deleted by a path below `/v2/repositories/` that ends in a
 * slash, and that 403 means no right to administer the repository, is said in docker/hub-feedback#1759 and #2008. Immutable
 * tags are not deleted: https://docs.docker.com/docker-hub/repos/manage/hub-images/immutable-tags; the text is a guess.
 */
export function dockerHub(path = 'acme/app'): DockerHub {
  const registry = memoryRegistry({host: 'registry-1.docker.io', deletes: {tags: false, manifests: false}})
  const content = registry.http()
  const hub = {registry, pushed: new Map<string, string>(), immutable: new Set<string>(), limited: 0}
  const tokens = new Map<string, keyof typeof hubPasswords>()
  const answer = (request: HttpRequest): HttpResponse => {
    if (hub.limited > 0) {
      hub.limited -= 1
      return json(429, {detail: 'Rate limit exceeded', error: false}, {'x-retry-after': String(retryAt)})
    }
    if (request.url.pathname === '/v2/auth/token') return logIn(request, tokens)
    const [, token] = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '') ?? []
    const rights = token === undefined ? 'none' : tokens.get(token)
    return rights === undefined ? json(401, {detail: 'Invalid token'}) : ofTags(hub, path, request, rights)
  }
  const http = scriptedHttp(async (request) => {
    const {host} = request.url
    return host === 'hub.docker.com' ? answer(request) : content.send(request)
  })
  return Object.assign(hub, {http})
}

function ofTags(
  hub: Omit<DockerHub, 'http'>,
  path: string,
  {method, url}: HttpRequest,
  rights: keyof typeof hubPasswords | 'none',
): HttpResponse {
  const [namespace = '', name = ''] = path.split('/')
  if (method === 'GET' && url.pathname === `/v2/namespaces/${namespace}/repositories/${name}/tags`)
    return listTags(hub, path, url.searchParams)
  const [, tag] = new RegExp(`^/v2/repositories/${path}/tags/([^/]+)/$`).exec(url.pathname) ?? []
  if (method !== 'DELETE' || tag === undefined) return json(404, {message: 'object not found', errinfo: {}})
  if (rights === 'none') return json(401, {detail: 'Authentication credentials were not provided.'})
  return rights === 'write' ? json(403, {detail: 'access token has insufficient scopes'}) : deleteTag(hub, path, tag)
}

function logIn({method, body, headers}: HttpRequest, tokens: Map<string, keyof typeof hubPasswords>): HttpResponse {
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return json(400, {message: 'bad request'})
  const {identifier, secret} = JSON.parse(Buffer.from(body as Uint8Array).toString()) as Record<string, unknown>
  const rights = (['all', 'write'] as const).find((one) => hubPasswords[one] === secret)
  if (identifier !== 'acme' || rights === undefined) return json(401, {detail: 'Incorrect authentication credentials'})
  const token = `hub-token-${tokens.size + 1}`
  tokens.set(token, rights)
  return json(200, {access_token: token})
}

function listTags({registry, pushed}: Omit<DockerHub, 'http'>, path: string, query: URLSearchParams): HttpResponse {
  const size = Number(query.get('page_size') ?? 10)
  const page = Number(query.get('page') ?? 1)
  if (size > 100 || page < 1) return json(400, {message: 'page_size must be at most 100'})
  const all = Object.entries(registry.tagsOf(path))
    .map(([name, digest]) => ({name, digest, tag_last_pushed: pushed.get(name) ?? '2026-01-01T00:00:00.123456Z'}))
    .sort((a, b) => b.tag_last_pushed.localeCompare(a.tag_last_pushed))
  const results = pageOf(all, page, size)
  if (results.length === 0 && page > 1) return json(404, {message: 'page not found'})
  const next = `https://hub.docker.com/v2/namespaces/?page=${page + 1}`
  return json(200, {count: all.length, next: page * size < all.length ? next : null, previous: null, results})
}

function deleteTag({registry, immutable}: Omit<DockerHub, 'http'>, path: string, tag: string): HttpResponse {
  if (registry.tagsOf(path)[tag] === undefined) return json(404, {message: 'tag not found', errinfo: {}})
  if (immutable.has(tag)) return json(403, {message: `tag ${tag} is immutable`, errinfo: {}})
  moveTag(registry.endpoint.core.store, {client: 'hub', repository: path, tag, to: undefined})
  return {status: 204, headers: {}, body: Buffer.alloc(0)}
}
