import {isGone} from '../retention/deletion-step.ts'
import type {Repository} from '../oci/reference.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import type {Retrier} from '../registry/retry.ts'
import type {Deletion, DoomedImage, ImageStore} from './image-store.ts'
import {noBudget, oneByOne} from './one-by-one.ts'

/** Deletes a tag, if `isCurrent` allows it right before each attempt. Undefined if it does not. */
export type DeleteTag = (tag: string, isCurrent: () => Promise<boolean>) => Promise<Deletion | undefined>

/** Listing and deletion in a registry that deletes tags, and collects images without one by itself. */
interface TagDeletions extends Pick<ImageStore, 'list'> {
  readonly repository: Repository
  readonly client: Pick<RepositoryClient, 'head'>
  readonly deleteTag: DeleteTag
  readonly signal: Retrier['signal']
  /** Answer to the deletion of an image without a tag. */
  readonly untagged: string
}

/**
 * Creates the store of a registry that deletes each tag alone. An image goes with its last tag, so that a tag that it gets
 * meanwhile keeps it.
 */
export function tagStore({repository, client, list, deleteTag, untagged, signal}: TagDeletions): ImageStore {
  const removeTag = async (tag: string, digest: string): Promise<Deletion> =>
    removeCurrentTag({client, deleteTag}, tag, digest)
  const deleteImage = async (image: DoomedImage, onRemoved: (tag: string) => void): Promise<Deletion> =>
    image.tags.length === 0
      ? {kind: 'unsupported', answer: untagged}
      : deleteTags({client, removeTag, onRemoved}, image.tags, image.digest)
  return {repository, list, leavesManifests: true, ...oneByOne({deleteImage, removeTag, signal}), budget: noBudget}
}

/** Deletes a tag unless it has another digest. It is read right before each attempt, since an answer may be lost. */
export async function removeCurrentTag(
  {client, deleteTag}: Pick<TagDeletions, 'client' | 'deleteTag'>,
  tag: string,
  digest: string,
): Promise<Deletion> {
  let seen: string | undefined
  const isCurrent = async (): Promise<boolean> => {
    seen = (await client.head(tag))?.digest
    return seen === digest
  }
  return (await deleteTag(tag, isCurrent)) ?? {kind: seen === undefined ? 'gone' : 'changed'}
}

interface TagRemoval extends Pick<TagDeletions, 'client'>, Pick<ImageStore, 'removeTag'> {
  /** Called after each tag that was removed. */
  readonly onRemoved: (tag: string) => void
}

/**
 * Deletes the tags of an image, in order, and none if one of them has another digest. It ends with the first
 * result that is not a success.
 */
export async function deleteTags(
  {client, removeTag, onRemoved}: TagRemoval,
  tags: readonly string[],
  digest: string,
): Promise<Deletion> {
  if (tags.length > 1) {
    const found = await Promise.all(tags.map(async (tag) => client.head(tag)))
    if (found.some((head) => head !== undefined && head.digest !== digest)) return {kind: 'changed'}
  }
  let result: Deletion = {kind: 'gone'}
  for (const tag of tags) {
    const one = await removeTag(tag, digest)
    if (!isGone(one)) return one
    onRemoved(tag)
    if (one.kind === 'deleted') result = one
  }
  return result
}
