import {createHash, X509Certificate} from 'node:crypto'
import {field, parseJson} from '../oci/manifest.ts'
import {base64} from './dsse.ts'

/** Signed content of a bundle: an envelope, or a signature with the payload that the bundle does not contain. */
type Content = {readonly dsseEnvelope: object} | {readonly signature: string; readonly payload: Uint8Array}

/**
 * Sigstore bundle of version 0.1 from the annotations of a layer under `sha256-<hex>.sig` or `.att`
 * (https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md). Undefined without a certificate.
 */
export function annotatedBundle(annotations: Readonly<Record<string, string>>, content: Content): unknown {
  const certificate = derOf(annotations['dev.sigstore.cosign/certificate'])
  if (certificate === undefined) return undefined
  const entry = logEntry(annotations['dev.sigstore.cosign/bundle'])
  const timestamp = field(parsed(annotations['dev.sigstore.cosign/rfc3161timestamp']), 'SignedRFC3161Timestamp')
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      x509CertificateChain: {certificates: [{rawBytes: certificate}]},
      tlogEntries: entry === undefined ? [] : [entry],
      ...(typeof timestamp === 'string'
        ? {timestampVerificationData: {rfc3161Timestamps: [{signedTimestamp: timestamp}]}}
        : {}),
    },
    ...('dsseEnvelope' in content ? content : {messageSignature: messageSignature(content)}),
  }
}

function messageSignature({signature, payload}: {readonly signature: string; readonly payload: Uint8Array}): object {
  const digest = createHash('sha256').update(payload).digest('base64')
  return {messageDigest: {algorithm: 'SHA2_256', digest}, signature}
}

/** Entry of Rekor v1 with its promise. Undefined if the annotation does not contain one. */
function logEntry(text: string | undefined): object | undefined {
  const value = parsed(text)
  const payload = field(value, 'Payload')
  const [body, integratedTime, logIndex, logId] = ['body', 'integratedTime', 'logIndex', 'logID'].map((name) =>
    field(payload, name),
  )
  const signedEntryTimestamp = field(value, 'SignedEntryTimestamp')
  if (typeof body !== 'string' || typeof logId !== 'string' || typeof signedEntryTimestamp !== 'string')
    return undefined
  if (!Number.isSafeInteger(integratedTime) || !Number.isSafeInteger(logIndex)) return undefined
  const entry = parseJson(Buffer.from(body, 'base64'))
  return {
    logIndex: String(logIndex),
    logId: {keyId: base64(Buffer.from(logId, 'hex'))},
    kindVersion: {kind: String(field(entry, 'kind')), version: String(field(entry, 'apiVersion'))},
    integratedTime: String(integratedTime),
    inclusionPromise: {signedEntryTimestamp},
    canonicalizedBody: body,
  }
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? undefined : parseJson(Buffer.from(text))
}

/** DER of the first certificate of a PEM text, in base64. Undefined if it is not one. */
function derOf(pem: string | undefined): string | undefined {
  if (pem === undefined) return undefined
  try {
    return base64(new X509Certificate(pem).raw)
  } catch {
    return undefined
  }
}
