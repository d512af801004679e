import {TagboatError} from '../../errors/error.ts'
import {judgeSizes} from '../../gates/size-gate.ts'
import {formatBytes} from '../../oci/byte-size.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {Platform} from '../../oci/platform.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {PreviousImage, PublishedImage} from '../../oci/published-image.ts'
import type {PublishingAction} from '../../inputs/spec/action-names.ts'
import {describeImage, type ManifestReader} from '../../promote/read-back.ts'
import type {Io} from '../../io/io.ts'
import {judged, type Judgement} from '../../stage/gate.ts'
import type {LimitsByPlatform, SizeLimits} from '../../inputs/size-limits.ts'

/** Image whose sizes are judged. */
interface SizedImage {
  readonly content: ManifestContent
  readonly platform: Platform | undefined
  /** Repository for messages. */
  readonly repository: Repository
  /** Has the manifests of the image. */
  readonly reader: ManifestReader
  /** Reads the image with which the sizes are compared; undefined if there is none. */
  readonly previous: () => Promise<PreviousImage | undefined>
}

/**
 * Compares the compressed size of each platform with `max-size` and `max-growth`, by the manifests alone. The failure
 * is a TagboatError `image-too-large`, or the one of a manifest that cannot be read.
 */
export async function judgeSizeGate(
  image: SizedImage,
  limits: SizeLimits,
  {action, io}: {readonly action: PublishingAction; readonly io: Pick<Io, 'workflow' | 'phases' | 'signal'>},
): Promise<Judgement> {
  return judged({gate: 'size', digest: image.content.digest}, {io}, async () => {
    const before = await (limits.maxGrowth.size > 0 ? image.previous() : image.previous().catch(() => undefined))
    const {lines, problems, absent} = judgeSizes(await sizesOf(image), limits, before)
    io.workflow.print(lines.map((line) => `Size of ${line}`))
    // A stage may build some of the platforms only.
    for (const {input, platform} of action === 'stage' ? [] : absent) {
      io.workflow.warning(`${input}: the limit for ${platform} has no effect, since the image lacks this platform.`)
    }
    if (problems.length > 0) throw new TagboatError('image-too-large', {evidence: problems})
    return {reason: lines.join('; '), limits: written(limits)}
  })
}

/** Compressed size of each platform. @throws TagboatError `publish-unverified` if a manifest cannot be read. */
async function sizesOf({content, platform, repository, reader}: SizedImage): Promise<readonly PublishedImage[]> {
  const request = {digest: content.digest, platforms: [], platform}
  const {images, unread} = await describeImage(reader, repository, request)
  if (unread.length === 0) return images
  throw new TagboatError('publish-unverified', {
    message: `The sizes of ${formatRepository(repository)}@${content.digest} cannot be read.`,
    evidence: unread.map(({reason}) => reason),
    remedy: 'Run the job again.',
  })
}

/** Limits as the user wrote them, by their inputs. */
function written({maxSize, maxGrowth}: SizeLimits): Readonly<Record<string, readonly string[]>> {
  const texts = (limits: LimitsByPlatform): readonly string[] =>
    [...limits].map(([platform, limit]) => {
      const value = limit.kind === 'percent' ? `${limit.percent}%` : formatBytes(limit.bytes)
      return platform === '' ? value : `${platform}=${value}`
    })
  return {
    ...(maxSize.size > 0 && {'max-size': texts(maxSize)}),
    ...(maxGrowth.size > 0 && {'max-growth': texts(maxGrowth)}),
  }
}
