import type {Digest} from '../oci/digest.ts'
import type {Repository} from '../oci/reference.ts'
import type {Signer} from './signer.ts'

/** Signatures of an image, as they were read back from the registries. */
export interface SignedImage {
  readonly signers: readonly Pick<Signer, 'name' | 'verifiedBy'>[]
  readonly signatures: readonly ImageSignature[]
  /** Number of attestations of BuildKit, such as SBOMs, that are signed in each repository. */
  readonly attestations: number
}

/** Signatures of a run, and the images that it has not signed. */
export interface SignResult {
  /** Signatures; undefined if nothing is signed. */
  readonly signed: SignedImage | undefined
  readonly unsigned: ReadonlySet<Digest>
}

/** Signatures of one manifest or index in one repository. */
export interface ImageSignature {
  readonly repository: Repository
  readonly subject: Digest
  /** Digest of the referrer with the bundle. Undefined without that format, or if the registry cannot list referrers. */
  readonly bundle: Digest | undefined
  /** Digest of the manifest under the tag `sha256-<hex>.sig`. Undefined without that format. */
  readonly signatureTag: Digest | undefined
  /** Whether this run has signed it. */
  readonly isNew: boolean
}
