import {field, parseJson} from '../oci/manifest.ts'
import {parseBundle} from './bundle.ts'
import type {LogEntry, Signature} from './signature.ts'

/**
 * Signature in a bundle of this program, so that the same one can be attached in another format. Proofs and timestamps are
 * left out, and of the chain it has only the certificate. Undefined if the bundle has another form.
 */
export function parseSignature(bundle: Uint8Array): Signature | undefined {
  const [signature] = parseBundle(bundle)?.signatures ?? []
  const material = field(parseJson(bundle), 'verificationMaterial')
  const hint = field(field(material, 'publicKey'), 'hint')
  const certificate = field(field(material, 'certificate'), 'rawBytes')
  const listed = field(material, 'tlogEntries')
  const entries = (Array.isArray(listed) ? listed : []).map(parseEntry)
  const logEntries = entries.filter((entry) => entry !== undefined)
  if (signature === undefined || logEntries.length < entries.length) return undefined
  const bytes = Buffer.from(signature.sig, 'base64')
  if (typeof certificate === 'string') {
    const chain = [Buffer.from(certificate, 'base64')]
    return {bytes, material: {key: {kind: 'certificate', chain}, logEntries, timestamps: []}}
  }
  return typeof hint === 'string'
    ? {bytes, material: {key: {kind: 'key', hint}, logEntries, timestamps: []}}
    : undefined
}

function parseEntry(entry: unknown): LogEntry | undefined {
  const texts = [
    field(entry, 'logIndex'),
    field(field(entry, 'logId'), 'keyId'),
    field(field(entry, 'kindVersion'), 'kind'),
    field(field(entry, 'kindVersion'), 'version'),
    field(entry, 'integratedTime'),
    field(field(entry, 'inclusionPromise'), 'signedEntryTimestamp'),
    field(entry, 'canonicalizedBody'),
  ].filter((value) => typeof value === 'string')
  const [logIndex, logId, kind, version, integratedTime, promise, body] = texts
  // The entry of a log without promises has none, which cosign 2 needs.
  if (logIndex === undefined || logId === undefined || kind === undefined || version === undefined) return undefined
  if (integratedTime === undefined || promise === undefined || body === undefined) return undefined
  return {
    logIndex,
    logId: Buffer.from(logId, 'base64'),
    kind,
    version,
    integratedTime,
    signedEntryTimestamp: Buffer.from(promise, 'base64'),
    body: Buffer.from(body, 'base64'),
  }
}
