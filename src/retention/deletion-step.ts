/** Deletion of an image, with all its tags, or of one tag of an image that stays. */
export type DeletionStep =
  | {
      readonly kind: 'image'
      readonly digest: string
      /** All tags of the image, as they were read. */
      readonly tags: readonly string[]
      /**
       * Position below the image that is deleted first: 0 for an image or cache that nothing doomed contains, 1 for its
       * platforms, and so on. Steps of one level do not depend on each other.
       */
      readonly level: number
    }
  | {readonly kind: 'tag'; readonly tag: string; readonly digest: string; readonly level: 0}
