import type {PublishedImage} from '../promote/read-back.ts'

/** Image with which the sizes are compared. */
export interface PreviousImage {
  /** Tag that pointed to it before this run. */
  readonly tag: string
  /** Version that it states; undefined if that is unknown. */
  readonly version?: string | undefined
  readonly images: readonly PublishedImage[]
}

/** Previous image of the same platform; undefined if there is none. */
export function previousOf(
  {platform}: Pick<PublishedImage, 'platform'>,
  previous: PreviousImage | undefined,
): PublishedImage | undefined {
  const [only, ...others] = previous?.images ?? []
  return (
    previous?.images.find((one) => one.platform === platform) ??
    // A single manifest does not name its platform.
    (others.length === 0 && only?.platform === 'unknown' ? only : undefined)
  )
}
