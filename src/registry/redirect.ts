import {isLoopback} from './challenge.ts'

const redirects = new Set([301, 302, 303, 307, 308])

export const maxRedirects = 5

export function isRedirect(status: number): boolean {
  return redirects.has(status)
}

/**
 * Where a redirect leads. Undefined where it must not: to another scheme than HTTP's, from a safe line to an open one, or
 * from elsewhere to a server on this machine.
 */
export function redirectTarget(location: string | undefined, from: URL): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined
  const target = new URL(location, from)
  const bothLocal = isLoopback(from.hostname) && isLoopback(target.hostname)
  if (isLoopback(target.hostname) && !bothLocal) return undefined
  if (target.protocol === 'http:') return from.protocol === 'http:' || bothLocal ? target : undefined
  return target.protocol === 'https:' ? target : undefined
}

/** Credentials are for the origin that asked for them (RFC 9110, section 15.4). */
export function headersFor(
  target: URL,
  {from, headers}: {readonly from: URL; readonly headers: Readonly<Record<string, string>>},
): Readonly<Record<string, string>> {
  if (target.origin === from.origin) return headers
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization' && name !== 'cookie'))
}
