import {field, parseJson} from '../oci/manifest.ts'
import {signatureTypes} from '../oci/stored-signature.ts'
import {base64, makeEnvelope, type Envelope} from './dsse.ts'
import type {LogEntry, Signature, VerificationMaterial} from './signature.ts'

/** Media type of bundles of version 0.3, and artifact type of the manifest that contains one. */
export const bundleMediaType = `${signatureTypes.bundle}.v0.3+json`

/**
 * JSON of the Sigstore bundle of a signed statement. The same signature gives the same bytes, so that every repository
 * has the same blob.
 */
export function formatBundle(statement: Uint8Array, {bytes, material}: Signature): Uint8Array {
  const bundle = {
    mediaType: bundleMediaType,
    verificationMaterial: formatMaterial(material),
    dsseEnvelope: makeEnvelope(statement, bytes),
  }
  return Buffer.from(JSON.stringify(bundle))
}

function formatMaterial({key, logEntries, timestamps}: VerificationMaterial): object {
  const [leaf = new Uint8Array()] = key.kind === 'certificate' ? key.chain : []
  return {
    ...(key.kind === 'key' ? {publicKey: {hint: key.hint}} : {certificate: {rawBytes: base64(leaf)}}),
    ...(logEntries.length === 0 ? {} : {tlogEntries: logEntries.map(formatEntry)}),
    ...(timestamps.length === 0
      ? {}
      : {
          timestampVerificationData: {
            rfc3161Timestamps: timestamps.map((timestamp) => ({signedTimestamp: base64(timestamp)})),
          },
        }),
  }
}

function formatEntry(entry: LogEntry): object {
  const {inclusionProof: proof} = entry
  return {
    logIndex: entry.logIndex,
    logId: {keyId: base64(entry.logId)},
    kindVersion: {kind: entry.kind, version: entry.version},
    integratedTime: entry.integratedTime,
    inclusionPromise: {signedEntryTimestamp: base64(entry.signedEntryTimestamp)},
    ...(proof === undefined
      ? {}
      : {
          inclusionProof: {
            logIndex: proof.logIndex,
            rootHash: base64(proof.rootHash),
            treeSize: proof.treeSize,
            hashes: proof.hashes.map(base64),
            checkpoint: {envelope: proof.checkpoint},
          },
        }),
    canonicalizedBody: base64(entry.body),
  }
}

/** Envelope in a bundle of any version. Undefined if the bytes are not a bundle with an envelope. */
export function parseBundle(bytes: Uint8Array): Envelope | undefined {
  const value = parseJson(bytes)
  const mediaType = field(value, 'mediaType')
  if (typeof mediaType !== 'string' || !isBundleType(mediaType)) return undefined
  return parseEnvelope(field(value, 'dsseEnvelope'))
}

/** Envelope of parsed JSON. Undefined if it is not one. */
export function parseEnvelope(value: unknown): Envelope | undefined {
  const [payload, payloadType, signatures] = ['payload', 'payloadType', 'signatures'].map((name) => field(value, name))
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || !Array.isArray(signatures)) return undefined
  return {
    payload,
    payloadType,
    signatures: signatures.flatMap((one: unknown) => {
      const sig = field(one, 'sig')
      return typeof sig === 'string' ? [{sig}] : []
    }),
  }
}

/** Reports whether a media type or an artifact type is that of a bundle, of any version. */
function isBundleType(mediaType: string): boolean {
  return mediaType.startsWith(signatureTypes.bundle)
}
