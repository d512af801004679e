import {referrersTag, withoutKind} from '../../oci/referrers-tag.ts'
import type {Repository} from '../../oci/reference.ts'
import {readContent} from '../../prune/content/read-content.ts'
import {openStore} from '../../prune/open-store.ts'
import {ManifestMemory} from '../../prune/validation/manifest-memory.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {factsOf} from '../../retention/classes/image-statement.ts'
import type {Listing} from '../../retention/repository-content.ts'
import type {OpenRepository} from '../prune/open-repository.ts'
import type {RunResources} from '../prune/store-resources.ts'

/**
 * Maximum number of images that are all read, so that everything that belongs to a deleted image can be deleted with it.
 * In a larger repository, only the images with the tags are.
 */
const maxWhole = 500
const readsAtOnce = 16

/**
 * Opens a repository as far as the deletion of some of its tags needs it: with their images, all other tags of these, and
 * the tags for their signatures. Undefined if none of the tags exists.
 * @throws TagboatError if the list is not complete, or a tag cannot be read.
 */
export async function openTags(
  repository: Repository,
  wanted: ReadonlySet<string>,
  resources: RunResources,
): Promise<OpenRepository | undefined> {
  const {clients} = resources
  const store = await openStore(repository, resources)
  const all = await store.list()
  if (!tagsIn(all).some((tag) => wanted.has(tag))) return undefined
  const client = clients.repository(repository)
  const isWhole = all.kind === 'images' && all.images.length <= maxWhole
  const listing = isWhole ? all : await partOf(all, wanted, client)
  const memory = new ManifestMemory()
  const content = await readContent({
    repository,
    listing,
    client: clients.host(repository.host),
    needsConfiguration: (known, digest) =>
      factsOf(known, digest).ref === undefined && [...wanted].some((tag) => known.tags.get(tag) === digest),
    onManifest: (manifest) => {
      memory.remember(manifest)
    },
  })
  const undoClient = (): RepositoryClient => resources.undoClients().repository(repository)
  return {store, client, content: {...content, isComplete: isWhole}, memory, undoClient}
}

function tagsIn(listing: Listing): readonly string[] {
  return listing.kind === 'tags' ? listing.tags : listing.images.flatMap(({tags}) => tags)
}

/** List of the images with the tags, and of the signatures that have tags for these images. */
async function partOf(all: Listing, wanted: ReadonlySet<string>, client: RepositoryClient): Promise<Listing> {
  const digests =
    all.kind === 'tags'
      ? await digestsOf(all.tags, client)
      : new Map(all.images.flatMap(({digest, tags}) => tags.map((tag): [string, string] => [tag, digest])))
  const named = [...digests].filter(([tag]) => wanted.has(tag)).map(([, digest]) => digest)
  const referrers = new Set(named.map(referrersTag))
  const chosen = new Set([
    ...named,
    ...[...digests].filter(([tag]) => referrers.has(withoutKind(tag))).map(([, digest]) => digest),
  ])
  if (all.kind === 'images') return {...all, images: all.images.filter(({digest}) => chosen.has(digest))}
  return {...all, tags: [...digests].filter(([, digest]) => chosen.has(digest)).map(([tag]) => tag)}
}

/** Reads the digests of tags. A tag that does not exist any more has none. */
async function digestsOf(tags: readonly string[], client: RepositoryClient): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>()
  await forEachBounded(tags, readsAtOnce, async (tag) => {
    const head = await client.head(tag)
    if (head !== undefined) digests.set(tag, head.digest)
  })
  return digests
}
