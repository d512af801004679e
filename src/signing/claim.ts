import {printable} from '../errors/printable.ts'
import {field, parseJson} from '../oci/manifest.ts'
import type {StoredSignature} from '../oci/stored-signature.ts'
import {parseBundle, parseEnvelope} from './bundle.ts'
import {hasStatement, preAuthEncoding, type Envelope} from './dsse.ts'
import {parsePayload, signatureAnnotation} from './simple-signing.ts'
import {parseStatement, signaturePredicate} from './statement.ts'
import {annotatedBundle} from './annotated-bundle.ts'

/** Contents of a stored signature, before it is verified. */
export interface Claim {
  readonly type: 'signature' | 'attestation'
  readonly predicateType: string
  /** Images that are signed. */
  readonly subjects: readonly string[]
  /** Bytes that are signed. */
  readonly signed: Uint8Array
  /** Signatures of these bytes, in base64. */
  readonly signatures: readonly string[]
  /** Sigstore bundle with a certificate, in JSON. Undefined for a signature by a key. */
  readonly bundle: unknown
  /** Hint of a bundle about its key: usually the SHA-256 of the public key, in base64. Undefined without one. */
  readonly keyHint: string | undefined
  /** Bytes that the bundle does not contain: the payload of a signature under a tag. */
  readonly artifact: Uint8Array | undefined
}

type Layer = Pick<StoredSignature, 'bytes' | 'annotations'>

/** Parses a stored signature. A text is the reason why it is none. Never throws. */
export function parseClaim(stored: Pick<StoredSignature, 'kind' | 'bytes' | 'annotations'>): Claim | string {
  switch (stored.kind) {
    case 'bundle':
      return bundleClaim(stored)
    case 'signature-tag':
      return payloadClaim(stored)
    case 'attestation-tag':
      return envelopeClaim(stored)
  }
}

function bundleClaim({bytes}: Pick<StoredSignature, 'bytes'>): Claim | string {
  const envelope = parseBundle(bytes)
  if (envelope === undefined) return 'it is not a Sigstore bundle with an envelope'
  const bundle = parseJson(bytes)
  const material = field(bundle, 'verificationMaterial')
  const hasCertificate = ['certificate', 'x509CertificateChain'].some((name) => field(material, name) !== undefined)
  const hint = field(field(material, 'publicKey'), 'hint')
  const keyHint = typeof hint === 'string' && /^[\w+/=:.-]{1,100}$/.test(hint) ? hint : undefined
  const claim = statementClaim(envelope, hasCertificate ? bundle : undefined)
  return typeof claim === 'string' ? claim : {...claim, keyHint}
}

function envelopeClaim({bytes, annotations}: Layer): Claim | string {
  const envelope = parseEnvelope(parseJson(bytes))
  if (envelope === undefined) return 'it is not an envelope'
  return statementClaim(envelope, annotatedBundle(annotations, {dsseEnvelope: envelope}))
}

function statementClaim(envelope: Envelope, bundle: unknown): Claim | string {
  if (!hasStatement(envelope)) return `its payload is of type ${JSON.stringify(printable(envelope.payloadType))}`
  const payload = Buffer.from(envelope.payload, 'base64')
  const statement = parseStatement(payload)
  if (statement === undefined) return 'its payload is not an in-toto statement'
  const {subjects, predicateType} = statement
  return {
    type: predicateType === signaturePredicate ? 'signature' : 'attestation',
    predicateType,
    subjects,
    signed: preAuthEncoding(payload),
    signatures: envelope.signatures.map(({sig}) => sig),
    bundle,
    keyHint: undefined,
    artifact: undefined,
  }
}

function payloadClaim({bytes, annotations}: Layer): Claim | string {
  const payload = parsePayload(bytes)
  const signature = annotations[signatureAnnotation]
  if (payload === undefined || signature === undefined) return 'it is not a signature of an image'
  return {
    type: 'signature',
    predicateType: signaturePredicate,
    subjects: [payload.digest],
    signed: bytes,
    signatures: [signature],
    bundle: annotatedBundle(annotations, {signature, payload: bytes}),
    keyHint: undefined,
    artifact: bytes,
  }
}
