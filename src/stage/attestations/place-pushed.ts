import type {ManifestContent} from '../../oci/manifest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {BuildSession} from '../build-session.ts'
import {registryLayout} from '../load/load-image.ts'
import type {StagedImage} from '../staged-image.ts'
import {placedImage, pushImage} from './placed-image.ts'

/**
 * Moves the attestations of an image that the builder has pushed. The registries keep the index of the builder, without a
 * tag.
 * @throws TagboatError of the registry client.
 */
export async function placePushed(
  content: ManifestContent,
  clients: readonly RepositoryClient[],
  {prepared, io}: BuildSession,
): Promise<Pick<StagedImage, 'content' | 'parts' | 'attached'>> {
  const [client] = clients
  if (client === undefined) throw new TypeError('no repository with the image')
  const pushed = await registryLayout(client, content)
  const image = await placedImage(pushed, prepared)
  if (image === pushed) return {content}
  await io.phases.measure('push', async () => pushImage(image, clients, io.workflow))
  const {tree, attached = []} = image
  return {content: tree.top, parts: tree.levels.flat(), attached}
}
