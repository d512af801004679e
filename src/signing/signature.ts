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
