import type {FoundSignature} from './found-signature.ts'

/** Signs everything of one run with one key, or with one certificate. */
export interface Signer {
  /** Identity in the certificate, or the hint of the key, for the log and the outputs. */
  readonly name: string
  /** Facts that a command needs to verify the signatures. */
  readonly verifiedBy: VerifiedBy
  /**
   * Signs an in-toto statement: the signature is over the DSSE pre-authentication encoding of these bytes
   * (`preAuthEncoding`).
   */
  signStatement(statement: Uint8Array): Promise<Signature>
  /** Signs the payload of a cosign 2 signature: the signature is over these bytes. */
  signPayload(payload: Uint8Array): Promise<Signature>
  /**
   * Verifies that what a registry has is a signature of this identity over the subject, from these bytes alone.
   * @returns the reason why it is not. Undefined if it is.
   */
  rejects(found: FoundSignature): Promise<string | undefined>
}

/** Public key, or identity in a certificate: values of `cosign verify`. */
type VerifiedBy =
  | {readonly kind: 'key'; /** SPKI in PEM. */ readonly publicKey: string}
  | {
      readonly kind: 'identity'
      /** Subject alternative name of the certificate. */
      readonly identity: string
      readonly issuer: string
      /** Repository that called a reusable workflow, as `owner/name`; undefined if the identity is its own. */
      readonly repository?: string | undefined
      /** The signature has a timestamp, and no entry in a log. */
      readonly withoutLog?: true
      /** Path of the trusted root; absent for the public instance. */
      readonly trustFile?: string
    }

/** Signature, and what a verifier needs besides. */
export interface Signature {
  /** ASN.1 DER for ECDSA, as cosign and Sigstore have it; raw bytes for Ed25519 and RSA. */
  readonly bytes: Uint8Array
  readonly material: VerificationMaterial
}

/**
 * Facts that a verifier needs besides a signature. The terms are those of the Sigstore bundle:
 * https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto
 */
export interface VerificationMaterial {
  readonly key:
    | {
        readonly kind: 'key'
        /** Base64 of the SHA-256 of the public key (SPKI, DER), as cosign writes it. */
        readonly hint: string
      }
    | {
        readonly kind: 'certificate'
        /** DER, leaf first. A bundle contains only the leaf. */
        readonly chain: readonly Uint8Array[]
      }
  /** Entries of a transparency log: Rekor v1. */
  readonly logEntries: readonly LogEntry[]
  /** DER of RFC 3161 responses. */
  readonly timestamps: readonly Uint8Array[]
}

/** Entry of a Rekor v1 log. The numbers are decimal, since they may exceed 53 bits. */
export interface LogEntry {
  readonly logIndex: string
  readonly logId: Uint8Array
  /** Kind and version of the entry: `dsse` and `0.0.1`. */
  readonly kind: string
  readonly version: string
  /** Seconds since 1970. */
  readonly integratedTime: string
  readonly signedEntryTimestamp: Uint8Array
  readonly inclusionProof?: InclusionProof
  /** Canonicalised body of the entry. */
  readonly body: Uint8Array
}

/** Proof that a log contains an entry (RFC 6962), with the signed checkpoint. */
interface InclusionProof {
  readonly logIndex: string
  readonly rootHash: Uint8Array
  readonly treeSize: string
  readonly hashes: readonly Uint8Array[]
  readonly checkpoint: string
}
