import type {Repository} from '../../oci/reference.ts'
import type {Listing} from '../../retention/repository-content.ts'
import type {Deletion, DoomedImage, ImageStore} from '../image-store.ts'
import type {StoreOpener} from '../store-opener.ts'
import {traitsOf} from './host-traits.ts'
import {ImageBatch} from './image-batch.ts'
import {failedDeletion} from './refusal.ts'
import {removeTag} from './remove-tag.ts'
import {TagGlance} from './tag-glance.ts'
import type {TagPlace} from './tag-place.ts'

/** Minimum number of images in a batch, before which all tags are read. */
const minBatch = 100
/** Maximum number of batches for all tags of a repository: each reads those that are left. */
const maxBatches = 10

/**
 * Opens the store of a repository over the OCI distribution API, which lists tags, but no manifests without a tag:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-management
 */
export const openOci: StoreOpener<'clients'> = (repository, {clients}) => {
  const [client, host] = [clients.repository(repository), clients.host(repository.host)]
  return new OciStore({client, host, traits: traitsOf(host), glance: new TagGlance(client)})
}

class OciStore implements ImageStore {
  readonly repository: Repository
  readonly #place: TagPlace
  #tagCount = 0

  constructor(place: TagPlace) {
    this.repository = place.client.repository
    this.#place = place
  }

  get batchSize(): number {
    return Math.max(minBatch, Math.ceil(this.#tagCount / maxBatches))
  }

  async list(): Promise<Listing> {
    const tags = await this.#place.client.tags()
    this.#tagCount = tags.length
    return {kind: 'tags', tags}
  }

  async deleteImages(images: readonly DoomedImage[]): Promise<readonly Deletion[]> {
    return new ImageBatch(this.#place, images).delete()
  }

  async removeTag(tag: string, digest: string): Promise<Deletion> {
    try {
      return await removeTag(this.#place, {tag, digest})
    } catch (error) {
      return failedDeletion(error, this.#place.host.retrier.signal.aborted)
    }
  }

  async budget(): Promise<undefined> {
    return Promise.resolve(undefined)
  }
}
