import type {KeyObject} from 'node:crypto'
import type {Digest} from '../oci/digest.ts'
import type {StoredSignature} from '../oci/stored-signature.ts'
import type {CertificateVerifier} from './certificates.ts'
import {parseClaim, type Claim} from '../signing/claim.ts'
import type {Examination, Examined} from './judge.ts'
import {fingerprint, isSignedBy} from '../signing/keys/public-key.ts'

interface VerifyKey {
  /** Name in `verify-key`; empty for an only key without a name. */
  readonly name: string
  readonly key: KeyObject
}

/** Keys and authorities that count. */
export interface Trust {
  readonly keys: readonly VerifyKey[]
  /** Verifier of certificates; undefined if no demand needs one. */
  readonly certificates: CertificateVerifier | undefined
}

/** Verifies a stored signature of an image, from its bytes alone. Never throws. */
export function examine(stored: StoredSignature, digest: Digest, trust: Trust): Examined {
  const name = `${words[stored.kind]} ${stored.digest}`
  const claim = parseClaim(stored)
  if (typeof claim === 'string') return {name, claimed: undefined, signer: {kind: 'unverified', reason: claim}}
  const {type, predicateType} = claim
  return {name, claimed: {type, predicateType}, signer: examineSigner(claim, digest, trust)}
}

const words = {
  bundle: 'bundle',
  'signature-tag': 'signature in the tag .sig',
  'attestation-tag': 'attestation in the tag .att',
} as const

function examineSigner(claim: Claim, digest: Digest, {keys, certificates}: Trust): Examination {
  if (!claim.subjects.includes(digest)) return {kind: 'unverified', reason: 'it is about another image'}
  if (claim.bundle === undefined) {
    const signers = keys.filter(({key}) => claim.signatures.some((one) => isSignedBy(key, claim.signed, one)))
    if (signers.length > 0) return {kind: 'key', names: signers.map(({name}) => name)}
    return {kind: 'unverified', reason: otherKey(keys), key: {hint: claim.keyHint}}
  }
  if (certificates === undefined) return {kind: 'unverified', reason: 'it is signed with a certificate, not with a key'}
  const result = certificates(claim)
  return result.ok ? {kind: 'certificate', identity: result.identity} : {kind: 'unverified', reason: result.reason}
}

/** Reason for a signature by an unknown key, with the keys that count. */
function otherKey(keys: Trust['keys']): string {
  const known = keys.map(({name, key}) => `${name === '' ? '' : `${name} `}${fingerprint(key)}`)
  const [first] = known
  if (first === undefined) return 'it is signed by a key, and `verify-key` is empty'
  return `it is not signed by a key of \`verify-key\` (${known.join(', ')})`
}
