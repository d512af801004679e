import type {EcrAnswer} from '../../credentials/cloud/ecr-api.ts'
import {isDigest} from '../../oci/digest.ts'
import {field} from '../../oci/manifest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {Deletion, DoomedImage} from '../image-store.ts'
import {describeEcrImages, type EcrImage, type EcrImageId} from './ecr-images.ts'
import {entriesOf, formatRefusal, rightsRemedy, type EcrRefusal, type EcrRequests} from './ecr-requests.ts'
import {isLater} from '../times.ts'

const operation = 'BatchDeleteImage'

/**
 * Deletes images by their digests, which removes all their tags:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html. Right before, they are read again.
 */
export async function deleteEcrImages(
  requests: EcrRequests,
  images: readonly DoomedImage[],
): Promise<readonly Deletion[]> {
  const described = await describeEcrImages(requests, images.map(idOf))
  if (!described.ok) return images.map(() => refused(requests, described))
  const current = new Map(described.images.map((image) => [image.digest, image]))
  const same = images.filter((image) => isSame(current.get(image.digest), image))
  const answer = same.length === 0 ? undefined : await requests.call(operation, {imageIds: same.map(idOf)})
  return images.map((image) => {
    const now = current.get(image.digest)
    if (now === undefined) return {kind: 'gone'}
    if (answer === undefined || !isSame(now, image)) return {kind: 'changed'}
    return answer.ok ? resultOf(answer.value, idOf(image)) : refused(requests, answer)
  })
}

/** Tag to remove, and the digest to which it should point. */
interface DoomedTag {
  readonly tag: string
  readonly digest: string
}

/**
 * Removes a tag from an image that has others. Right before, the tag is read again. By tag alone: what the API does with a
 * digest beside it is not documented, and it may delete the image with all its tags. So the tag may move in between. The
 * response states from which image it was removed. If that is another one, the tag is pointed to it again.
 */
export async function removeEcrTag(
  requests: EcrRequests,
  {tag, digest}: DoomedTag,
  client: Pick<RepositoryClient, 'manifest' | 'head' | 'putManifest'>,
): Promise<Deletion> {
  const id = {imageTag: tag}
  const described = await describeEcrImages(requests, [id])
  if (!described.ok) return refused(requests, described)
  const [image] = described.images
  if (image === undefined) return {kind: 'gone'}
  if (image.digest !== digest) return {kind: 'changed'}
  if (image.tags.length < 2) {
    return {kind: 'unsupported', answer: `Amazon ECR deletes an image with its last tag, ${tag}.`}
  }
  const answer: EcrAnswer = await requests.call(operation, {imageIds: [id]})
  if (!answer.ok) return refused(requests, answer)
  const found = field(
    entriesOf(answer.value, 'imageIds').find((one) => isNamed(one, id)),
    'imageDigest',
  )
  return typeof found === 'string' && found !== digest
    ? putBack(client, {tag, digest: found})
    : resultOf(answer.value, id)
}

/** Points a tag to the image again from which it was removed by mistake. Amazon ECR deletes an image with its last tag. */
async function putBack(
  client: Pick<RepositoryClient, 'manifest' | 'head' | 'putManifest'>,
  {tag, digest}: DoomedTag,
): Promise<Deletion> {
  const content = isDigest(digest) ? await client.manifest(digest) : undefined
  if (content === undefined) {
    return {kind: 'failed', answer: `${tag} moved to ${digest} in the moment of its removal, and both are gone`}
  }
  await client.putManifest(tag, content, async () => (await client.head(tag)) === undefined)
  return {kind: 'changed'}
}

function idOf({digest}: Pick<DoomedImage, 'digest'>): {readonly imageDigest: string} {
  return {imageDigest: digest}
}

/** Reports whether an image has the tags that it had, and was not pushed again. */
function isSame(now: EcrImage | undefined, {tags, pushedAt}: DoomedImage): boolean {
  const hasTags = now?.tags.length === tags.length && tags.every((tag) => now.tags.includes(tag))
  return hasTags && !isLater(now.pushedAt, pushedAt)
}

/** Result for one identifier of a request that was accepted as a whole. */
function resultOf(value: unknown, id: EcrImageId): Deletion {
  const failure = entriesOf(value, 'failures').find((one) => isNamed(field(one, 'imageId'), id))
  if (failure !== undefined) return failed(failure)
  const isDeleted = entriesOf(value, 'imageIds').some((one) => isNamed(one, id))
  return isDeleted ? {kind: 'deleted'} : {kind: 'failed', answer: `${operation}: the response does not name the image`}
}

function isNamed(found: unknown, id: EcrImageId): boolean {
  return 'imageTag' in id ? field(found, 'imageTag') === id.imageTag : field(found, 'imageDigest') === id.imageDigest
}

/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html */
function failed(failure: unknown): Deletion {
  const texts = [field(failure, 'failureCode'), field(failure, 'failureReason')]
  const [code = ''] = texts
  const answer = `${operation}: ${texts.filter((text) => typeof text === 'string').join(': ')}`
  switch (code) {
    case 'ImageNotFound':
      return {kind: 'gone'}
    case 'ImageTagDoesNotMatchDigest':
      return {kind: 'changed'}
    case 'ImageReferencedByManifestList':
      return {kind: 'kept', reason: 'needed', answer}
    default:
      return {kind: 'failed', answer}
  }
}

function refused({repository}: EcrRequests, refusal: EcrRefusal): Deletion {
  const answer = formatRefusal(refusal)
  switch (refusal.exception) {
    case 'AccessDeniedException':
      return {kind: 'denied', answer, remedy: rightsRemedy(repository, ['DescribeImages', operation])}
    case 'UnsupportedCommandException':
      return {kind: 'unsupported', answer}
    case 'RepositoryNotFoundException':
      return {kind: 'gone'}
    case 'ThrottlingException':
    case 'TooManyRequestsException':
      return {kind: 'postponed', answer}
    default:
      return {kind: 'failed', answer}
  }
}
