import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {memoryRegistry, type MemoryRegistry} from '../memory-registry.ts'
import {compare} from '../memory-registry/store.ts'
import {json, refused, vendorHttp, type VendorHttp} from './vendor-front.ts'

/** Registry of GitLab. */
export interface GitLab {
  readonly registry: MemoryRegistry
  readonly http: VendorHttp
  readonly protected: Set<string>
  readonly immutable: Set<string>
  /** Time at which a tag was published. Default: 2026-01-01. */
  readonly published: Map<string, string>
}

export interface GitLabOptions {
  /** Default: `registry.gitlab.com`. */
  readonly host?: string
  /** Whether the registry has its metadata database, and with it its own API. Default: true. */
  readonly hasDatabase?: boolean
  /** Route for tags: of OCI since registry 3.81, before it one of its own; none if deletion is off. Default: `oci`. */
  readonly route?: 'oci' | 'own' | 'off'
  /** Status of the refusal of the route of OCI. Default: 400. */
  readonly refusal?: 400 | 405
}

/** Logins: a token with the scope `api`, and a deploy token, which cannot delete. */
export const gitLabUsers = {ci: 'glpat-api', deploy: 'gldt-write'} as const

const path = 'group/app'

/**
 * Stand-in for the registry of GitLab. Rules: protection and immutability of tags, and the refusal of digests with such a
 * rule, as in registry/handlers/manifests.go of gitlab-org/container-registry; the tag list of docs/spec/gitlab/api.md there;
 * actions of a token as in app/services/auth/container_registry_authentication_service.rb of GitLab.
 */
export function gitLab(options: GitLabOptions = {}): GitLab {
  const {host = 'registry.gitlab.com', hasDatabase = true, route = 'oci', refusal = 400} = options
  const registry = memoryRegistry({host, pageSize: 100})
  const lab = {
    registry,
    protected: new Set<string>(),
    immutable: new Set<string>(),
    published: new Map<string, string>(),
  }
  const http = vendorHttp({
    registry,
    tokenPath: '/jwt/auth',
    service: 'container_registry',
    users: gitLabUsers,
    allows: (user) => (user === undefined ? ['pull'] : user === 'ci' ? ['pull', 'push', 'delete'] : ['pull', 'push']),
    overridden(request) {
      if (request.method !== 'DELETE') return undefined
      const [, oci] = /\/manifests\/([^/]+)$/.exec(request.url.pathname) ?? []
      const [, own] = /\/tags\/reference\/([^/]+)$/.exec(request.url.pathname) ?? []
      if (route === 'off' && oci !== undefined) return refused(405, 'UNSUPPORTED', 'The operation is unsupported.')
      if (route === 'own' && oci !== undefined) return refused(refusal, 'DIGEST_INVALID', 'digest invalid')
      if (route !== 'own' && own !== undefined)
        return {status: 404, headers: {}, body: Buffer.from('404 page not found\n')}
      const tag = oci ?? own ?? ''
      if (lab.protected.has(tag))
        return refused(403, 'DENIED', 'requested access is denied', `tag "${tag}" is protected`)
      if (lab.immutable.has(tag))
        return refused(403, 'DENIED', 'requested access is denied', `tag "${tag}" is immutable`)
      return own === undefined ? undefined : deleteTag(registry, own)
    },
    api: (request, _, actions) =>
      hasDatabase ? listTags(lab, request, actions?.includes('pull') === true) : undefined,
  })
  return Object.assign(lab, {http})
}

function deleteTag({endpoint}: MemoryRegistry, tag: string): HttpResponse {
  const found = endpoint.core.store.repositories.get(path)?.tags.delete(tag) === true
  return found ? json(202, {}) : refused(404, 'TAG_UNKNOWN', 'tag unknown')
}

function listTags(
  {registry, published}: Omit<GitLab, 'http'>,
  {url}: HttpRequest,
  mayPull: boolean,
): HttpResponse | undefined {
  if (url.pathname !== `/gitlab/v1/repositories/${path}/tags/list/`) return undefined
  if (!mayPull) return refused(401, 'UNAUTHORIZED', 'authentication required')
  const n = Number(url.searchParams.get('n') ?? 100)
  if (!(n >= 1 && n <= 1000))
    return refused(400, 'INVALID_QUERY_PARAMETER_VALUE', 'the value of a query parameter is invalid')
  const last = url.searchParams.get('last') ?? ''
  const all = Object.entries(registry.tagsOf(path)).filter(([tag]) => compare(tag, last) > 0)
  // Smaller pages than requested, so that tests need few tags.
  const page = all.slice(0, Math.min(n, 2)).map(([name, digest]) => ({
    name,
    digest,
    created_at: '2025-12-01T00:00:00.000Z',
    published_at: published.get(name) ?? '2026-01-01T00:00:00.000Z',
  }))
  const end = page.at(-1)?.name ?? ''
  const next = `<https://${registry.host}${url.pathname}?n=${n}&last=${end}>; rel="next"`
  const previous = `<https://${registry.host}${url.pathname}?n=${n}&before=a>; rel="previous"`
  return json(200, page, {link: page.length < all.length ? `${previous}, ${next}` : previous})
}
