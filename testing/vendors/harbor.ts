import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {isDigest, type Digest} from '../../src/oci/digest.ts'
import {memoryRegistry, type MemoryRegistry} from '../memory-registry.ts'
import {parse} from '../memory-registry/manifests.ts'
import {moveTag, repositoryIn, type RepositoryStore} from '../memory-registry/store.ts'
import {json, pageOf, refused, vendorHttp, type VendorHttp} from './vendor-front.ts'

/** Registry Harbor. */
export interface Harbor {
  readonly registry: MemoryRegistry
  readonly http: VendorHttp
  readonly immutable: Set<string>
  /** Time of the push of a digest or tag. Default: 2026-01-01. */
  readonly pushed: Map<string, string>
}

/** Logins: a robot with all rights in the project, and one that may pull and push. */
export const harborUsers = {robot$ci: 'maintainer', robot$push: 'pusher'} as const

/** Name with a slash after the project. */
export const harborPath = 'acme/services/app'
const prefix = '/api/v2.0/projects/acme/repositories/services%252Fapp/artifacts'

/**
 * Stand-in for Harbor, by its source (https://github.com/goharbor/harbor): pages are cut before accessories are left out, and
 * the total is that without them (src/server/v2.0/handler/artifact.go); an artifact that another one contains is not
 * deleted; else its accessories, its children without a tag and without another parent, and all its tags go with it
 * (src/controller/artifact/controller.go); an immutable tag prevents all of it (src/controller/tag/controller.go). The OCI
 * API lists all tags, and deletes none.
 */
export function harbor(): Harbor {
  const registry = memoryRegistry({host: 'harbor.example.org', deletes: {tags: false}})
  const state = {registry, immutable: new Set<string>(), pushed: new Map<string, string>()}
  const http = vendorHttp({
    registry,
    tokenPath: '/service/token',
    service: 'harbor-registry',
    users: harborUsers,
    allows: (user) => (user === undefined ? [] : ['pull', 'push']),
    api(request, user) {
      const {pathname} = request.url
      if (!pathname.startsWith('/api/v2.0/')) return undefined
      if (user === undefined) return refused(401, 'UNAUTHORIZED', 'unauthorized')
      if (pathname !== prefix && !pathname.startsWith(`${prefix}/`))
        return refused(404, 'NOT_FOUND', `repository in ${pathname} not found`)
      const [digest, tags, tag] = pathname.slice(prefix.length + 1).split('/')
      if (request.method === 'GET' && pathname === prefix) return list(state, request.url.searchParams)
      if (digest === undefined || !isDigest(digest)) return refused(400, 'BAD_REQUEST', 'no digest')
      if (request.method === 'DELETE' && user === 'robot$push') return refused(403, 'FORBIDDEN', 'forbidden')
      return ofArtifact(state, request, {digest, tag: tags === 'tags' ? tag : undefined})
    },
  })
  return Object.assign(state, {http})
}

type State = Omit<Harbor, 'http'>

function contentOf({registry}: State): RepositoryStore {
  return repositoryIn(registry.endpoint.core.store, harborPath)
}

function fieldsOf(content: RepositoryStore, digest: Digest): ReturnType<typeof parse> {
  const manifest = content.manifests.get(digest)
  return manifest && parse(manifest)
}

function parentsOf(content: RepositoryStore, child: Digest): readonly Digest[] {
  return [...content.manifests.keys()].filter((digest) =>
    fieldsOf(content, digest)?.manifests?.some((entry) => entry.digest === child),
  )
}

function tagsOf(content: RepositoryStore, digest: Digest): readonly string[] {
  return [...content.tags].filter(([, tagged]) => tagged === digest).map(([tag]) => tag)
}

/** Signatures of cosign, by their tag, and manifests with a subject. */
function subjectOf(content: RepositoryStore, digest: Digest): string | undefined {
  const [, hex] = tagsOf(content, digest).map((tag) => /^sha256-([0-9a-f]{64})\.sig$/.exec(tag))[0] ?? []
  return fieldsOf(content, digest)?.subject?.digest ?? (hex === undefined ? undefined : `sha256:${hex}`)
}

function artifact({immutable, pushed}: State, content: RepositoryStore, digest: Digest): object {
  const timeOf = (name: string): string => pushed.get(name) ?? '2026-01-01T00:00:00.000Z'
  const tags = tagsOf(content, digest).map((name) => ({name, push_time: timeOf(name), immutable: immutable.has(name)}))
  return {
    digest,
    push_time: timeOf(digest),
    pull_time: '0001-01-01T00:00:00.000Z',
    tags: tags.length === 0 ? null : tags,
  }
}

function list(state: State, query: URLSearchParams): HttpResponse {
  const size = Number(query.get('page_size') ?? 10)
  if (size > 100) return refused(422, 'UNPROCESSABLE_ENTITY', 'page_size in query should be less than or equal to 100')
  const content = contentOf(state)
  const rows = [...content.manifests.keys()].filter(
    (digest) => tagsOf(content, digest).length > 0 || parentsOf(content, digest).length === 0,
  )
  const isShown = (digest: Digest): boolean => subjectOf(content, digest) === undefined
  const page = pageOf(rows, Number(query.get('page') ?? 1), size).filter(isShown)
  const total = rows.filter(isShown).length
  return json(
    200,
    page.map((digest) => artifact(state, content, digest)),
    {'x-total-count': String(total)},
  )
}

function ofArtifact(
  state: State,
  {method}: HttpRequest,
  {digest, tag}: {readonly digest: Digest; readonly tag: string | undefined},
): HttpResponse {
  const content = contentOf(state)
  if (!content.manifests.has(digest)) return refused(404, 'NOT_FOUND', `artifact ${digest} not found`)
  if (method === 'GET') return json(200, artifact(state, content, digest))
  const tags = tag === undefined ? tagsOf(content, digest) : [tag]
  if (tag !== undefined && content.tags.get(tag) !== digest) return refused(404, 'NOT_FOUND', `tag ${tag} not found`)
  if (tag === undefined && parentsOf(content, digest).length > 0)
    return refused(412, 'VIOLATE_FOREIGN_KEY_CONSTRAINT', 'the deleting artifact is referenced by others')
  const locked = tags.find((name) => state.immutable.has(name))
  if (locked !== undefined)
    return refused(412, 'PRECONDITION', `the tag ${locked} configured as immutable, cannot be deleted`)
  if (tag === undefined) deleteDeeply(state, digest)
  else untag(state, tag)
  return json(200, {})
}

function untag({registry}: State, tag: string): void {
  moveTag(registry.endpoint.core.store, {client: 'harbor', repository: harborPath, tag, to: undefined})
}

function deleteDeeply(state: State, digest: Digest): void {
  const content = contentOf(state)
  const children = (fieldsOf(content, digest)?.manifests ?? []).map((entry) => entry.digest).filter(isDigest)
  for (const tag of tagsOf(content, digest)) untag(state, tag)
  content.manifests.delete(digest)
  for (const other of [...content.manifests.keys()])
    if (subjectOf(content, other) === digest) deleteDeeply(state, other)
  for (const child of children) {
    const isFree = content.manifests.has(child) && tagsOf(content, child).length === 0
    if (isFree && parentsOf(content, child).length === 0) deleteDeeply(state, child)
  }
}
