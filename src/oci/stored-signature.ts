import type {Digest} from './digest.ts'

/** Media types of the layers. That of a bundle ends with its version. */
export const signatureTypes = {
  bundle: 'application/vnd.dev.sigstore.bundle',
  'signature-tag': 'application/vnd.dev.cosign.simplesigning.v1+json',
  'attestation-tag': 'application/vnd.dsse.envelope.v1+json',
} as const

/** Signature or attestation as a registry has it, with the digest that it is attached to. Nothing in it is verified. */
export interface StoredSignature {
  /**
   * `bundle`: a Sigstore bundle in a referrer. `signature-tag` and `attestation-tag`: a layer of the manifest under
   * `sha256-<hex>.sig` or `.att`.
   */
  readonly kind: keyof typeof signatureTypes
  /** Manifest with it: the referrer, or the one under the tag. */
  readonly manifest: Digest
  /** Name in messages: the digest of the bundle or of the layer. */
  readonly digest: Digest
  /** Bundle, payload or envelope. */
  readonly bytes: Uint8Array
  /** Annotations of the layer: signature, certificate, log entry. */
  readonly annotations: Readonly<Record<string, string>>
}
