import type {Http, HttpRequest, HttpResponse} from '../../src/io/http.ts'
import type {MemoryRegistry} from '../memory-registry.ts'
import type {Action, Users} from '../memory-registry/types.ts'
import {scriptedHttp} from '../fake-io.ts'

/** Registry of a vendor before the content of a registry in memory, which has no login of its own. */
export interface VendorFront {
  readonly registry: MemoryRegistry
  /** Path of the token server, on the same host. */
  readonly tokenPath: string
  readonly service: string
  readonly users: Users
  /** Actions of a user in the repository; of everybody if the user is undefined. */
  readonly allows: (user: string | undefined) => readonly Action[]
  /** Action that a request needs. Default: as in distribution, with `delete` for deletions. */
  readonly actionOf?: (method: HttpRequest['method']) => Action
  /** Answer of the token server to a scope that it does not know. */
  readonly refusesScope?: (scope: string) => HttpResponse | undefined
  /** Answer to a request to the OCI API, after its token was accepted. Undefined: that of the registry. */
  readonly overridden?: (request: HttpRequest) => HttpResponse | undefined
  /**
   * Answer to a request with another path. `user` has given a correct password; `actions` are those of the token, if there is
   * one.
   */
  readonly api: (
    request: HttpRequest,
    user: string | undefined,
    actions: readonly Action[] | undefined,
  ) => HttpResponse | undefined
}

/** HTTP client of a vendor's registry, and its requests. */
export type VendorHttp = Http & {readonly requests: readonly HttpRequest[]}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: {'content-type': 'application/json', ...headers},
    body: Buffer.from(JSON.stringify(value)),
  }
}

/** Answer with an error of the OCI API. */
export function refused(status: number, code: string, message: string, detail?: string): HttpResponse {
  return json(status, {errors: [{code, message, ...(detail !== undefined && {detail})}]})
}

/**
 * Serves the OCI API with tokens (https://distribution.github.io/distribution/spec/auth/token/), and the web API of the
 * vendor. Other hosts do not exist.
 */
export function vendorHttp(front: VendorFront): VendorHttp {
  const {registry, tokenPath, service} = front
  const content = registry.http()
  const tokens = new Map<string, readonly Action[]>()
  const challenge = {'www-authenticate': `Bearer realm="https://${registry.host}${tokenPath}",service="${service}"`}
  const actionsOf = ({headers}: HttpRequest): readonly Action[] | undefined => {
    const [, token] = /^Bearer (.+)$/.exec(headers['authorization'] ?? '') ?? []
    return token === undefined ? undefined : tokens.get(token)
  }
  const serveV2 = async (request: HttpRequest): Promise<HttpResponse> => {
    const actions = actionsOf(request)
    const needed = request.url.pathname === '/v2/' ? undefined : (front.actionOf ?? actionOf)(request.method)
    if (actions === undefined || (needed !== undefined && !actions.includes(needed)))
      return {...refused(401, 'UNAUTHORIZED', 'authentication required'), headers: challenge}
    return front.overridden?.(request) ?? content.send(request)
  }
  return scriptedHttp(async (request) => {
    const {host, pathname, searchParams} = request.url
    if (host !== registry.host) throw new Error(`a request to ${host}`)
    const login = loginOf(request)
    const user = login !== undefined && front.users[login.user] === login.password ? login.user : undefined
    if (pathname.startsWith('/v2/') && pathname !== tokenPath) return serveV2(request)
    if (login !== undefined && user === undefined) return refused(401, 'UNAUTHORIZED', 'wrong password')
    if (pathname !== tokenPath) return front.api(request, user, actionsOf(request)) ?? json(404, {message: 'not found'})
    const scope = searchParams.get('scope') ?? ''
    const unknown = front.refusesScope?.(scope)
    if (unknown !== undefined) return unknown
    const wanted = scope.slice(scope.lastIndexOf(':') + 1).split(',')
    const issued = `token-${tokens.size + 1}-of-${user ?? 'anonymous'}`
    tokens.set(
      issued,
      front.allows(user).filter((action) => wanted.includes(action)),
    )
    return json(200, {token: issued, expires_in: 300})
  })
}

function actionOf(method: HttpRequest['method']): Action {
  if (method === 'GET' || method === 'HEAD') return 'pull'
  return method === 'DELETE' ? 'delete' : 'push'
}

/** User name and password of `Authorization: Basic`. */
function loginOf({headers}: HttpRequest): {readonly user: string; readonly password: string} | undefined {
  const [, encoded] = /^Basic (.+)$/.exec(headers['authorization'] ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return {user: text.slice(0, colon), password: text.slice(colon + 1)}
}

/** One page of a list, with pages counted from 1. */
export function pageOf<T>(items: readonly T[], page: number, size: number): readonly T[] {
  return items.slice((page - 1) * size, page * size)
}
