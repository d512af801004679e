import type {ImageFacts} from '../oci/image-facts.ts'

/** Blob that a manifest names. */
export interface StoredBlob {
  readonly digest: string
  readonly sizeBytes: number
}

/**
 * Manifest or index as far as retention needs it. It is read leniently: digests may have any algorithm, and types may be
 * unknown.
 */
export interface StoredManifest {
  readonly digest: string
  readonly mediaType: string
  /** Size of the manifest itself. */
  readonly sizeBytes: number
  /** `artifactType`, else the media type of the configuration. Undefined if it has neither. */
  readonly artifactType: string | undefined
  /** Entries of an index. */
  readonly children: readonly string[]
  /** Platforms of the entries that state one, by digest: `linux/arm64`. */
  readonly platforms?: ReadonlyMap<string, string>
  /** Digest of the `subject`. */
  readonly subject: string | undefined
  /** Configuration of a manifest, or of a build cache that is an index. */
  readonly configuration?: StoredBlob & {readonly mediaType: string}
  /** Configuration and layers. */
  readonly blobs: readonly StoredBlob[]
  /** Facts in annotations, and in the labels of the configuration if it was read. */
  readonly facts: ImageFacts
  /** `created` of the configuration, and the newest `createdAt` of a cache, if it was read. */
  readonly configuredAt?: Date
  /**
   * Tag for which the manifest was copied (`copiedFor` in `untag-copy.ts`). A run that removed this tag was stopped if the
   * tag points here: it goes at any age, unless an input keeps it.
   */
  readonly copiedFor?: string
}

/** Result of reading a manifest that a list or another manifest names. */
export type ManifestRead =
  | {readonly kind: 'read'; readonly manifest: StoredManifest}
  | {readonly kind: 'missing'}
  /** The registry did not return it, or what it returned is not what the digest says. */
  | {readonly kind: 'unreadable'; readonly reason: string}
