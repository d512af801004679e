import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ListedImage, Listing} from '../../retention/repository-content.ts'
import type {ImageStore} from '../image-store.ts'

/** View of a repository after a deletion. A list of images saves the requests for what it shows. */
export class RepositoryView {
  /** Names of all tags. */
  readonly tags: ReadonlySet<string>
  /** Images of the list; none where it has only tags. */
  readonly images: readonly ListedImage[]
  readonly #client: RepositoryClient
  readonly #digestOf: ReadonlyMap<string, string>
  readonly #existing: Set<string>

  private constructor(client: RepositoryClient, listing: Listing) {
    this.#client = client
    this.images = listing.kind === 'images' ? listing.images : []
    this.#digestOf = new Map(this.images.flatMap(({digest, tags}) => tags.map((tag) => [tag, digest])))
    this.tags = new Set(listing.kind === 'images' ? this.#digestOf.keys() : listing.tags)
    this.#existing = new Set(this.images.map(({digest}) => digest))
  }

  static async read(store: Pick<ImageStore, 'list'>, client: RepositoryClient): Promise<RepositoryView> {
    return new RepositoryView(client, await store.list())
  }

  /** Digest of a tag. Undefined if it does not exist. */
  async digestOf(tag: string): Promise<string | undefined> {
    const listed = this.#digestOf.get(tag)
    if (listed !== undefined) return listed
    const head = await this.#client.head(tag)
    if (head !== undefined) this.#existing.add(head.digest)
    return head?.digest
  }

  async exists(digest: string): Promise<boolean> {
    if (this.#existing.has(digest)) return true
    if ((await this.#client.head(digest)) === undefined) return false
    this.#existing.add(digest)
    return true
  }

  /** Records a manifest that exists again. */
  add(digest: string): void {
    this.#existing.add(digest)
  }
}
