import type {EcrApi} from '../../credentials/cloud/ecr-api.ts'
import type {Repository} from '../../oci/reference.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ListedImage} from '../../retention/repository-content.ts'
import type {Deletion, DoomedImage, ImageStore} from '../image-store.ts'
import type {StoreOpener} from '../store-opener.ts'
import {deleteEcrImages, removeEcrTag} from './ecr-deletion.ts'
import {listEcrImages, type EcrImage} from './ecr-images.ts'
import {ecrRequests} from './ecr-requests.ts'

/** Maximum number of identifiers in a request. */
const maxIds = 100

/** Opens a repository of Amazon ECR whose API this run may use. */
export const openEcr: StoreOpener<'ecr' | 'clients'> = (repository, {ecr, clients}) => {
  const api = ecr(repository)
  if (api === undefined) throw new TypeError('unreachable: the store needs the API of Amazon ECR')
  return ecrStore(repository, api, clients.repository(repository))
}

/**
 * Store of a repository of Amazon ECR, private or public, by its API:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ and
 * https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/. Nothing is requested yet.
 */
export function ecrStore(
  repository: Repository,
  api: EcrApi,
  client: Pick<RepositoryClient, 'manifest' | 'head' | 'putManifest'>,
): ImageStore {
  const requests = ecrRequests(repository, api)
  return {
    repository,
    denialCode: 'ecr-denied',
    batchSize: maxIds,
    list: async () => ({kind: 'images', images: pullable(await listEcrImages(requests)).map(listed)}),
    deleteImages: async (images: readonly DoomedImage[]): Promise<readonly Deletion[]> =>
      deleteEcrImages(requests, images),
    removeTag: async (tag, digest) => removeEcrTag(requests, {tag, digest}, client),
    budget: async () => Promise.resolve(undefined),
  }
}

/**
 * Images without those of the archive, which cannot be read and must stay for 90 days, and without what refers to them.
 * What an archived index contains is protected by Amazon ECR.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-archive.html
 */
function pullable(images: readonly EcrImage[]): readonly EcrImage[] {
  const left = new Set(images.filter(({isActive}) => !isActive).map(({digest}) => digest))
  // A set that grows while it is read: a referrer may have referrers.
  for (const digest of left) for (const image of images) if (image.subject === digest) left.add(image.digest)
  return images.filter(({digest}) => !left.has(digest))
}

function listed({digest, tags, pushedAt}: EcrImage): ListedImage {
  return {digest, tags, pushedAt}
}
