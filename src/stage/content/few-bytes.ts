import {ContentUnavailable} from '../../buildkit/content-source.ts'
import {isLayer, type Descriptor} from '../../oci/manifest.ts'
import {blobsOf} from '../../registry/images/image-tree.ts'
import {blobsAtOnce} from '../../registry/images/send.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ImageSource} from '../layout/push-layout.ts'

/**
 * Bytes of layers that pass through this runner. A builder on another machine pushes more than that itself, and so does
 * one on this machine, which then takes half of the CPU time. Below, another build would take longer.
 */
const maxReadBytes = 64 * 1024 * 1024

/** Registry that lacks layers. */
export interface Lack {
  readonly client: RepositoryClient
  readonly layers: readonly Descriptor[]
  readonly bytes: number
}

/** Registries that lack more layers than should pass through this runner. A small image needs no request. */
export async function largeLacks(
  {tree}: Pick<ImageSource, 'tree'>,
  clients: readonly RepositoryClient[],
): Promise<readonly Lack[]> {
  return (await lacksOf(tree, clients)).filter(({bytes}) => bytes > maxReadBytes)
}

/**
 * Requires that the layers which some registry lacks are small enough to pass through this runner.
 * @throws ContentUnavailable
 */
export async function requireFewBytes(
  {tree}: Pick<ImageSource, 'tree'>,
  clients: readonly RepositoryClient[],
): Promise<void> {
  const lacks = await lacksOf(tree, clients)
  const missing = new Map(lacks.flatMap(({layers}) => layers.map((layer) => [layer.digest, layer])))
  const bytes = total([...missing.values()])
  if (bytes <= maxReadBytes) return
  throw new ContentUnavailable('the layers', new Error(`${megabytes(bytes)} MB are on another machine`))
}

/** Size in megabytes, rounded. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}

async function lacksOf(tree: ImageSource['tree'], clients: readonly RepositoryClient[]): Promise<readonly Lack[]> {
  const layers = blobsOf(tree, tree.levels.flat()).filter(isLayer)
  if (total(layers) <= maxReadBytes) return []
  const registries = [...new Map(clients.toReversed().map((client) => [client.repository.host, client])).values()]
  return Promise.all(
    registries.toReversed().map(async (client) => {
      const missing: Descriptor[] = []
      await forEachBounded(layers, blobsAtOnce, async (layer) => {
        if (!(await client.hasBlob(layer))) missing.push(layer)
      })
      return {client, layers: missing, bytes: total(missing)}
    }),
  )
}

function total(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)
}
