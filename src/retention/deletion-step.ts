/**
 * Deletion of an image, with all its tags, or of one tag of an image that stays. `level` is 0 if it must not wait for
 * another step, 1 for the platforms and signatures of an image of level 0, and so on. Steps of one level do not depend on
 * each other.
 */
export type DeletionStep =
  | {
      readonly kind: 'image'
      readonly digest: string
      /** All tags of the image, as they were read. */
      readonly tags: readonly string[]
      readonly level: number
    }
  | {readonly kind: 'tag'; readonly tag: string; readonly digest: string; readonly level: number}

/** Reports whether a deletion has ended with its image or tag gone. */
export function isGone({kind}: {readonly kind: string}): boolean {
  return kind === 'deleted' || kind === 'gone'
}
