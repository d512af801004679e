import {createHash, sign, verify, type KeyObject} from 'node:crypto'
import {parseBundle} from './bundle.ts'
import {hasStatement, preAuthEncoding} from './dsse.ts'
import type {FoundBundle, FoundSignature, FoundTagSignature} from './found-signature.ts'
import {publicPart} from './keys/signing-key.ts'
import type {Signature, Signer} from './signer.ts'
import {parsePayload, signatureAnnotation} from './simple-signing.ts'
import {parseStatement} from './statement.ts'

/** Signer with a private key. ECDSA and RSA sign the SHA-256 of the data, as cosign does. */
export function keySigner(key: KeyObject): Signer {
  const {publicKey, spki} = publicPart(key)
  const hint = createHash('sha256').update(spki).digest('base64')
  const material = {key: {kind: 'key', hint}, logEntries: [], timestamps: []} as const
  const signed = async (data: Uint8Array): Promise<Signature> =>
    Promise.resolve({bytes: sign(hashOf(key), data, key), material})
  return {
    name: hint,
    verifiedBy: {kind: 'key', publicKey: String(publicKey.export({format: 'pem', type: 'spki'}))},
    signStatement: async (statement) => signed(preAuthEncoding(statement)),
    signPayload: signed,
    rejects: async (found) => Promise.resolve(rejectsWithKey(found, publicKey)),
  }
}

/**
 * Verifies that what a registry has is a signature by this key over the subject. The hint is not compared: it only helps
 * to find a key.
 * @returns the reason why it is not. Undefined if it is.
 */
export function rejectsWithKey(found: FoundSignature, key: KeyObject): string | undefined {
  return found.format === 'bundle' ? rejectsBundle(found, key) : rejectsPayload(found, key)
}

function rejectsBundle({bytes, subject, predicateType}: FoundBundle, key: KeyObject): string | undefined {
  const envelope = parseBundle(bytes)
  if (envelope === undefined) return 'it is not a Sigstore bundle with an envelope'
  if (!hasStatement(envelope)) return `its payload is of type ${JSON.stringify(envelope.payloadType)}`
  const payload = Buffer.from(envelope.payload, 'base64')
  const data = preAuthEncoding(payload)
  if (!envelope.signatures.some(({sig}) => isSigned(data, sig, key))) return 'it is not signed by this key'
  const statement = parseStatement(payload)
  if (statement === undefined) return 'its payload is not an in-toto statement'
  if (statement.predicateType !== predicateType) return `its predicate is of type ${statement.predicateType}`
  return statement.subjects.includes(subject) ? undefined : 'it is a signature of other images'
}

function rejectsPayload({bytes, subject, annotations}: FoundTagSignature, key: KeyObject): string | undefined {
  if (!isSigned(bytes, annotations[signatureAnnotation] ?? '', key)) return 'it is not signed by this key'
  const payload = parsePayload(bytes)
  if (payload === undefined) return 'it does not state an image'
  return payload.digest === subject ? undefined : 'it is a signature of another image'
}

function isSigned(data: Uint8Array, signature: string, key: KeyObject): boolean {
  return verify(hashOf(key), data, key, Buffer.from(signature, 'base64'))
}

function hashOf({asymmetricKeyType}: KeyObject): string | null {
  return asymmetricKeyType === 'ed25519' ? null : 'sha256'
}
