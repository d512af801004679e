import {field} from '../oci/manifest.ts'
import type {SigstoreServices} from './services.ts'

/**
 * Services of a document `signing_config.json`, version 0.2
 * (https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto): of each kind the newest one that
 * is valid and has an API of version 1. A text is the reason why the document cannot be used.
 */
export function parseSigningConfig(document: unknown, now: Date): SigstoreServices | string {
  const mediaType = field(document, 'mediaType')
  if (typeof mediaType !== 'string' || !mediaType.startsWith('application/vnd.dev.sigstore.signingconfig.v0.2')) {
    return 'it is not a signing config of version 0.2'
  }
  const [authority, log, timestamps] = ['caUrls', 'rekorTlogUrls', 'tsaUrls'].map((name) =>
    newest(field(document, name), now),
  )
  const insecure = [authority, log, timestamps].find((url) => url !== undefined && !isSafe(url))
  if (insecure !== undefined) return `${insecure.origin} is not an address with https`
  if (authority === undefined) return 'it has no certificate authority that is valid now (caUrls)'
  if (log === undefined && timestamps === undefined) {
    return 'it has neither a log of version 1 (rekorTlogUrls) nor a timestamp authority (tsaUrls) that is valid now'
  }
  return {authority, log, timestamps}
}

function newest(services: unknown, now: Date): URL | undefined {
  if (!Array.isArray(services)) return undefined
  const valid = services.flatMap((service: unknown) => {
    const url = field(service, 'url')
    const [start, end] = ['start', 'end'].map((name) => timeOf(field(field(service, 'validFor'), name)))
    const isCurrent = (start ?? 0) <= now.getTime() && now.getTime() < (end ?? Infinity)
    const isKnown = field(service, 'majorApiVersion') === 1
    return typeof url === 'string' && URL.canParse(url) && isCurrent && isKnown ? [{url: new URL(url), start}] : []
  })
  const [first] = valid.toSorted((a, b) => (b.start ?? 0) - (a.start ?? 0))
  return first?.url
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** Reports whether an identity token may be sent to an address. */
function isSafe({protocol, hostname}: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname))
}
