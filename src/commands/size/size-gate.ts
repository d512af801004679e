import {TagboatError} from '../../errors/error.ts'
import {formatRepository} from '../../oci/reference.ts'
import {judgeSizes} from '../../gates/size-gate.ts'
import {describeImage, type PublishedImage} from '../../promote/read-back.ts'
import type {PreviousImage} from '../../run/previous-image.ts'
import type {GateVerdict} from '../../run/run-result.ts'
import {judged} from '../../stage/gate.ts'
import type {StagedImage} from '../../stage/staged-image.ts'
import type {Publication} from '../promote-image.ts'

/** Sizes of an image to judge. */
interface SizedImage {
  readonly image: StagedImage
  /** Reads the image with which the sizes are compared; undefined if there is none. */
  readonly previous: () => Promise<PreviousImage | undefined>
}

/**
 * Compares the compressed size of each platform with `max-size` and `max-growth`, by the manifests alone. Returns the
 * verdict after the `earlier` ones.
 * @throws RunFailure of a TagboatError `image-too-large`
 */
export async function passSizeGate(
  {image, previous}: SizedImage,
  publication: Publication,
  earlier: readonly GateVerdict[],
): Promise<readonly GateVerdict[]> {
  const {sizeLimits: limits, writtenLimits} = publication.prepared.inputs.publish
  if (limits === undefined) return earlier
  const {workflow} = publication.io
  return judged('size', publication, earlier, async () => {
    const [images, before] = await Promise.all([
      sizesOf(image, publication),
      limits.maxGrowth.size === 0 ? undefined : previous(),
    ])
    const {lines, problems, absent} = judgeSizes(images, limits, before)
    workflow.print(lines.map((line) => `Size of ${line}`))
    if (publication.prepared.action !== 'stage') {
      const input = writtenLimits.maxSize.length === 0 ? 'max-growth' : 'max-size'
      for (const platform of absent) {
        workflow.warning(`A limit of \`${input}\` has no effect: the image has no platform ${platform}.`)
      }
    }
    if (problems.length > 0) throw new TagboatError('image-too-large', {evidence: problems})
    return lines.join('; ')
  })
}

/** Compressed size of each platform. @throws TagboatError `publish-unverified` if a manifest cannot be read. */
async function sizesOf(
  {content, platform, repository, parts, temporaryTags}: StagedImage,
  {registries}: Publication,
): Promise<readonly PublishedImage[]> {
  const client = registries.clients.repository(repository)
  if (parts === undefined) await temporaryTags
  const known = {manifest: async (digest: string) => Promise.resolve(parts?.find((part) => part.digest === digest))}
  const request = {digest: content.digest, platforms: [], platform}
  const {images, unread} = await describeImage(parts === undefined ? client : known, repository, request)
  if (unread.length === 0) return images
  throw new TagboatError('publish-unverified', {
    message: `The sizes of ${formatRepository(repository)}@${content.digest} cannot be read.`,
    evidence: unread.map(({reason}) => reason),
  })
}
