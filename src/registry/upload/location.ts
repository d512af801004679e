import type {Digest} from '../../oci/digest.ts'
import {redirectTarget} from '../redirect.ts'

/**
 * Where an upload goes on: the `Location` of its last response, relative or whole. Registries keep the state of an upload in
 * its query, so that is kept to the letter. Undefined when there is none, or one that leaves a safe line.
 */
export function uploadLocation(location: string | undefined, request: URL): URL | undefined {
  if (location === undefined || location === '' || !URL.canParse(location, request.href)) return undefined
  const url = new URL(location, request)
  // A registry behind a proxy that speaks TLS for it may not know its own scheme.
  if (url.protocol === 'http:' && request.protocol === 'https:' && url.hostname === request.hostname) {
    return new URL(`${request.origin}${url.pathname}${url.search}`)
  }
  return redirectTarget(url.href, request)
}

/** The address that completes an upload: `?digest=` beside what stands there already. */
export function withDigest(location: URL, digest: Digest): URL {
  const url = new URL(location)
  // Not by searchParams, which would write the rest of the query anew.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`
  return url
}

/** How many bytes an upload has, by the `Range` of its status (`0-1023`); 0 when it does not say. */
export function uploadedBytes(range: string | undefined): number {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(range ?? '')?.[1]
  // Nothing and one byte are both written `0-0`. Sending one byte again is refused with 416, missing one is worse.
  return last === undefined || last === '0' ? 0 : Number(last) + 1
}
