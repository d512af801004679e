import {toTagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {awaitManifest} from '../registry/images/shown-manifest.ts'
import type {Io} from '../io/io.ts'
import type {Session} from './session.ts'

/** The tag by which a registry shows an image that has no other tag yet. `id`: of the image, or of the run. */
export function holdTag(id: string): string {
  return `tagboat-stage-${id.replace('sha256:', '').slice(0, 12)}`
}

/**
 * Makes an image visible by its digest, where it has been pushed and has no tag. Registries show what they took; older releases
 * of Quay do so only for what a tag leads to, and there the image gets a tag of this run's own. It costs no request elsewhere:
 * the manifest is read for the publication anyway.
 * @returns the tags that were put, to be removed when the image has others.
 */
export async function holdImage(
  content: ManifestContent,
  clients: readonly RepositoryClient[],
  {timer, signal, workflow}: Pick<Io, 'timer' | 'signal' | 'workflow'>,
): Promise<readonly TagRef[]> {
  const {sleep} = timer(signal)
  const held = await Promise.all(
    clients.map(async (client) => {
      if ((await awaitManifest(client, content.digest, sleep)) !== undefined) return []
      const tag = holdTag(content.digest)
      await client.putManifest(tag, content)
      const hold = {repository: client.repository, tag}
      workflow.info(
        `${formatTagRef(hold)} shows the image until it has its tags. A run that fails before that leaves it.`,
      )
      return [hold]
    }),
  )
  return held.flat()
}

/**
 * Removes tags that held an image. Some registries remove the manifest with one of its tags, and so all of them: the tags of
 * this run are looked for afterwards, and put again where they are gone. A tag that stays is not a failure of the publication.
 * @throws TagboatError when a tag that is gone cannot be put again.
 */
export async function releaseImage(
  holds: readonly TagRef[],
  content: ManifestContent,
  {prepared, registries, io}: Pick<Session, 'prepared' | 'registries' | 'io'>,
): Promise<void> {
  for (const hold of holds) {
    const client = registries.clients.repository(hold.repository)
    const own = prepared.plan.tags.flatMap(({reference}) =>
      registries.clients.repository(reference.repository) === client ? [reference.tag] : [],
    )
    const holders = await removeHold(hold, {client, own, digest: content.digest}, io)
    for (const tag of holders) {
      const isGone = async (): Promise<boolean> => (await client.head(tag)) === undefined
      await client.putManifest(tag, content, isGone)
    }
  }
}

interface HeldPlace {
  readonly client: RepositoryClient
  /** Tags of this run. */
  readonly own: readonly string[]
  readonly digest: Digest
}

/** The tags of this run that held the image before; none where the tag could not be removed. */
async function removeHold(
  hold: TagRef,
  {client, own, digest}: HeldPlace,
  {workflow}: Pick<Io, 'workflow'>,
): Promise<readonly string[]> {
  try {
    const holders = await holdersOf(client, own, digest)
    await client.deleteManifest(hold.tag)
    return holders
  } catch (error) {
    const {message} = toTagboatError(error)
    workflow.notice(`${formatTagRef(hold)} held the image until it had its tags, and could not be removed: ${message}`)
    return []
  }
}

async function holdersOf(
  client: RepositoryClient,
  tags: readonly string[],
  digest: Digest,
): Promise<readonly string[]> {
  const heads = await Promise.all(tags.map(async (tag) => client.head(tag)))
  return tags.filter((_, index) => heads[index]?.digest === digest)
}
