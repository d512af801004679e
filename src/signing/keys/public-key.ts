import {createHash, createPublicKey, verify, type KeyObject} from 'node:crypto'

/** Parses a public key in PEM. A text is the reason why it cannot be used. Never throws. */
export function parsePublicKey(pem: string): KeyObject | string {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return 'it is a private key; the public key suffices'
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch {
    return 'it is not a public key in PEM'
  }
  const {asymmetricKeyType: type, asymmetricKeyDetails: details} = key
  if (type === 'ed25519') return key
  if (type === 'ec') {
    return details?.namedCurve === 'prime256v1' ? key : `its curve is ${details?.namedCurve ?? 'unknown'}, not P-256`
  }
  if (type !== 'rsa') return `it is a key of type ${type ?? 'unknown'}, not ECDSA P-256, Ed25519 or RSA`
  return (details?.modulusLength ?? 0) >= 2048 ? key : 'it is an RSA key of less than 2048 bits'
}

/** Reports whether a signature, in base64, is one by this key. */
export function isSignedBy(key: KeyObject, data: Uint8Array, signature: string): boolean {
  return verify(hashFor(key), data, key, Buffer.from(signature, 'base64'))
}

/** Hash of the data that a key signs: ECDSA and RSA sign the SHA-256, Ed25519 the data itself. */
export function hashFor({asymmetricKeyType}: KeyObject): string | null {
  return asymmetricKeyType === 'ed25519' ? null : 'sha256'
}

/** SHA-256 of a public key (SPKI, DER) in base64: the hint in bundles of cosign, and the output `signer`. */
export function fingerprint(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({format: 'der', type: 'spki'}))
    .digest('base64')
}
