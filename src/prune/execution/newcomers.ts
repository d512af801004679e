import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {belongings, manifestGraph} from '../../retention/graph.ts'
import type {ListedImage, Listing, RepositoryContent} from '../../retention/repository-content.ts'
import {readLinks} from '../content/read-links.ts'
import type {ImageStore} from '../image-store.ts'

/** Number of manifests that are read concurrently. */
const readsAtOnce = 16

interface OpenedRepository {
  readonly content: RepositoryContent
  readonly store: Pick<ImageStore, 'list' | 'leavesManifests' | 'tagDigests'>
  readonly client: RepositoryClient
}

/**
 * Reads which digests are needed by images that a repository has got since its content was read: those that got a tag or were
 * pushed again, and what new images contain or refer to. A publication may have found a platform of a deleted image, and not
 * pushed it. Where the registry does not list images, those with a tag are found.
 * `deleted` are the images that the run has deleted.
 */
export async function neededByNewcomers(
  {content, store, client}: OpenedRepository,
  deleted: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const found = await newcomers({content, store, client}, deleted)
  const needed = new Set(found)
  const unread = (digests: Iterable<string>): readonly string[] =>
    [...digests].filter((digest) => !content.manifests.has(digest))
  for (let wave = unread(needed); wave.length > 0;) {
    const found = new Set<string>()
    await forEachBounded(wave, readsAtOnce, async (digest) => {
      const {children = [], subject} = (await readLinks(client, digest)) ?? {}
      const links = subject === undefined ? children : [...children, subject]
      for (const link of links) if (!needed.has(link)) found.add(link)
    })
    for (const digest of found) needed.add(digest)
    wave = unread(found)
  }
  return needed
}

async function newcomers(opened: OpenedRepository, deleted: ReadonlySet<string>): Promise<readonly string[]> {
  const {content, store, client} = opened
  let current = await store.tagDigests?.()
  if (current === undefined) {
    const listing = await store.list()
    if (listing.kind === 'images') return newImages(listing.images, content, deleted)
    current = await digestsOf(listing, client)
  }
  const newlyTagged = [...current].flatMap(([tag, digest]) => (content.tags.get(tag) === digest ? [] : [digest]))
  return [...new Set(newlyTagged), ...(await pushedAgain(opened, deleted))]
}

/** Reads the digests of the tags for which a list does not state them. */
async function digestsOf(
  {tags, digests = new Map()}: Extract<Listing, {readonly kind: 'tags'}>,
  client: RepositoryClient,
): Promise<ReadonlyMap<string, string>> {
  const current = new Map<string, string>()
  await forEachBounded(tags, readsAtOnce, async (tag) => {
    const digest = digests.get(tag) ?? (await client.head(tag))?.digest
    if (digest !== undefined) current.set(tag, digest)
  })
  return current
}

/**
 * Deleted images that exist again, of those to which an image with a tag belongs: where images are not listed, no other part
 * of an image is deleted.
 */
async function pushedAgain(
  {content, store, client}: OpenedRepository,
  deleted: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (store.leavesManifests === true) return []
  const graph = manifestGraph(content)
  const found: string[] = []
  const parents = [...deleted].filter((digest) => belongings(graph, digest).some((part) => graph.tagsOf.has(part)))
  await forEachBounded(parents, readsAtOnce, async (digest) => {
    if ((await client.head(digest)) !== undefined) found.push(digest)
  })
  return found
}

/** Digests of listed images that are new, have a new tag, or were pushed again since the content was read. */
export function newImages(
  images: readonly ListedImage[],
  content: RepositoryContent,
  deleted: ReadonlySet<string>,
): readonly string[] {
  return images.filter((image) => isNew(image, content, deleted)).map(({digest}) => digest)
}

/**
 * Reports whether an image is new. One that was pushed again without a tag has another identifier or a later time. A list
 * may show a deleted image for a while, with those that it had. Without either, a deleted image counts as pushed again.
 */
function isNew(
  {digest, tags, id, pushedAt}: ListedImage,
  content: RepositoryContent,
  deleted: ReadonlySet<string>,
): boolean {
  const {tags: known, manifests, ids} = content
  if ((manifests.get(digest)?.kind ?? 'missing') === 'missing' || tags.some((tag) => known.get(tag) !== digest))
    return true
  const [knownId, before] = [ids.get(digest), content.pushedAt.get(digest)]
  if (id !== knownId) return true
  if (pushedAt !== undefined) return before === undefined || pushedAt > before
  return id === undefined && deleted.has(digest)
}
