import type {Digest} from '../oci/digest.ts'
import type {Descriptor, ManifestContent} from '../oci/manifest.ts'
import type {Repository} from '../oci/reference.ts'

/**
 * Response to `HEAD` of a manifest:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry
 */
export interface ManifestHead {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
}

/** Digest and size of a blob. */
export type BlobDescriptor = Pick<Descriptor, 'digest' | 'sizeBytes'>

/** Time of a check whether a registry accepts pushes. A dry run starts no upload. */
export type CheckTime = 'before-build' | 'before-push' | 'dry-run'

/** Answer of a registry that accepts pushes to a repository, as far as it can be known. */
export interface PushAccess {
  /** Whether the check was done; not before the build, if that would create the repository. */
  readonly isKnown: boolean
  /** Tags that the registry does not let move. */
  readonly lockedTags: readonly string[]
  /** Settles when the upload that was started is cancelled. Never rejects. */
  readonly cancelled: Promise<void>
}

export interface ReadOptions {
  /** Frees the memory of a chunk when the next one is requested. Default: the garbage collector frees it. */
  readonly freesChunks?: boolean
}

/**
 * Client of one repository over the OCI distribution API 1.1
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md). It handles authentication, token renewal and
 * retries. All methods throw a TagboatError if a request fails. `reference` is a tag or a digest.
 */
export interface RepositoryClient {
  readonly repository: Repository
  /**
   * Checks whether the registry accepts pushes, and lets the tags move. Writes nothing that stays.
   * @throws TagboatError with the refusal of the registry.
   */
  checkPush(time: CheckTime, tags: readonly string[]): Promise<PushAccess>
  /**
   * Lists all tags, or those up to the first page of a hundred that is enough. Empty if the repository does not exist.
   * @throws TagboatError `tags-unlisted` if the registry does not list tags.
   */
  tags(isEnough?: (page: readonly string[]) => boolean): Promise<readonly string[]>
  /** Reads digest, media type and size. Undefined if the manifest does not exist. */
  head(reference: string): Promise<ManifestHead | undefined>
  /** Reads a manifest. Undefined if it does not exist. */
  manifest(reference: string): Promise<ManifestContent | undefined>
  /**
   * Pushes a manifest. `proceed` is called right before each attempt, so that a retry does not replace a concurrent
   * push. Resolves to false if it does not allow the request.
   */
  putManifest(reference: string, content: ManifestContent, proceed?: () => Promise<boolean>): Promise<boolean>
  /** Deletes a tag or digest. It need not exist. `proceed` and the result are as for `putManifest`. */
  deleteManifest(reference: string, proceed?: () => Promise<boolean>): Promise<boolean>
  /** Announces blobs that will be sent unless they exist, for the progress in the log. */
  expectBlobs(blobs: readonly Descriptor[]): void
  /** Reports whether the blob exists. */
  hasBlob(blob: BlobDescriptor): Promise<boolean>
  /** Streams a blob. The stream fails at its end if digest or size differ from the descriptor. */
  readBlob(blob: BlobDescriptor, options?: ReadOptions): AsyncIterable<Uint8Array>
  /**
   * Mounts a blob from another repository. Reports whether the registry did so. If it started an upload instead, the
   * next upload of this blob continues with it.
   */
  mountBlob(blob: BlobDescriptor, from: Repository): Promise<boolean>
  /** Starts uploads of blobs that are not known yet. The next uploads use them. */
  beginUploads(count: number): void
  /** Cancels the uploads that were started and not used. Never rejects. */
  endUploads(): Promise<void>
  /**
   * Uploads a blob. `open` returns the bytes from the start, and is called for each attempt. The next chunk is requested
   * when the previous one has been sent: its memory may be reused.
   */
  uploadBlob(blob: BlobDescriptor, open: () => AsyncIterable<Uint8Array>): Promise<void>
  /**
   * Lists the referrers of a digest (signatures, attestations), by the API or else by the fallback tag. Referrers that the
   * registry has accepted from this client are included, unless only those are `listed` that it shows.
   */
  referrers(digest: Digest, which?: 'listed'): Promise<readonly Descriptor[]>
  /** Reports whether the registry has accepted referrers of a digest from this client. It may not list them yet. */
  hasAcceptedReferrers(digest: Digest): boolean
}

/** Clients of repositories. There is one client per repository. */
export interface RegistryClients extends Disposable {
  repository(repository: Repository): RepositoryClient
  /** Scheme in which a registry responds; undefined if it does not respond. */
  scheme(host: string): Promise<'http' | 'https' | undefined>
}
