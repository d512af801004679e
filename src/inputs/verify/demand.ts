/** Demand of the input `verify`: a line, all of whose attributes one signature must have. */
export interface Demand {
  /** 1-based line of the input. */
  readonly line: number
  /** Text of the line, for messages. */
  readonly text: string
  readonly type: 'signature' | 'attestation'
  /** Patterns of predicate types, one of which an attestation must have; empty for a signature. */
  readonly predicates: readonly string[]
  /** Manifests that must be signed: the image, those of its platforms, both, or either the image or all platforms. */
  readonly manifests: 'image' | 'platforms' | 'both' | 'either'
  readonly signer: DemandedSigner
}

export type DemandedSigner = DemandedKey | DemandedIdentity

interface DemandedKey {
  readonly kind: 'key'
  /** Name in `verify-key`. Undefined for its only key. */
  readonly name: string | undefined
}

/** Identity in a certificate of Sigstore. Each value is a pattern, in which `*` matches characters without a slash. */
export interface DemandedIdentity {
  readonly kind: 'certificate'
  /** Issuer of the ID token. Default: GitHub Actions of the server of this run. */
  readonly issuer?: string
  /** `owner/name` of the repository whose workflow has signed. */
  readonly repository?: string
  readonly 'repository-id'?: string
  /** Path of the workflow file in the repository. */
  readonly workflow?: string
  /** Ref of the workflow run, such as `refs/tags/v1.2.3`. */
  readonly ref?: string
  readonly runner?: string
  /** Subject alternative name: for GitHub, the address of the workflow file that ran, with its ref. */
  readonly signer?: string
}

/** Attributes of a certificate, in the order in which they are compared. */
export const identityAttributes = [
  'issuer',
  'repository',
  'repository-id',
  'signer',
  'workflow',
  'ref',
  'runner',
] as const

/** Public key of the input `verify-key`: its PEM text, or the path of a file with it. */
export interface WrittenKey {
  readonly name: string | undefined
  readonly line: number
  readonly source: {readonly kind: 'pem'; readonly pem: string} | {readonly kind: 'file'; readonly path: string}
}

/** Inputs `verify`, `verify-key` and `sigstore-trust`. */
export interface VerifyInputs {
  readonly demands: readonly Demand[]
  readonly keys: readonly WrittenKey[]
  /** Path of a file. Default: the public instance. */
  readonly trustFile: string | undefined
  /** Documents of that file. */
  readonly trustedRoots?: readonly unknown[]
}
