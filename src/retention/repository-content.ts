import type {Repository} from '../oci/reference.ts'
import type {ManifestRead} from './stored-manifest.ts'

/** Image that a registry lists. */
export interface ListedImage {
  readonly digest: string
  readonly tags: readonly string[]
  /**
   * Latest time that the registry states: of the push, of the last tag or of a restore. Undefined if it states none.
   */
  readonly pushedAt: Date | undefined
  /** Identifier of the image in the API of its registry, such as that of a package version of GitHub. */
  readonly id?: string
  /** Whether the registry protects the image or one of its tags from deletion. */
  readonly isLocked?: true
}

/** Tags and images of a repository, complete: a list that was cut is an error. */
export type Listing =
  /** The registry lists all manifests, with or without tags. */
  | {readonly kind: 'images'; readonly images: readonly ListedImage[]}
  /** The registry lists tags only, as the OCI distribution API does. */
  | {
      readonly kind: 'tags'
      readonly tags: readonly string[]
      /** Times that the registry states for tags. */
      readonly taggedAt?: ReadonlyMap<string, Date>
      /** Digests that the registry states for tags, as far as it does. A tag may have moved since. */
      readonly digests?: ReadonlyMap<string, string>
    }

/** Everything that was read of a repository. */
export interface RepositoryContent {
  readonly repository: Repository
  /** Digest of each tag. */
  readonly tags: ReadonlyMap<string, string>
  /** Manifests by digest: those of tags, those that are listed, and everything that these name. */
  readonly manifests: ReadonlyMap<string, ManifestRead>
  /** Whether manifests without a tag were listed. Otherwise, unknown ones may exist. */
  readonly isComplete: boolean
  /** Times that the registry states, by digest and by tag. */
  readonly pushedAt: ReadonlyMap<string, Date>
  readonly taggedAt: ReadonlyMap<string, Date>
  /** Identifiers by digest, as in `ListedImage`. */
  readonly ids: ReadonlyMap<string, string>
  /** Digests that the registry protects, or leaves out of its list of all images. */
  readonly locked: ReadonlySet<string>
}
