import {forEachBounded} from '../registry/limit.ts'
import type {Retrier} from '../registry/retry.ts'
import {isGone} from '../retention/deletion-step.ts'
import type {Deletion, DoomedImage, ImageDeletion, ImageStore} from './image-store.ts'
import {failedDeletion} from './oci/refusal.ts'

/** Deletions by requests for one image or tag each. */
type SingleDeletions = Pick<ImageStore, 'batchSize' | 'deleteImages' | 'removeTag'>

interface SingleDeletion {
  /** Deletes an image. `onRemoved` is called for each tag that is removed before the image is. */
  readonly deleteImage: (image: DoomedImage, onRemoved: (tag: string) => void) => Promise<Deletion>
  readonly removeTag: ImageStore['removeTag']
  readonly signal: Retrier['signal']
}

const batchSize = 32
/** Number of images that are deleted concurrently. Each takes several requests. */
const imagesAtOnce = 4

/**
 * Creates the deletions of a registry that has no batches. A request that fails is the result of its image; an exceeded rate
 * limit is that of all further images.
 */
export function oneByOne({deleteImage, removeTag, signal}: SingleDeletion): SingleDeletions {
  const settled = async (work: () => Promise<Deletion>): Promise<Deletion> => {
    try {
      return await work()
    } catch (error) {
      return failedDeletion(error, signal.aborted)
    }
  }
  const deleteOne = async (image: DoomedImage): Promise<ImageDeletion> => {
    const removedTags: string[] = []
    const result = await settled(async () => deleteImage(image, (tag) => removedTags.push(tag)))
    return isGone(result) || removedTags.length === 0 ? result : {...result, removedTags}
  }
  return {
    batchSize,
    async deleteImages(images) {
      const results = new Map<DoomedImage, ImageDeletion>()
      let end: Deletion | undefined
      await forEachBounded(images, imagesAtOnce, async (image) => {
        const result = end ?? (await deleteOne(image))
        results.set(image, result)
        if (result.kind === 'postponed') end = {kind: 'postponed', answer: result.answer}
      })
      return images.flatMap((image) => results.get(image) ?? [])
    },
    removeTag: async (tag, digest) => settled(async () => removeTag(tag, digest)),
  }
}

/** Budget of a registry without a known limit. */
export const noBudget = async (): Promise<undefined> => Promise.resolve(undefined)
