import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ImageStore} from '../image-store.ts'

/** View of a repository after a deletion. A list of images saves the requests for what it shows. */
export class RepositoryView {
  /** Names of all tags. */
  readonly tags: ReadonlySet<string>
  readonly #client: RepositoryClient
  readonly #digestOf: ReadonlyMap<string, string>
  readonly #existing: Set<string>

  private constructor(client: RepositoryClient, tags: Iterable<string>, digestOf: ReadonlyMap<string, string>) {
    this.#client = client
    this.tags = new Set(tags)
    this.#digestOf = digestOf
    this.#existing = new Set(digestOf.values())
  }

  static async read(store: ImageStore, client: RepositoryClient): Promise<RepositoryView> {
    const listing = await store.list()
    if (listing.kind === 'tags') return new RepositoryView(client, listing.tags, new Map())
    const digestOf = new Map(listing.images.flatMap(({digest, tags}) => tags.map((tag) => [tag, digest])))
    const view = new RepositoryView(client, digestOf.keys(), digestOf)
    for (const {digest} of listing.images) view.#existing.add(digest)
    return view
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
