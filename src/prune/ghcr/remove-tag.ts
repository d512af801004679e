import type {ManifestContent} from '../../oci/manifest.ts'
import type {ManifestHead, RepositoryClient} from '../../registry/repository-client.ts'
import type {Deletion} from '../image-store.ts'
import {untagCopy} from '../../retention/untag-copy.ts'
import {deleteVersion, type DoomedVersion} from './delete-version.ts'
import type {PackageVersion} from './package-version.ts'
import type {PackageVersions} from './package-versions.ts'

/** Tag to remove from a version that stays. */
interface DoomedTag {
  readonly tag: string
  readonly id: string
  readonly digest: string
}

interface TagRemoval {
  readonly versions: PackageVersions
  readonly client: Pick<RepositoryClient, 'manifest' | 'head' | 'putManifest'>
}

/** Delays before each search for a new version, which GitHub may list late. */
const searchMs = [0, 1_000, 2_000, 4_000, 8_000] as const

/**
 * Removes a tag from a version that stays. GitHub deletes whole versions only: a copy of the manifest is pushed under the
 * tag, and that version is deleted. If it is not, the tag points to the first version again.
 */
export async function removeTag(doomed: DoomedTag, removal: TagRemoval): Promise<Deletion> {
  const {tag, id, digest} = doomed
  const {versions, client} = removal
  const original = await client.manifest(digest)
  if (original === undefined) return goneOrChanged(await client.head(tag))
  const copy = untagCopy(original, tag)
  if (copy === undefined) return {kind: 'unsupported', answer: `a manifest of ${original.mediaType} cannot be copied`}
  const hasTag = async (): Promise<boolean> => (await versions.version(id))?.tags.includes(tag) === true
  if (!(await client.putManifest(tag, copy, hasTag))) {
    const current = await client.head(tag)
    // An attempt whose response was lost has pushed the copy.
    if (current?.digest !== copy.digest) return goneOrChanged(current)
  }
  return deleteCopy({tag, original, copy}, removal)
}

/** Result for a tag that its version does not have any more, by what the tag points to. */
function goneOrChanged(current: ManifestHead | undefined): Deletion {
  return current === undefined ? {kind: 'gone'} : {kind: 'changed'}
}

interface PushedCopy {
  readonly tag: string
  readonly original: ManifestContent
  readonly copy: ManifestContent
}

/** Deletes the version of a copy. If it has no tags any more, the tag was moved meanwhile. */
async function deleteCopy(pushed: PushedCopy, removal: TagRemoval): Promise<Deletion> {
  const {tag, copy} = pushed
  const {versions} = removal
  const version = await findVersion(copy.digest, removal)
  if (version === undefined) {
    await pointBack(pushed, removal)
    return {
      kind: 'failed',
      answer: `GitHub does not list the version ${copy.digest}, which was pushed for the tag ${tag}`,
    }
  }
  const doomed: DoomedVersion = {id: version.id, digest: copy.digest, tags: [tag]}
  const deletion = await deleteVersion(versions, doomed)
  if (deletion.kind === 'gone') return {kind: 'deleted'}
  if (['kept', 'denied', 'failed'].includes(deletion.kind)) await pointBack(pushed, removal)
  // Without a tag, a copy is garbage. GitHub does not keep it as the last one with a tag.
  if (deletion.kind === 'changed' || deletion.kind === 'kept') await deleteVersion(versions, {...doomed, tags: []})
  return deletion
}

/** Finds a new version on the first page. Undefined if GitHub does not list it in time. */
async function findVersion(
  digest: string,
  {versions}: Pick<TagRemoval, 'versions'>,
): Promise<PackageVersion | undefined> {
  for (const ms of searchMs) {
    if (ms > 0) await versions.api.sleep(ms)
    const page = await versions.page(1)
    const found = page?.versions.find((version) => version.digest === digest)
    if (found !== undefined) return found
  }
  return undefined
}

/** Points a tag to its manifest again, if it still points to the copy. */
async function pointBack({tag, original, copy}: PushedCopy, {client}: TagRemoval): Promise<void> {
  const isCopy = async (): Promise<boolean> => (await client.head(tag))?.digest === copy.digest
  await client.putManifest(tag, original, isCopy)
}
