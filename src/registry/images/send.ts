import type {Repository} from '../../oci/reference.ts'
import {forEachBounded} from '../limit.ts'
import {manifestsAtOnce} from './image-tree.ts'
import type {BlobDescriptor, RepositoryClient} from '../repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'

/** Number of concurrent uploads to one registry: enough for the bandwidth, and below the limits of registries. */
export const blobsAtOnce = 6

/** Returns the bytes of a blob from the start. It may be called again. */
export type OpenBlob = (blob: BlobDescriptor) => AsyncIterable<Uint8Array>

/**
 * Uploads a blob if it does not exist. With `from`, a repository of the same registry, it is mounted without a check,
 * since mounting an existing blob has no effect.
 */
export async function sendBlob(
  blob: BlobDescriptor,
  destination: RepositoryClient,
  open: OpenBlob,
  from?: Repository,
): Promise<void> {
  if (from !== undefined && (await destination.mountBlob(blob, from))) return
  if (await destination.hasBlob(blob)) return
  await destination.uploadBlob(blob, () => open(blob))
}

/** Pushes manifests by digest, level by level, so that the entries of an index exist before it. Nothing is tagged. */
export async function sendManifests(
  levels: readonly (readonly ManifestContent[])[],
  destination: RepositoryClient,
): Promise<void> {
  for (const level of levels) {
    await forEachBounded(level, manifestsAtOnce, async (content) => {
      await destination.putManifest(content.digest, content)
    })
  }
}
