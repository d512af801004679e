import {TagboatError} from '../../errors/error.ts'
import type {Descriptor, ManifestContent} from '../../oci/manifest.ts'
import type {RepositoryClient} from '../repository-client.ts'

/** Reads a blob. Undefined if it is larger than the limit, does not exist, or is not what its digest says. */
export async function readSmallBlob(
  blob: Descriptor,
  maxBytes: number,
  client: RepositoryClient,
): Promise<Uint8Array | undefined> {
  if (blob.sizeBytes > maxBytes) return undefined
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of client.readBlob(blob)) chunks.push(chunk)
  } catch (error) {
    if (error instanceof TagboatError && (error.isAbsent || error.code === 'content-corrupt')) return undefined
    throw error
  }
  return Buffer.concat(chunks)
}

/** Reads a manifest. Undefined if it does not exist, or is not what its digest says. */
export async function intactManifest(
  reference: string,
  client: RepositoryClient,
): Promise<ManifestContent | undefined> {
  try {
    return await client.manifest(reference)
  } catch (error) {
    if (error instanceof TagboatError && error.code === 'content-corrupt') return undefined
    throw error
  }
}
