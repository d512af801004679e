/**
 * Identity in a certificate of Fulcio: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md. Undefined fields are
 * not in the certificate.
 */
export interface CertificateIdentity {
  /** Subject alternative name. */
  readonly signer: string | undefined
  /** Issuer of the ID token. */
  readonly issuer: string | undefined
  /** Address of the source repository. */
  readonly repository: string | undefined
  readonly repositoryId: string | undefined
  /** Address of the workflow file, with its ref: that of the caller, if a reusable workflow has signed. */
  readonly workflow: string | undefined
  readonly ref: string | undefined
  readonly runner: string | undefined
}

/** Object identifiers of the extensions. */
export const identityExtensions = {
  repository: '1.3.6.1.4.1.57264.1.12',
  repositoryId: '1.3.6.1.4.1.57264.1.15',
  workflow: '1.3.6.1.4.1.57264.1.18',
  ref: '1.3.6.1.4.1.57264.1.14',
  runner: '1.3.6.1.4.1.57264.1.11',
} as const
