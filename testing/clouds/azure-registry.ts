import type {Http, HttpRequest, HttpResponse} from '../../src/io/http.ts'
import type {MemoryRegistry} from '../memory-registry.ts'
import {json} from './github-tokens.ts'

/** Lock of a manifest, a tag or a repository (`''`). */
type Attributes = Readonly<Record<string, boolean>>

interface AzureRegistryOptions {
  readonly registry: MemoryRegistry
  /** Repository that the token server knows. */
  readonly path: string
  /** Times of the last update by digest or tag: `2026-01-02T03:04:05.0000000Z`. */
  readonly updated?: Readonly<Record<string, string>>
  /** Attributes that differ from `true`, by digest, tag, or `''` for the repository. */
  readonly attributes?: Readonly<Record<string, Attributes>>
  /** Actions of the identity. Default: all. */
  readonly actions?: readonly string[]
  /** Whether the token server refuses other actions. By default it leaves them out of the token. */
  readonly refusesActions?: boolean
  /** Page size, whatever a request says. */
  readonly maxPage?: number
  /** Called before each request, such as to move a tag. */
  readonly before?: (request: HttpRequest) => void
}

/** Password of every user. */
export const azurePassword = 'canary-password'

/**
 * Stand-in for Azure Container Registry over a registry in memory, with its token server, its lists and its locks:
 * - `/acr/v1` and its paging (containerregistry.json of https://github.com/Azure/azure-rest-api-specs);
 * - tokens for `metadata_read` and `delete` (https://learn.microsoft.com/azure/container-registry/container-registry-authentication);
 * - 405 for what is locked by `deleteEnabled` or `writeEnabled` (https://github.com/Azure/acr/issues/561), and no list
 *   entry without `listEnabled`;
 * - the deletion of referrers with their subject
 *   (cmd/repository/image_functions.go of https://github.com/Azure/acr-cli). Nothing protects the platforms of an index.
 */
export function azureRegistry(options: AzureRegistryOptions): Http {
  const {registry, before} = options
  const inner = registry.http()
  return {
    ...inner,
    async send(request) {
      before?.(request)
      const {pathname} = request.url
      if (pathname === '/oauth2/token') return token(request, options)
      const needed = actionOf(request)
      const granted = actionsIn(request)
      if (granted === undefined || !needed.every((action) => granted.includes(action)))
        return challenge(registry.host, options.path, needed)
      if (pathname.startsWith('/acr/v1/')) return metadata(request, options, inner)
      if (request.method !== 'DELETE') return inner.send(request)
      const digest = pathname.slice(pathname.lastIndexOf('/') + 1)
      if (isLocked(digest, options)) return disallowed()
      const response = await inner.send(request)
      if (response.status === 202)
        for (const one of referrersOf(digest, options)) await inner.send(deletionOf(request, one))
      return response
    },
  }
}

/** Actions that a request needs. */
function actionOf({method, url}: HttpRequest): readonly string[] {
  if (url.pathname === '/v2/') return ['any']
  if (method === 'DELETE') return ['delete']
  if (url.pathname.startsWith('/acr/')) return ['metadata_read']
  return method === 'PUT' || method === 'POST' ? ['push'] : ['pull']
}

function actionsIn({headers}: HttpRequest): readonly string[] | undefined {
  return /^Bearer canary-token-(.*)$/.exec(headers['authorization'] ?? '')?.[1]?.split(',')
}

function token({url, headers}: HttpRequest, {path, actions, refusesActions}: AzureRegistryOptions): HttpResponse {
  const [, name, wanted = ''] = /^repository:(.+):([a-z_,]+)$/.exec(url.searchParams.get('scope') ?? '') ?? []
  const password = Buffer.from((headers['authorization'] ?? '').replace('Basic ', ''), 'base64').toString()
  const granted = wanted.split(',').filter((action) => actions?.includes(action) ?? true)
  const isRefused = refusesActions === true && granted.length === 0
  if (name !== path || !password.endsWith(`:${azurePassword}`) || isRefused) return unauthorized([])
  return json(200, {access_token: `canary-token-${granted.join(',')}`})
}

function challenge(host: string, path: string, actions: readonly string[]): HttpResponse {
  const scope = actions.includes('any') ? '' : `,scope="repository:${path}:${actions.join(',')}"`
  const refused = unauthorized(actions)
  return {
    ...refused,
    headers: {'www-authenticate': `Bearer realm="https://${host}/oauth2/token",service="${host}"${scope}`},
  }
}

function unauthorized(actions: readonly string[]): HttpResponse {
  const message = 'authentication required, visit https://aka.ms/acr/authorization for more information.'
  const detail = actions.map((action) => ({Type: 'repository', Action: action}))
  return json(401, {errors: [{code: 'UNAUTHORIZED', message, detail}]})
}

function disallowed(): HttpResponse {
  const message = 'The operation is disallowed on this registry, repository or image.'
  return json(405, {errors: [{code: 'REGISTRY_DISALLOWED_OPERATION', message, detail: {}}]})
}

function missing(code: string): HttpResponse {
  return json(404, {errors: [{code, message: 'not found'}]})
}

function isLocked(name: string, {attributes = {}}: AzureRegistryOptions): boolean {
  const locks = [attributes[''], attributes[name]]
  return locks.some((one) => one?.['deleteEnabled'] === false || one?.['writeEnabled'] === false)
}

async function metadata(request: HttpRequest, options: AzureRegistryOptions, inner: Http): Promise<HttpResponse> {
  const {registry, path, attributes = {}} = options
  const content = registry.snapshot()[path]
  const [, kind = '', reference] = /\/_(manifests|tags)(?:\/(.+))?$/.exec(request.url.pathname) ?? []
  if (content === undefined || !request.url.pathname.startsWith(`/acr/v1/${path}/_`)) return missing('NAME_UNKNOWN')
  const all: readonly string[] = kind === 'tags' ? Object.keys(content.tags) : content.manifests
  if (reference === undefined) {
    const shown = all.filter((name) => attributes[name]?.['listEnabled'] !== false)
    return page(request, shown, {kind, entry: (name) => entryOf(name, options), max: options.maxPage ?? 100})
  }
  if (!all.includes(reference)) return missing(kind === 'tags' ? 'TAG_UNKNOWN' : 'MANIFEST_UNKNOWN')
  if (request.method === 'GET')
    return json(200, {registry: registry.host, [kind.slice(0, -1)]: entryOf(reference, options)})
  if (request.method !== 'DELETE' || kind !== 'tags') return json(405, {errors: [{code: 'UNSUPPORTED'}]})
  if (isLocked(reference, options)) return disallowed()
  return inner.send({...request, url: new URL(`/v2/${path}/manifests/${reference}`, request.url)})
}

function entryOf(name: string, {registry, path, updated = {}, attributes = {}}: AzureRegistryOptions): object {
  const tags = registry.snapshot()[path]?.tags ?? {}
  const isTag = !name.includes(':')
  const changeableAttributes = {deleteEnabled: true, writeEnabled: true, readEnabled: true, listEnabled: true}
  return {
    ...(isTag
      ? {name, digest: tags[name]}
      : {digest: name, tags: Object.keys(tags).filter((tag) => tags[tag] === name)}),
    createdTime: '2020-01-01T00:00:00.0000000Z',
    lastUpdateTime: updated[name] ?? '2020-01-01T00:00:00.0000000Z',
    changeableAttributes: {...changeableAttributes, ...attributes[name]},
  }
}

interface Page {
  readonly kind: string
  readonly entry: (name: string) => object
  readonly max: number
}

function page({url}: HttpRequest, names: readonly string[], {kind, entry, max}: Page): HttpResponse {
  const last = url.searchParams.get('last')
  const size = Math.min(Number(url.searchParams.get('n') ?? 100), max)
  const sorted = [...names].sort()
  const left = last === null ? sorted : sorted.filter((name) => name > last)
  const shown = left.slice(0, size)
  const query = new URLSearchParams({last: shown.at(-1) ?? '', n: String(size), orderby: ''})
  const next = left.length > size ? {link: `<${url.pathname}?${query.toString()}>; rel="next"`} : {}
  return {...json(200, {[kind]: shown.length === 0 ? null : shown.map(entry)}), headers: next}
}

function referrersOf(subject: string, {registry, path}: AzureRegistryOptions): readonly string[] {
  return (registry.snapshot()[path]?.manifests ?? []).filter((digest) => {
    const text = registry.manifest(path, digest)?.bytes.toString() ?? '{}'
    return (JSON.parse(text) as {readonly subject?: {readonly digest: string}}).subject?.digest === subject
  })
}

function deletionOf(request: HttpRequest, digest: string): HttpRequest {
  return {...request, url: new URL(request.url.href.replace(/[^/]+$/, digest))}
}
