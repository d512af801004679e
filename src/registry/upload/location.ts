import type {Digest} from '../../oci/digest.ts'
import {redirectTarget} from '../redirect.ts'

/**
 * URL that continues an upload: the `Location` of the last response, relative or absolute. The query is preserved,
 * since registries store the state of the upload in it. Undefined if it is missing, or not allowed as a redirect.
 */
export function uploadLocation(location: string | undefined, request: URL): URL | undefined {
  if (location === undefined || location === '' || !URL.canParse(location, request.href)) return undefined
  const url = new URL(location, request)
  // A registry behind a TLS proxy may not know its own scheme.
  if (url.protocol === 'http:' && request.protocol === 'https:' && url.hostname === request.hostname) {
    return new URL(`${request.origin}${url.pathname}${url.search}`)
  }
  return redirectTarget(url.href, request)
}

/** URL that completes an upload, with `digest` added to the query. */
export function withDigest(location: URL, digest: Digest): URL {
  const url = new URL(location)
  // Not by searchParams, which would rewrite the rest of the query.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`
  return url
}

/** Number of uploaded bytes, by the `Range` of the status (`0-1023`). Default: 0. */
export function uploadedBytes(range: string | undefined): number {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range ?? '')?.[1]
  // Zero bytes and one byte are both `0-0`. Sending a byte again is refused with 416; skipping one would be worse.
  return last === undefined || last === '0' ? 0 : Number(last) + 1
}
