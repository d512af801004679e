import {forEachBounded} from '../registry/limit.ts'
import type {Retrier} from '../registry/retry.ts'
import type {Deletion, DoomedImage, ImageStore} from './image-store.ts'
import {failedDeletion} from './oci/refusal.ts'

/** Deletions by requests for one image or tag each. */
type SingleDeletions = Pick<ImageStore, 'batchSize' | 'deleteImages' | 'removeTag'>

interface SingleDeletion {
  readonly deleteImage: (image: DoomedImage) => Promise<Deletion>
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
  return {
    batchSize,
    async deleteImages(images) {
      const results = new Map<DoomedImage, Deletion>()
      let end: Deletion | undefined
      await forEachBounded(images, imagesAtOnce, async (image) => {
        const result = end ?? (await settled(async () => deleteImage(image)))
        results.set(image, result)
        if (result.kind === 'postponed') end = result
      })
      return images.flatMap((image) => results.get(image) ?? [])
    },
    removeTag: async (tag, digest) => settled(async () => removeTag(tag, digest)),
  }
}

/** Budget of a registry without a known limit. */
export const noBudget = async (): Promise<undefined> => Promise.resolve(undefined)
