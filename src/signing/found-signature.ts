import type {Digest} from '../oci/digest.ts'

/** Signature as a registry has it. Nothing in it is verified. */
export type FoundSignature = FoundBundle | FoundTagSignature

/** Sigstore bundle that a referrer of the subject contains. */
export interface FoundBundle {
  readonly format: 'bundle'
  /** Digest of the manifest that is expected to be signed. */
  readonly subject: Digest
  /** Predicate type that the statement is expected to have. */
  readonly predicateType: string
  /** JSON of the bundle. */
  readonly bytes: Uint8Array
}

/** Layer of the manifest under the tag `sha256-<hex>.sig`. */
export interface FoundTagSignature {
  readonly format: 'signature-tag'
  /** Digest of the manifest that is expected to be signed. */
  readonly subject: Digest
  /** Content of the layer: the payload. */
  readonly bytes: Uint8Array
  /** Annotations of the layer: signature, certificate, log entry. */
  readonly annotations: Readonly<Record<string, string>>
}
