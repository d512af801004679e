import {isGone} from '../../retention/deletion-step.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {Deletion, DoomedImage, ImageDeletion} from '../image-store.ts'
import {removeDanglingTags} from './dangling-tags.ts'
import {deleteManifest, type DeletionAnswer} from './delete-manifest.ts'
import {digestIn, listedReferrers, relist, unlist, type ListedReferrers} from './fallback-index.ts'
import {failedDeletion, refusedDeletion} from './refusal.ts'
import {removeTag} from './remove-tag.ts'
import type {TagState} from './tag-glance.ts'
import type {TagPlace} from './tag-place.ts'

/** Number of manifests that are deleted concurrently. Distribution reads all tags of a repository for each of them. */
const deletionsAtOnce = 8

/** Images that are deleted by their digests, after one reading of all tags. */
export class ImageBatch {
  readonly #place: TagPlace
  readonly #images: readonly DoomedImage[]
  readonly #results = new Map<DoomedImage, Deletion>()
  /** Images that were deleted by a request that the registry answered with an error, or not at all. */
  readonly #unconfirmed: DoomedImage[] = []
  /** Tags that were removed alone, of images that were to be deleted afterwards. */
  readonly #removedTags = new Map<DoomedImage, string[]>()

  constructor(place: TagPlace, images: readonly DoomedImage[]) {
    this.#place = place
    this.#images = images
  }

  /** Deletes the images whose tags are unchanged. Returns one result for each image, in order. */
  async delete(): Promise<readonly ImageDeletion[]> {
    let otherwise: Deletion = {kind: 'changed'}
    try {
      const tags = await this.#place.glance.take()
      const unchanged = this.#images.filter((image) => isUnchanged(image, tags))
      await this.#deleteUnlisted(unchanged, listedReferrers(unchanged, tags))
    } catch (error) {
      otherwise = this.#failed(error)
    }
    return this.#images.map((image) => {
      const [result, removedTags] = [this.#results.get(image) ?? otherwise, this.#removedTags.get(image)]
      return removedTags === undefined || isGone(result) ? result : {...result, removedTags}
    })
  }

  /**
   * Deletes images, some of which an index of referrers lists. It loses their entries first, so that it never lists a
   * missing manifest. The entries of images that the registry does not delete are added again.
   */
  async #deleteUnlisted(images: readonly DoomedImage[], listed: readonly ListedReferrers[]): Promise<void> {
    const {client} = this.#place
    const entries = new Map<ListedReferrers, readonly unknown[]>()
    for (const one of listed) {
      await this.#edit(one.images, async () => {
        const removed = await unlist(client, one)
        if (removed !== undefined) entries.set(one, removed)
        return removed !== undefined
      })
    }
    await this.#deleteAll(images.filter((image) => !this.#results.has(image)))
    await this.#edit(this.#unconfirmed, async () => {
      const tags = this.#unconfirmed.flatMap((image) => image.tags)
      await removeDanglingTags(this.#place, tags)
      return true
    })
    for (const [{subject, images: referrers}, removed] of entries) {
      const left = referrers.filter((image) => !this.#isGone(image))
      const remaining = removed.filter((entry) => left.some(({digest}) => digest === digestIn(entry)))
      await this.#edit(left, async () => relist(client, subject, remaining))
    }
  }

  /** Changes what belongs to these images: an index of referrers, or their tags. Without success, that is their result. */
  async #edit(images: readonly DoomedImage[], edit: () => Promise<boolean>): Promise<void> {
    let failure: Deletion = {kind: 'changed'}
    try {
      if (await edit()) return
    } catch (error) {
      failure = this.#failed(error)
    }
    for (const image of images) this.#results.set(image, failure)
  }

  /** Deletes images, until the rate limit of the registry or the cancellation of the run ends it. */
  async #deleteAll(images: readonly DoomedImage[]): Promise<void> {
    let end: Deletion | undefined
    await forEachBounded(images, deletionsAtOnce, async (image) => {
      const result = end ?? (await this.#delete(image))
      this.#results.set(image, result)
      if (result.kind === 'postponed') end = result
    })
  }

  async #delete(image: DoomedImage): Promise<Deletion> {
    try {
      const answer = await this.#deleteDigest(image)
      // zot, for users that must not delete several tags at once: its `detectManifestCollision`.
      const isCollision = answer.kind === 'refused' && answer.status === 409 && image.tags.length > 1
      return isCollision ? await this.#deleteTagged(image) : await this.#resultOf(image, answer)
    } catch (error) {
      return this.#failed(error)
    }
  }

  async #deleteDigest(image: DoomedImage): Promise<DeletionAnswer> {
    const {client, host, glance} = this.#place
    // A retry may follow a wait of a minute.
    const proceed = async (isRepeated: boolean): Promise<boolean> =>
      !isRepeated || isUnchanged(image, await glance.read())
    return deleteManifest(host, {path: client.repository.path, reference: image.digest}, proceed)
  }

  /** Removes the tags of an image one after another, and then the image. */
  async #deleteTagged(image: DoomedImage): Promise<Deletion> {
    for (const tag of image.tags) {
      const removed = await removeTag(this.#place, {tag, digest: image.digest})
      if (!isGone(removed)) return removed
      this.#removedTags.set(image, [...(this.#removedTags.get(image) ?? []), tag])
    }
    const answer = await this.#deleteDigest(image)
    return answer.kind === 'absent' ? {kind: 'deleted'} : this.#resultOf(image, answer)
  }

  async #resultOf(image: DoomedImage, answer: DeletionAnswer): Promise<Deletion> {
    const {client, traits} = this.#place
    if (answer.kind === 'refused') return refusedDeletion(answer)
    if (answer.kind === 'withheld') return {kind: 'changed'}
    if (answer.kind === 'absent' && (await client.head(image.digest)) !== undefined)
      return {kind: 'unsupported', answer: '404 for a manifest that exists'}
    traits.deletesDigests = true
    if (answer.kind === 'deleted') return answer
    if (!answer.wasSent) return {kind: 'gone'}
    this.#unconfirmed.push(image)
    return {kind: 'deleted'}
  }

  #failed(error: unknown): Deletion {
    return failedDeletion(error, this.#place.host.retrier.signal.aborted)
  }

  #isGone(image: DoomedImage): boolean {
    const result = this.#results.get(image)
    return result !== undefined && isGone(result)
  }
}

/**
 * Reports whether an image has no tags but those that it had when it was listed, and none of these points to another
 * image. A tag may be gone.
 */
function isUnchanged({digest, tags: listed}: DoomedImage, {digestOf, tagsOf}: TagState): boolean {
  const known = new Set(listed)
  return (
    listed.every((tag) => (digestOf.get(tag) ?? digest) === digest) &&
    (tagsOf.get(digest) ?? []).every((tag) => known.has(tag))
  )
}
