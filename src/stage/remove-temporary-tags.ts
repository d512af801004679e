import {toTagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import type {Io} from '../io/io.ts'
import type {BuildSession} from './build-session.ts'

/**
 * Removes temporary tags. Some registries delete the manifest with the tag, and so all tags of the image: the tags of
 * this run are checked afterwards and created again. A temporary tag that cannot be removed does not fail the run.
 * @throws TagboatError if a lost tag cannot be created again.
 */
export async function removeTemporaryTags(
  temporaryTags: readonly TagRef[],
  content: ManifestContent,
  {prepared, registries, io}: Pick<BuildSession, 'prepared' | 'registries' | 'io'>,
): Promise<void> {
  for (const temporary of temporaryTags) {
    const client = registries.clients.repository(temporary.repository)
    const tags = prepared.plan.tags.flatMap(({reference}) =>
      registries.clients.repository(reference.repository) === client ? [reference.tag] : [],
    )
    const tagsOfImage = await removeTag(temporary, {client, tags, digest: content.digest}, io)
    for (const tag of tagsOfImage) {
      const isGone = async (): Promise<boolean> => (await client.head(tag)) === undefined
      await client.putManifest(tag, content, isGone)
    }
  }
}

interface TaggedRepository {
  readonly client: RepositoryClient
  /** Tags of this run. */
  readonly tags: readonly string[]
  readonly digest: Digest
}

/**
 * Removes a temporary tag.
 * @returns the tags of this run that pointed to the image before; empty if the tag could not be removed.
 */
async function removeTag(
  temporary: TagRef,
  {client, tags, digest}: TaggedRepository,
  {workflow}: Pick<Io, 'workflow'>,
): Promise<readonly string[]> {
  try {
    const tagsOfImage = await tagsWithDigest(client, tags, digest)
    await client.deleteManifest(temporary.tag)
    return tagsOfImage
  } catch (error) {
    const {message} = toTagboatError(error)
    workflow.notice(`The temporary tag ${formatTagRef(temporary)} could not be removed: ${message}`)
    return []
  }
}

async function tagsWithDigest(
  client: RepositoryClient,
  tags: readonly string[],
  digest: Digest,
): Promise<readonly string[]> {
  const heads = await Promise.all(tags.map(async (tag) => client.head(tag)))
  return tags.filter((_, index) => heads[index]?.digest === digest)
}
