import {isDigest} from '../../oci/digest.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import {untagCopy} from '../../retention/untag-copy.ts'
import type {Deletion} from '../image-store.ts'
import {removeDanglingTags} from './dangling-tags.ts'
import {deleteManifest, type DeletionAnswer} from './delete-manifest.ts'
import type {Unsupported} from './host-traits.ts'
import {refusedDeletion, refusesTags} from './refusal.ts'
import type {RemovedTag, TagPlace} from './tag-place.ts'

/** Tag that has been moved to a copy of its image. */
interface CopiedTag {
  readonly tag: string
  readonly content: ManifestContent
  readonly copy: ManifestContent
}

/**
 * Removes a tag where the registry deletes only by digest: the tag is moved to a copy of its image (`untagCopy`), and the
 * copy is deleted by its digest. The other tags and the image stay. If it is stopped in between, the tag is on the copy,
 * which works, and the next run deletes the copy.
 *
 * While it is not known what the registry does with a tag, the deletion of the tag is tried with the copy: a registry that
 * deletes the image with it deletes the copy alone.
 */
export async function deleteByCopy(place: TagPlace, {tag, digest}: RemovedTag): Promise<Deletion> {
  const {client} = place
  const current = await client.head(tag)
  if (current?.digest !== digest) return {kind: current === undefined ? 'gone' : 'changed'}
  const content = isDigest(digest) ? await client.manifest(digest) : undefined
  if (content === undefined) return {kind: 'failed', answer: `${digest} cannot be read`}
  const copy = untagCopy(content, tag)
  if (copy === undefined)
    return {kind: 'unsupported', answer: `a manifest of the type ${content.mediaType} has no copy`}
  const refusal = await refusalBefore(place, copy)
  if (refusal !== undefined) return refusal
  const isUnchanged = async (): Promise<boolean> => (await client.head(tag))?.digest === digest
  if (!(await client.putManifest(tag, copy, isUnchanged))) {
    const moved = await client.head(tag)
    // The answer to the first PUT may have been lost.
    if (moved?.digest !== copy.digest) return {kind: moved === undefined ? 'gone' : 'changed'}
  }
  return deleteCopied(place, {tag, content, copy})
}

/**
 * Refusal of a registry that deletes nothing, or nothing for this identity. It is found by the deletion of what does not
 * exist, before the tag moves.
 */
async function refusalBefore(place: TagPlace, copy: ManifestContent): Promise<Deletion | undefined> {
  const {client, traits} = place
  // The copy of an earlier run may have a tag.
  if (traits.deletesDigests === undefined && (await client.head(copy.digest)) === undefined) {
    const answer = await deleteReference(place, copy.digest)
    const refusal = answer.kind === 'refused' ? refusedDeletion(answer) : undefined
    if (refusal !== undefined && refusal.kind !== 'unsupported') return refusal
    traits.deletesDigests = refusal
  }
  if (traits.deletesDigests === undefined || traits.deletesDigests === true) return undefined
  if (traits.deletesTags === undefined) {
    const answer = await deleteReference(place, copy.digest.replace(':', '-untag-'))
    if (answer.kind !== 'refused') return undefined
    traits.deletesTags = false
  }
  return traits.deletesDigests
}

async function deleteCopied(place: TagPlace, copied: CopiedTag): Promise<Deletion> {
  const {client, traits} = place
  const {tag, content, copy} = copied
  const isTrial = traits.deletesTags === undefined
  if (isTrial && (await tryTag(place, copied))) return {kind: 'deleted'}
  const refusal = await deleteCopy(place, copied)
  if (refusal !== undefined) {
    await client.putManifest(tag, content, async () => (await client.head(tag))?.digest === copy.digest)
    return refusal
  }
  const left = isTrial ? await client.head(tag) : undefined
  if (left === undefined) return {kind: 'deleted'}
  return left.digest === copy.digest ? {kind: 'failed', answer: 'the registry still shows the tag'} : {kind: 'changed'}
}

/**
 * Tries the deletion of a tag that points to a copy, and records what it does. Reports whether the tag is gone.
 */
async function tryTag(place: TagPlace, {tag, copy}: CopiedTag): Promise<boolean> {
  const {client, traits} = place
  const isCopy = async (): Promise<boolean> => (await client.head(tag))?.digest === copy.digest
  const answer = await deleteReference(place, tag, isCopy)
  if (answer.kind === 'refused') {
    if (refusesTags(answer)) traits.deletesTags = false
    return false
  }
  const current = await client.head(tag)
  if (current !== undefined) {
    // Some registries answer to a deletion that they do not have, with 404 or as if it were done.
    if (current.digest === copy.digest) traits.deletesTags = false
    return false
  }
  traits.deletesTags = (await client.head(copy.digest)) !== undefined
  if (traits.deletesTags) await deleteCopy(place, {tag, copy})
  return true
}

/** Deletes a copy by its digest. Returns the refusal of the registry. */
async function deleteCopy(
  place: TagPlace,
  {tag, copy: {digest}}: Pick<CopiedTag, 'tag' | 'copy'>,
): Promise<Deletion | undefined> {
  const {client, traits} = place
  const answer = await deleteReference(place, digest)
  const refusal = answer.kind === 'refused' ? refusedDeletion(answer) : undefined
  if (refusal === undefined && (answer.kind === 'deleted' || (await client.head(digest)) === undefined)) {
    traits.deletesDigests = true
    if (answer.kind === 'absent' && answer.wasSent) await removeDanglingTags(place, [tag])
    return undefined
  }
  const unsupported: Unsupported = {kind: 'unsupported', answer: '404 for a manifest that exists'}
  if (refusal === undefined || refusal.kind === 'unsupported') traits.deletesDigests = refusal ?? unsupported
  return refusal ?? unsupported
}

async function deleteReference(
  {client, host}: TagPlace,
  reference: string,
  proceed = async (): Promise<boolean> => Promise.resolve(true),
): Promise<DeletionAnswer> {
  return deleteManifest(host, {path: client.repository.path, reference}, proceed)
}
