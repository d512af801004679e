/** Signature or attestation as a registry has it, with the digest that it is attached to. Nothing in it is verified. */
export interface StoredSignature {
  /**
   * `bundle`: a Sigstore bundle in a referrer. `signature-tag` and `attestation-tag`: a layer of the manifest under
   * `sha256-<hex>.sig` or `.att`.
   */
  readonly kind: 'bundle' | 'signature-tag' | 'attestation-tag'
  /** Name in messages: the digest of the bundle or of the layer. */
  readonly digest: string
  /** Bundle, payload or envelope. */
  readonly bytes: Uint8Array
  /** Annotations of the layer: signature, certificate, log entry. */
  readonly annotations: Readonly<Record<string, string>>
}
