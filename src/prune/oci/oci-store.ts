import type {Repository} from '../../oci/reference.ts'
import type {Listing} from '../../retention/repository-content.ts'
import type {Deletion, DoomedImage, ImageDeletion, ImageStore} from '../image-store.ts'
import type {StoreOpener} from '../store-opener.ts'
import {traitsOf} from './host-traits.ts'
import {ImageBatch} from './image-batch.ts'
import {failedDeletion} from './refusal.ts'
import {removeTag} from './remove-tag.ts'
import {TagGlance} from './tag-glance.ts'
import type {TagPlace} from './tag-place.ts'

/**
 * Approximate number of tags that are read before the deletions of a run, at most. All tags are read before each batch: in
 * a small repository before each image, so that little time is left for a change.
 */
const maxTagReads = 10_000

/**
 * Opens the store of a repository over the OCI distribution API, which lists tags, but no manifests without a tag:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#content-management
 */
export const openOci: StoreOpener<'clients'> = (repository, {clients}) => {
  const [client, host] = [clients.repository(repository), clients.host(repository.host)]
  return new OciStore({client, host, traits: traitsOf(host), glance: new TagGlance(client, host.retrier.timer.now)})
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
    return Math.max(1, Math.ceil(this.#tagCount ** 2 / maxTagReads))
  }

  async list(): Promise<Listing> {
    const tags = await this.#place.client.tags()
    this.#tagCount = tags.length
    return {kind: 'tags', tags}
  }

  async tagDigests(): Promise<ReadonlyMap<string, string>> {
    return (await this.#place.glance.readAhead()).digestOf
  }

  async deleteImages(images: readonly DoomedImage[]): Promise<readonly ImageDeletion[]> {
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
