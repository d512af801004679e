import {field, parseJson} from '../oci/manifest.ts'
import type {Digest} from '../oci/digest.ts'
import type {Repository} from '../oci/reference.ts'
import {base64} from './dsse.ts'
import type {LogEntry, Signature} from './signature.ts'

/**
 * Signatures in the format of cosign 2, which is also that of containers/image:
 * https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
const payloadType = 'cosign container image signature'

/** Annotation of a layer with the signature of its content, in base64. */
export const signatureAnnotation = 'dev.cosignproject.cosign/signature'

/** Payload of a signature, in a stable order. */
export function formatPayload(repository: Repository, digest: Digest): Uint8Array {
  const critical = {
    identity: {'docker-reference': dockerReference(repository)},
    image: {'docker-manifest-digest': digest},
    type: payloadType,
  }
  return Buffer.from(JSON.stringify({critical, optional: null}))
}

/** Parses a payload. Undefined if the bytes are not a payload. */
export function parsePayload(
  bytes: Uint8Array,
): {readonly digest: string; readonly reference: string | undefined} | undefined {
  const critical = field(parseJson(bytes), 'critical')
  const digest = field(field(critical, 'image'), 'docker-manifest-digest')
  const reference = field(field(critical, 'identity'), 'docker-reference')
  if (field(critical, 'type') !== payloadType || typeof digest !== 'string') return undefined
  return {digest, reference: typeof reference === 'string' ? reference : undefined}
}

/** Reports whether a payload names this repository. Podman and CRI-O require it by default. */
export function namesRepository(reference: string | undefined, repository: Repository): boolean {
  return reference?.replace(/^index\.docker\.io\//, 'docker.io/') === dockerReference(repository)
}

function dockerReference({host, path}: Repository): string {
  return `${host}/${path}`
}

/** Annotations of the layer that contains the payload of a signature, as cosign writes them. */
export function signatureAnnotations({bytes, material}: Signature): Readonly<Record<string, string>> {
  const {key, logEntries, timestamps} = material
  const [leaf, ...issuers] = key.kind === 'certificate' ? key.chain : []
  const [entry] = logEntries
  const [timestamp] = timestamps
  return {
    [signatureAnnotation]: base64(bytes),
    ...(leaf === undefined ? {} : {'dev.sigstore.cosign/certificate': pem(leaf)}),
    ...(issuers.length === 0 ? {} : {'dev.sigstore.cosign/chain': issuers.map(pem).join('')}),
    ...(entry === undefined ? {} : {'dev.sigstore.cosign/bundle': JSON.stringify(formatEntry(entry))}),
    ...(timestamp === undefined
      ? {}
      : {'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({SignedRFC3161Timestamp: base64(timestamp)})}),
  }
}

function formatEntry({signedEntryTimestamp, body, integratedTime, logIndex, logId}: LogEntry): object {
  return {
    SignedEntryTimestamp: base64(signedEntryTimestamp),
    Payload: {
      body: base64(body),
      integratedTime: Number(integratedTime),
      logIndex: Number(logIndex),
      logID: Buffer.from(logId).toString('hex'),
    },
  }
}

function pem(der: Uint8Array): string {
  const lines = base64(der).match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
