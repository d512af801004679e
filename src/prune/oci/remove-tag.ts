import type {Deletion} from '../image-store.ts'
import {deleteByCopy} from './delete-by-copy.ts'
import {deleteManifest} from './delete-manifest.ts'
import {refusedDeletion} from './refusal.ts'
import type {RemovedTag, TagPlace} from './tag-place.ts'

/**
 * Removes a tag from an image that stays: by the deletion of the tag, where the registry is known to remove the tag alone,
 * else by that of a copy. The first removals at a host run one after another, until one has shown what it does.
 */
export async function removeTag(place: TagPlace, removed: RemovedTag): Promise<Deletion> {
  const {traits} = place
  if (traits.deletesTags === undefined) return traits.trial(async () => remove(place, removed))
  return remove(place, removed)
}

async function remove(place: TagPlace, removed: RemovedTag): Promise<Deletion> {
  return place.traits.deletesTags === true ? deleteTag(place, removed) : deleteByCopy(place, removed)
}

async function deleteTag({client, host}: TagPlace, {tag, digest}: RemovedTag): Promise<Deletion> {
  const isUnchanged = async (): Promise<boolean> => (await client.head(tag))?.digest === digest
  const answer = await deleteManifest(host, {path: client.repository.path, reference: tag}, isUnchanged)
  if (answer.kind === 'deleted') return answer
  if (answer.kind === 'refused') return refusedDeletion(answer)
  if ((await client.head(tag)) !== undefined) return {kind: 'changed'}
  return {kind: answer.wasSent ? 'deleted' : 'gone'}
}
