import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {RepositoryClient} from '../registry/repository-client.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import {awaitManifest} from '../registry/images/shown-manifest.ts'
import type {Io} from '../io/io.ts'

/** Name of a temporary tag. The ID is that of the image or of the run. */
export function temporaryTag(id: string): string {
  return `tagboat-stage-${id.replace('sha256:', '').slice(0, 12)}`
}

/**
 * Ensures that an image without tags can be read by its digest. Older releases of Quay show only tagged images: there
 * the image gets a temporary tag. Other registries need no additional request, since the manifest is read anyway.
 * @returns the temporary tags, to be removed when the image has its tags.
 */
export async function ensureVisible(
  content: ManifestContent,
  clients: readonly RepositoryClient[],
  {timer, signal, workflow}: Pick<Io, 'timer' | 'signal' | 'workflow'>,
): Promise<readonly TagRef[]> {
  const {sleep} = timer(signal)
  const created = await Promise.all(
    clients.map(async (client) => {
      if ((await awaitManifest(client, content.digest, sleep)) !== undefined) return []
      const tag = temporaryTag(content.digest)
      await client.putManifest(tag, content)
      const reference = {repository: client.repository, tag}
      workflow.info(
        `${formatTagRef(reference)} is a temporary tag: this registry shows only tagged images. It stays if the run fails before the image has its tags.`,
      )
      return [reference]
    }),
  )
  return created.flat()
}
