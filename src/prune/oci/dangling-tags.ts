import {digestOf} from '../../oci/digest.ts'
import {manifestMediaTypes, type ManifestContent} from '../../oci/manifest.ts'
import {untagCopy} from '../../retention/untag-copy.ts'
import {deleteManifest} from './delete-manifest.ts'
import type {TagPlace} from './tag-place.ts'

/** Number of attempts: the same may happen again. */
const maxAttempts = 3

/**
 * Removes those of these tags that are still listed, but point to nothing. Distribution deletes a manifest first, then its
 * tags: if it cannot read a tag that is written at the same time, it answers 500 and leaves them
 * (registry/handlers/manifests.go of https://github.com/distribution/distribution). Each is pointed to an empty index, which
 * is deleted with its tag.
 */
export async function removeDanglingTags(place: TagPlace, tags: readonly string[]): Promise<void> {
  let left = tags
  for (let attempt = 0; attempt < maxAttempts && left.length > 0; attempt += 1) {
    const listed = new Set(await place.client.tags())
    left = left.filter((tag) => listed.has(tag))
    for (const tag of left) await removeDangling(place, tag)
  }
}

async function removeDangling({client, host}: TagPlace, tag: string): Promise<void> {
  const index = emptyIndex(tag)
  const isDangling = async (): Promise<boolean> => (await client.head(tag)) === undefined
  const isPut = await client.putManifest(tag, index, isDangling)
  // The answer to the first PUT may have been lost.
  if (!isPut && (await client.head(tag))?.digest !== index.digest) return
  const target = {path: client.repository.path, reference: index.digest}
  await deleteManifest(host, target, async () => Promise.resolve(true))
}

/** Index without images that names its tag, so that a later run recognises it. */
function emptyIndex(tag: string): ManifestContent {
  const [mediaType] = manifestMediaTypes
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests: []}))
  const empty = {digest: digestOf(bytes), mediaType, bytes}
  return untagCopy(empty, tag) ?? empty
}
