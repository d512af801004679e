import {TagboatError} from '../../errors/error.ts'
import {judgeSizes} from '../../gates/size-gate.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {Platform} from '../../oci/platform.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {Prepared} from '../../prepare/prepare.ts'
import {describeImage, type ManifestReader, type PublishedImage} from '../../promote/read-back.ts'
import type {PreviousImage} from '../../run/previous-image.ts'
import type {GateVerdict} from '../../run/run-result.ts'
import type {Io} from '../../io/io.ts'
import {judged} from '../../stage/gate.ts'

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
 * Compares the compressed size of each platform with `max-size` and `max-growth`, by the manifests alone. Returns the
 * verdict after the `earlier` ones.
 * @throws RunFailure of a TagboatError `image-too-large`; TagboatError if the previous image cannot be read.
 */
export async function passSizeGate(
  image: SizedImage,
  {prepared, io}: {readonly prepared: Prepared; readonly io: Io},
  earlier: readonly GateVerdict[],
): Promise<readonly GateVerdict[]> {
  const {sizeLimits: limits} = prepared.inputs.publish
  if (limits === undefined) return earlier
  const before = await (limits.maxGrowth.size > 0 ? image.previous() : image.previous().catch(() => undefined))
  return judged('size', {io}, earlier, async () => {
    const {lines, problems, absent} = judgeSizes(await sizesOf(image), limits, before)
    io.workflow.print(lines.map((line) => `Size of ${line}`))
    // A stage may build some of the platforms only.
    for (const {input, platform} of prepared.action === 'stage' ? [] : absent) {
      io.workflow.warning(`${input}: the limit for ${platform} has no effect, since the image lacks this platform.`)
    }
    if (problems.length > 0) throw new TagboatError('image-too-large', {evidence: problems})
    return lines.join('; ')
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
