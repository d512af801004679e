import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {memoryRegistry, type MemoryRegistry} from '../memory-registry.ts'
import {json, pageOf, refused, vendorHttp, type VendorHttp} from './vendor-front.ts'

/** Registry Quay. */
export interface Quay {
  readonly registry: MemoryRegistry
  readonly http: VendorHttp
  readonly immutable: Set<string>
  /** Unix time since when a tag has its image. Default: 1,767,225,600 (2026-01-01). */
  readonly started: Map<string, number>
}

export interface QuayOptions {
  /** Whether everybody may read the repository. Default: false. */
  readonly isPublic?: boolean
}

/** Logins: a robot that may write, one that may read, and an OAuth token. */
export const quayUsers = {'acme+ci': 'robot-write', 'acme+reader': 'robot-read', $oauthtoken: 'oauth-token'} as const

const path = 'acme/app'

/**
 * Stand-in for Quay, by the source of quay/quay: endpoints/v2/v2auth.py knows the actions `pull` and `push` only, and a token
 * for pushes deletes (endpoints/v2/manifest.py); an immutable tag is 409; the API (endpoints/api/tag.py) has at most 100 tags
 * on a page, and wants an OAuth token unless the repository is public.
 */
export function quay({isPublic = false}: QuayOptions = {}): Quay {
  const registry = memoryRegistry({host: 'quay.example.org', pageSize: 50})
  const quayState = {registry, immutable: new Set<string>(), started: new Map<string, number>()}
  const http = vendorHttp({
    registry,
    tokenPath: '/v2/auth',
    service: 'quay.example.org',
    users: quayUsers,
    allows: (user) => {
      if (user === 'acme+reader') return ['pull']
      return user === undefined ? (isPublic ? ['pull'] : []) : ['pull', 'push']
    },
    // A push token deletes.
    actionOf: (method) => (method === 'GET' || method === 'HEAD' ? 'pull' : 'push'),
    refusesScope: (scope) =>
      scope === '' || /^repository:[\w./-]+:(?:push|pull|\*)(?:,(?:push|pull|\*))*$/.test(scope)
        ? undefined
        : refused(400, 'INVALID_REQUEST', `Unable to decode repository and actions: ${scope}`),
    overridden(request) {
      const [, tag = ''] = /\/manifests\/([^/]+)$/.exec(request.url.pathname) ?? []
      return request.method === 'DELETE' && quayState.immutable.has(tag)
        ? refused(409, 'TAG_IMMUTABLE', 'tag is immutable')
        : undefined
    },
    api: (request) => listTags(quayState, request, isPublic),
  })
  return Object.assign(quayState, {http})
}

function listTags(
  {registry, started}: Omit<Quay, 'http'>,
  {url, headers}: HttpRequest,
  isPublic: boolean,
): HttpResponse | undefined {
  if (url.pathname !== `/api/v1/repository/${path}/tag/`) return undefined
  const authorization = headers['authorization']
  if (authorization !== undefined && authorization !== `Bearer ${quayUsers.$oauthtoken}`)
    return json(401, {error: 'invalid_token'})
  if (authorization === undefined && !isPublic)
    return json(401, {error_type: 'invalid_token', detail: 'Requires authentication'})
  if (url.searchParams.get('onlyActiveTags') !== 'true') return json(400, {detail: 'this stand-in has no history'})
  const limit = Math.min(100, Number(url.searchParams.get('limit') ?? 50))
  const page = Number(url.searchParams.get('page') ?? 1)
  const all = Object.entries(registry.tagsOf(path))
  const tags = pageOf(all, page, limit).map(([name, digest]) => ({
    name,
    manifest_digest: digest,
    start_ts: started.get(name) ?? 1_767_225_600,
  }))
  return json(200, {tags, page, has_additional: page * limit < all.length})
}
