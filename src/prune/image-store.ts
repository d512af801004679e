import type {ErrorCode} from '../errors/causes.ts'
import type {Repository} from '../oci/reference.ts'
import type {Listing} from '../retention/repository-content.ts'

/** Image to delete, with all tags that it had when it was listed. */
export interface DoomedImage {
  readonly digest: string
  readonly tags: readonly string[]
  /** Identifier of `ListedImage`, if the registry has them. */
  readonly id?: string | undefined
  /** Time of `ListedImage`. An image with a later one was pushed again, and stays. */
  readonly pushedAt?: Date | undefined
  /** Digest of the `subject` of its manifest: a registry without the referrers API lists it under a tag of the subject. */
  readonly subject?: string | undefined
}

/** Result of the deletion of an image or tag. */
export type Deletion =
  | {readonly kind: 'deleted'}
  /** The image or tag did not exist any more, which is a success. */
  | {readonly kind: 'gone'}
  /** The image or tag has another digest or other tags than when it was read, and was not deleted. */
  | {readonly kind: 'changed'}
  /**
   * The registry does not delete this one, now or ever. `locked`: it, or a tag of it, is protected. `last-version`: GitHub
   * keeps the last tagged version of a package. `downloads`: GitHub keeps public versions with many downloads. `needed`:
   * another image contains it.
   */
  | {
      readonly kind: 'kept'
      readonly reason: 'locked' | 'last-version' | 'downloads' | 'needed'
      readonly answer: string
    }
  /** The registry denied it: the identity may not delete. `remedy` names the missing right, if the vendor documents it. */
  | {readonly kind: 'denied'; readonly answer: string; readonly remedy?: string}
  /** The registry does not support this deletion at all: deletion is off, or a tag cannot be deleted alone. */
  | {readonly kind: 'unsupported'; readonly answer: string}
  /** The registry answered with another error, which may be temporary. Other deletions go on. */
  | {readonly kind: 'failed'; readonly answer: string}
  /** The rate limit of the registry is exceeded, or the run is cancelled. The next run goes on. */
  | {readonly kind: 'postponed'; readonly answer: string}

/** Result of the deletion of an image. */
export type ImageDeletion = Deletion & {
  /** Tags that were removed, or were gone, although the image was not deleted: some registries delete tag by tag. */
  readonly removedTags?: readonly string[]
}

/**
 * Listing and deletion in one repository of a registry. Each implementation follows the documented API of its registry.
 * All methods throw a TagboatError if the registry does not answer after all retries.
 */
export interface ImageStore {
  readonly repository: Repository
  /** Code of the error when the registry denies every deletion. Default: `prune-denied`. */
  readonly denialCode?: ErrorCode
  /**
   * Lists the tags, and the images where the registry lists them.
   * @throws TagboatError `prune-list-cut` or `tags-unlisted` if the list is not complete.
   */
  list(): Promise<Listing>
  /**
   * Reads the digest of each tag, in place of a list with a request for each tag. A deletion of images right afterwards may
   * build on this reading.
   */
  readonly tagDigests?: () => Promise<ReadonlyMap<string, string>>
  /**
   * Whether the deletion of an image also deletes the images that it contains, if they have no tag and no other image
   * contains them. None of them may be one that stays.
   */
  readonly deletesChildren?: true
  /** Whether only tags are deleted: the registry collects images without one later. */
  readonly leavesManifests?: true
  /** Maximum number of images for `deleteImages`. */
  readonly batchSize: number
  /**
   * Deletes images with all their tags, in any order. Right before, it reads each one again: one whose tags differ is
   * `changed`. Returns one result for each image, in order.
   */
  deleteImages(images: readonly DoomedImage[]): Promise<readonly ImageDeletion[]>
  /** Removes a tag from an image that stays. Right before, it reads the tag again. */
  removeTag(tag: string, digest: string): Promise<Deletion>
  /** Number of deletions that the limits of the registry still allow to this run. Undefined: no known limit. */
  budget(): Promise<number | undefined>
  /** Restores a deleted image with its tags; absent if the registry cannot. Reports whether it did. */
  readonly restore?: (image: DoomedImage) => Promise<boolean>
}
