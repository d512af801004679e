import type {Digest} from '../oci/digest.ts'
import type {StoredSignature} from '../oci/stored-signature.ts'
import {parseClaim, type Claim} from './claim.ts'

/** Signature as a registry has it, with what it is expected to sign. Nothing in it is verified. */
export interface FoundSignature {
  readonly stored: Pick<StoredSignature, 'kind' | 'bytes' | 'annotations'>
  /** Digest of the manifest that is expected to be signed. */
  readonly subject: Digest
  /** Predicate type that the statement is expected to have. */
  readonly predicateType: string
}

/**
 * Compares a signature with what it is expected to sign, and verifies it.
 * @param verify returns the reason why the signature does not count. Undefined if it does.
 * @returns the reason why it is not the expected one, as a part of a sentence. Undefined if it is.
 */
export function rejectionOf(
  {stored, subject, predicateType}: FoundSignature,
  verify: (claim: Claim) => string | undefined,
): string | undefined {
  const claim = parseClaim(stored)
  if (typeof claim === 'string') return claim
  if (claim.predicateType !== predicateType) return `its predicate is of type ${claim.predicateType}`
  if (!claim.subjects.includes(subject)) return 'it is a signature of other images'
  return verify(claim)
}
