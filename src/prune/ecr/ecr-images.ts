import type {TagboatError} from '../../errors/error.ts'
import {field} from '../../oci/manifest.ts'
import {listCut} from '../list-cut.ts'
import {entriesOf, requestRefused, type EcrRefusal, type EcrRequests} from './ecr-requests.ts'

/** Image as Amazon ECR describes it. */
export interface EcrImage {
  readonly digest: string
  readonly tags: readonly string[]
  /** Time of the push of its manifest, or of its return from the archive. */
  readonly pushedAt: Date | undefined
  /** Digest of the `subject`. */
  readonly subject: string | undefined
  /** Whether it can be pulled. An archived image cannot. */
  readonly isActive: boolean
}

/** Identifier in a request: an image, or one of its tags. */
export type EcrImageId = {readonly imageDigest: string} | {readonly imageTag: string}

const pageSize = 1000
const maxPages = 1000

/**
 * Lists the images of a repository, with those in the archive:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html. None if the repository does not exist.
 * @throws TagboatError `ecr-denied`, `aws-failed`, or `prune-list-cut` if the list is not complete.
 */
export async function listEcrImages(requests: EcrRequests): Promise<readonly EcrImage[]> {
  const found = new Map<string, EcrImage>()
  const seen = new Set<string>()
  const filter = requests.isPublic ? {} : {filter: {tagStatus: 'ANY', imageStatus: 'ANY'}}
  for (let token: string | undefined; ;) {
    const page = {maxResults: pageSize, ...filter, ...(token !== undefined && {nextToken: token})}
    const answer = await requests.call('DescribeImages', page)
    if (!answer.ok && answer.exception === 'RepositoryNotFoundException' && token === undefined) return []
    if (!answer.ok) throw requestRefused(answer, {repository: requests.repository, operation: 'DescribeImages'})
    const images = imagesIn(answer.value)
    if (images === undefined) throw cut(requests, 'a page is not a list of images')
    for (const image of images) found.set(image.digest, image)
    const next = field(answer.value, 'nextToken')
    if (typeof next !== 'string' || next === '') return [...found.values()]
    if (seen.has(next)) throw cut(requests, 'a page refers to an earlier page as the next one')
    seen.add(next)
    if (seen.size === maxPages) throw cut(requests, `page ${maxPages} is not the last one`)
    token = next
  }
}

function cut({repository}: EcrRequests, reason: string): TagboatError {
  return listCut(repository, `DescribeImages: ${reason}`)
}

/** Images by their identifiers. Those that do not exist are left out. */
type Described = {readonly ok: true; readonly images: readonly EcrImage[]} | EcrRefusal

/** Reads images by their identifiers, of which a request has at most 100. */
export async function describeEcrImages(requests: EcrRequests, ids: readonly EcrImageId[]): Promise<Described> {
  if (ids.length === 0) return {ok: true, images: []}
  const answer = await requests.call('DescribeImages', {imageIds: ids})
  if (answer.ok) return {ok: true, images: imagesIn(answer.value) ?? []}
  if (answer.exception === 'RepositoryNotFoundException') return {ok: true, images: []}
  if (answer.exception !== 'ImageNotFoundException') return answer
  // One missing image refuses the whole request.
  if (ids.length === 1) return {ok: true, images: []}
  const middle = Math.ceil(ids.length / 2)
  const first = await describeEcrImages(requests, ids.slice(0, middle))
  if (!first.ok) return first
  const second = await describeEcrImages(requests, ids.slice(middle))
  return second.ok ? {ok: true, images: [...first.images, ...second.images]} : second
}

/** Parses a page. Undefined if it is not a list of images. */
function imagesIn(value: unknown): readonly EcrImage[] | undefined {
  if (!Array.isArray(field(value, 'imageDetails'))) return undefined
  const images = entriesOf(value, 'imageDetails').map(imageIn)
  return images.every((image) => image !== undefined) ? images : undefined
}

function imageIn(detail: unknown): EcrImage | undefined {
  const digest = field(detail, 'imageDigest')
  if (typeof digest !== 'string') return undefined
  const subject = field(detail, 'subjectManifestDigest')
  return {
    digest,
    tags: entriesOf(detail, 'imageTags').filter((tag) => typeof tag === 'string'),
    pushedAt: latest([field(detail, 'imagePushedAt'), field(detail, 'lastActivatedAt')]),
    subject: typeof subject === 'string' ? subject : undefined,
    isActive: (field(detail, 'imageStatus') ?? 'ACTIVE') === 'ACTIVE',
  }
}

/** Latest of some times in seconds since the epoch. */
function latest(times: readonly unknown[]): Date | undefined {
  const known = times.filter((time) => typeof time === 'number').filter((time) => Number.isFinite(time))
  return known.length === 0 ? undefined : new Date(Math.max(...known) * 1000)
}
