import {isDigest} from '../../oci/digest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {parseStoredManifest} from '../../retention/parse-manifest.ts'
import type {StoredManifest} from '../../retention/stored-manifest.ts'

/** Reads what a manifest names that the content of its repository does not have. Undefined if it is gone again. */
export async function readLinks(
  client: Pick<RepositoryClient, 'manifest'>,
  digest: string,
): Promise<Pick<StoredManifest, 'children' | 'subject'> | undefined> {
  const read = isDigest(digest) ? await client.manifest(digest) : undefined
  return read && parseStoredManifest(read)
}
