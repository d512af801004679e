import {ContentUnavailable} from '../../buildkit/content-source.ts'
import {isLayer, type Descriptor} from '../../oci/manifest.ts'
import {blobsOf} from '../../registry/images/image-tree.ts'
import {blobsAtOnce} from '../../registry/images/send.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ImageSource} from '../layout/push-layout.ts'

/** Bytes of layers that pass through this runner from a builder on another machine. It pushes more than that itself. */
const maxDistantBytes = 64 * 1024 * 1024

/**
 * Requires that the layers which some registry lacks are small enough to pass through this runner.
 * @throws ContentUnavailable
 */
export async function requireFewBytes(
  {tree}: Pick<ImageSource, 'tree'>,
  clients: readonly RepositoryClient[],
): Promise<void> {
  const layers = blobsOf(tree, tree.levels.flat()).filter(isLayer)
  if (total(layers) <= maxDistantBytes) return
  const registries = [...new Map(clients.map((client) => [client.repository.host, client])).values()]
  const missing: Descriptor[] = []
  await forEachBounded(layers, blobsAtOnce, async (layer) => {
    const found = await Promise.all(registries.map(async (client) => client.hasBlob(layer)))
    if (found.includes(false)) missing.push(layer)
  })
  if (total(missing) <= maxDistantBytes) return
  const megabytes = Math.round(total(missing) / 1e6)
  throw new ContentUnavailable('the layers', new Error(`${megabytes} MB are on another machine`))
}

function total(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
}
