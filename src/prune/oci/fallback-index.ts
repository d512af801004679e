import {digestOf, isDigest, type Digest} from '../../oci/digest.ts'
import {field, parseManifest, type ManifestContent} from '../../oci/manifest.ts'
import {removeReferrers, restoreReferrers} from '../../oci/referrers-index.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {DoomedImage} from '../image-store.ts'
import type {TagState} from './tag-glance.ts'

/** Number of attempts if others write the index concurrently. */
const maxWrites = 8

/** Referrers to delete that an index under the fallback tag of their subject may list. */
export interface ListedReferrers {
  readonly subject: Digest
  readonly images: readonly DoomedImage[]
}

/**
 * Groups the referrers among these images by their subject, if that has an index of referrers that stays. Registries
 * without the referrers API leave this index to the client:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#deleting-manifests
 */
export function listedReferrers(
  images: readonly DoomedImage[],
  {digestOf: tags}: TagState,
): readonly ListedReferrers[] {
  const deleted = new Set(images.map(({digest}) => digest))
  return [...Map.groupBy(images, (image) => image.subject)].flatMap(([subject, group]) => {
    if (subject === undefined || !isDigest(subject)) return []
    const index = tags.get(referrersTag(subject))
    // GitLab reads the tag as the digest.
    return index === undefined || index === subject || deleted.has(index) ? [] : [{subject, images: group}]
  })
}

/** Removes referrers from the index of their subject. Returns the removed entries; undefined if others change it meanwhile. */
export async function unlist(
  client: RepositoryClient,
  {subject, images}: ListedReferrers,
): Promise<readonly unknown[] | undefined> {
  const digests = new Set(images.map(({digest}) => digest))
  const removed: unknown[] = []
  const isDone = await rewrite(client, subject, (bytes) => {
    const shortened = removeReferrers(bytes, digests)
    removed.push(...(shortened?.removed ?? []))
    return shortened?.index
  })
  return isDone ? removed : undefined
}

/** Adds the entries of referrers that still exist to the index of their subject again. */
export async function relist(client: RepositoryClient, subject: Digest, entries: readonly unknown[]): Promise<boolean> {
  return entries.length === 0 || rewrite(client, subject, (bytes) => restoreReferrers(bytes, entries))
}

/** Digest of an entry of an index. */
export function digestIn(entry: unknown): unknown {
  return field(entry, 'digest')
}

/**
 * Edits the index until it needs no change: without an atomic update, another client may write it at the same time. An
 * index that does not exist, and anything else under its tag, is not changed. Reports whether no change is left.
 */
async function rewrite(
  client: RepositoryClient,
  subject: Digest,
  edit: (index: Uint8Array) => string | undefined,
): Promise<boolean> {
  const tag = referrersTag(subject)
  for (let written = 0; written < maxWrites; written += 1) {
    const current = await client.manifest(tag)
    if (current === undefined || parseManifest(current.bytes)?.kind !== 'index') return true
    const edited = edit(current.bytes)
    if (edited === undefined) return true
    const isCurrent = async (): Promise<boolean> => (await client.head(tag))?.digest === current.digest
    await client.putManifest(tag, contentOf(current, edited), isCurrent)
  }
  return false
}

function contentOf({mediaType}: ManifestContent, index: string): ManifestContent {
  const bytes = Buffer.from(index)
  return {digest: digestOf(bytes), mediaType, bytes}
}
