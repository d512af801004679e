import type {FoundSignature} from './found-signature.ts'
import type {Signature} from './signature.ts'

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
