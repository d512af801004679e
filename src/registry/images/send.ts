import type {Repository} from '../../oci/reference.ts'
import {forEachBounded} from '../limit.ts'
import {manifestsAtOnce} from './image-tree.ts'
import type {BlobDescriptor, RepositoryClient} from '../repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'

/** How many blobs are on their way to one registry at the same time: enough to fill a line, few enough for any limit. */
export const blobsAtOnce = 6

/** The bytes of a blob from their beginning, as often as they are asked for. */
export type OpenBlob = (blob: BlobDescriptor) => AsyncIterable<Uint8Array>

/**
 * Puts a blob where it is not yet. `from`, a repository of the same registry that holds it, saves the upload, and the
 * question too: to mount what is there already does no harm.
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

/** Puts manifests by digest, level by level, so that what an index lists is there before it. Nothing is tagged. */
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
