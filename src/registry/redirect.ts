import type {HttpRequest, HttpResponse, HttpTls} from '../io/http.ts'
import {isLoopback, isThisMachine} from './auth/challenge.ts'
import {atNamedAddress} from './named-address.ts'

const redirects = new Set([301, 302, 303, 307, 308])

const maxRedirects = 5

/**
 * Target of a redirect. Undefined if it is not allowed: to a scheme other than HTTP, from HTTPS to plain HTTP, or from
 * another machine to this one.
 */
export function redirectTarget(location: string | undefined, from: URL): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined
  const target = new URL(location, from)
  if (isThisMachine(target.hostname) && !isThisMachine(from.hostname)) return undefined
  const allowsHttp = from.protocol === 'http:' || (isLoopback(from.hostname) && isLoopback(target.hostname))
  if (target.protocol === 'http:') return allowsHttp ? target : undefined
  return target.protocol === 'https:' ? target : undefined
}

/** Headers for a redirect target. Credentials are sent to the original origin only (RFC 9110, section 15.4). */
export function headersFor(
  target: URL,
  {from, headers}: {readonly from: URL; readonly headers: Readonly<Record<string, string>>},
): Readonly<Record<string, string>> {
  if (target.origin === from.origin) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization' && name !== 'cookie'))
}

/** Side effects of following redirects. */
export interface RedirectIo<T> {
  readonly send: (request: HttpRequest) => Promise<T>
  /** TLS settings for another address. */
  readonly tlsOf: (url: URL) => Promise<HttpTls | undefined>
}

/** Sends a request and follows the redirects of read requests. Returns the last response and its origin. */
export async function followRedirects<T extends Pick<HttpResponse, 'status' | 'headers'>>(
  request: HttpRequest,
  {send, tlsOf}: RedirectIo<T>,
): Promise<{readonly response: T; readonly origin: string}> {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  let current = request
  for (let hop = 0; ; hop += 1) {
    const {url: at} = current
    const response = await (hop === 0 ? send(current) : atNamedAddress(at, 'downloads', async () => send(current)))
    const isFollowed = isRead && redirects.has(response.status) && hop < maxRedirects
    const to = isFollowed ? redirectTarget(response.headers['location'], at) : undefined
    if (to === undefined) return {response, origin: at.origin}
    const headers = headersFor(to, {from: at, headers: current.headers})
    current = {...current, url: to, headers, tls: await tlsOf(to)}
  }
}
