import type {Digest} from '../oci/digest.ts'
import type {Descriptor, ManifestContent} from '../oci/manifest.ts'
import type {Repository} from '../oci/reference.ts'

/** What `HEAD` of a manifest says: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry */
export interface ManifestHead {
  readonly digest: Digest
  readonly mediaType: string
  readonly sizeBytes: number
}

/** What identifies a blob. */
export type BlobDescriptor = Pick<Descriptor, 'digest' | 'sizeBytes'>

/**
 * One repository of a registry over the OCI distribution API 1.1
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md). Authentication, renewal and retries happen
 * inside; every method throws a TagboatError of the catalogue when a request cannot succeed. `reference` is a tag or a
 * digest.
 */
export interface RepositoryClient {
  readonly repository: Repository
  /** All tags, every page of them; none when the repository does not exist. @throws TagboatError `tags-unlisted` when this registry does not list tags. */
  tags(): Promise<readonly string[]>
  /** Undefined: the registry says that it is not there. */
  head(reference: string): Promise<ManifestHead | undefined>
  /** Undefined: the registry says that it is not there. */
  manifest(reference: string): Promise<ManifestContent | undefined>
  /**
   * One PUT. `proceed` is asked right before the request is sent, and again before it is sent once more, so that a retry does
   * not replace what was put meanwhile. Resolves to false when it refused: then nothing more was sent.
   */
  putManifest(reference: string, content: ManifestContent, proceed?: () => Promise<boolean>): Promise<boolean>
  /** By tag or digest; what does not exist is not an error. `proceed`, and the result, as of `putManifest`. */
  deleteManifest(reference: string, proceed?: () => Promise<boolean>): Promise<boolean>
  hasBlob(blob: BlobDescriptor): Promise<boolean>
  /** A stream whose end is an error when digest or size were not the descriptor's. */
  readBlob(blob: BlobDescriptor): AsyncIterable<Uint8Array>
  /** Whether the registry took the blob from its other repository without an upload. */
  mountBlob(blob: BlobDescriptor, from: Repository): Promise<boolean>
  /** `open` gives the bytes from their beginning; it is called again for each try. */
  uploadBlob(blob: BlobDescriptor, open: () => AsyncIterable<Uint8Array>): Promise<void>
  /** What refers to this digest (signatures, attestations): by the API, else by the fallback tag. */
  referrers(digest: Digest): Promise<readonly Descriptor[]>
}

/** The client of each repository; asked twice for one repository it gives the same client. */
export interface RegistryClients extends Disposable {
  repository(repository: Repository): RepositoryClient
}
