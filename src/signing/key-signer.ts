import {createPublicKey, sign, type KeyObject} from 'node:crypto'
import {preAuthEncoding} from './dsse.ts'
import {rejectionOf, type FoundSignature} from './found-signature.ts'
import {fingerprint, hashFor, isSignedBy} from './keys/public-key.ts'
import type {Signature} from './signature.ts'
import type {Signer} from './signer.ts'

/** Signer with a private key. ECDSA and RSA sign the SHA-256 of the data, as cosign does. */
export function keySigner(key: KeyObject): Signer {
  const publicKey = createPublicKey(key)
  const hint = fingerprint(publicKey)
  const material = {key: {kind: 'key', hint}, logEntries: [], timestamps: []} as const
  const signed = async (data: Uint8Array): Promise<Signature> =>
    Promise.resolve({bytes: sign(hashFor(key), data, key), material})
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
  return rejectionOf(found, ({signed, signatures}) =>
    signatures.some((one) => isSignedBy(key, signed, one)) ? undefined : 'it is not signed by this key',
  )
}
