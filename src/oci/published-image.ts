import type {Digest} from './digest.ts'
import type {Descriptor} from './manifest.ts'

/** Image of one platform, as its manifest describes it. */
export interface PublishedImage {
  /** `linux/amd64`; `unknown` if neither the index nor the build states it. */
  readonly platform: string
  readonly digest: Digest
  readonly compressedBytes: number
  /** Layers, the lowest one first; absent if they are not known. */
  readonly layers?: readonly Pick<Descriptor, 'digest' | 'sizeBytes'>[]
}

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
