import {isDigest} from '../../oci/digest.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {parseStoredManifest} from '../../retention/parse-manifest.ts'
import type {ListedImage, Listing, RepositoryContent} from '../../retention/repository-content.ts'
import type {ImageStore} from '../image-store.ts'

/** Number of manifests that are read concurrently. */
const readsAtOnce = 16

/**
 * Reads which digests are needed by images that a repository has got since its content was read: those that got a tag, and
 * what new images contain or refer to. A publication may have found a platform of a deleted image, and not pushed it.
 * Where the registry does not list images, only those with a tag are found, by a HEAD request for each tag.
 */
export async function neededByNewcomers(
  content: RepositoryContent,
  store: ImageStore,
  client: RepositoryClient,
): Promise<ReadonlySet<string>> {
  const needed = new Set(await newcomers(content, await store.list(), client))
  const unread = (digests: Iterable<string>): readonly string[] =>
    [...digests].filter((digest) => !content.manifests.has(digest))
  for (let wave = unread(needed); wave.length > 0;) {
    const found = new Set<string>()
    await forEachBounded(wave, readsAtOnce, async (digest) => {
      for (const link of await linksOf(client, digest)) if (!needed.has(link)) found.add(link)
    })
    for (const digest of found) needed.add(digest)
    wave = unread(found)
  }
  return needed
}

/** Digests of the images that are new or have a new tag. */
async function newcomers(
  content: RepositoryContent,
  listing: Listing,
  client: RepositoryClient,
): Promise<Iterable<string>> {
  if (listing.kind === 'images') {
    return listing.images.filter((image) => isNew(image, content)).map(({digest}) => digest)
  }
  const found = new Set<string>()
  await forEachBounded(listing.tags, readsAtOnce, async (tag) => {
    const digest = (await client.head(tag))?.digest
    if (digest !== undefined && content.tags.get(tag) !== digest) found.add(digest)
  })
  return found
}

function isNew({digest, tags}: ListedImage, {tags: known, manifests}: RepositoryContent): boolean {
  return !manifests.has(digest) || tags.some((tag) => known.get(tag) !== digest)
}

/** Manifests that a new manifest names. Empty if it is gone again. */
async function linksOf(client: RepositoryClient, digest: string): Promise<readonly string[]> {
  const read = isDigest(digest) ? await client.manifest(digest) : undefined
  const manifest = read && parseStoredManifest(read)
  if (manifest === undefined) return []
  return [...manifest.children, ...(manifest.subject === undefined ? [] : [manifest.subject])]
}
