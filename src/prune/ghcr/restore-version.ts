import {isDigest, type Digest} from '../../oci/digest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {unexpected} from './github-api.ts'
import type {DoomedVersion} from './delete-version.ts'
import type {PackageVersions} from './package-versions.ts'

/**
 * Restores a deleted version, and its tags where the restore did not: a tag that points to another image meanwhile stays
 * there. Reports whether the version exists again. GitHub restores within 30 days
 * (https://docs.github.com/packages/learn-github-packages/deleting-and-restoring-a-package).
 */
export async function restoreVersion(
  {id, digest, tags}: DoomedVersion,
  versions: PackageVersions,
  client: Pick<RepositoryClient, 'manifest' | 'head' | 'putManifest'>,
): Promise<boolean> {
  const response = await versions.restore(id)
  if (response.status !== 204) {
    if (!refusals.has(response.status)) throw unexpected(response)
    // An attempt whose response was lost has restored it, or it cannot be restored: it is too late, or the token may not.
    if ((await versions.version(id)) === undefined) return false
  }
  if (isDigest(digest)) for (const tag of tags) await restoreTag(tag, digest, client)
  return true
}

const refusals: ReadonlySet<number> = new Set([400, 403, 404, 409, 422])

async function restoreTag(
  tag: string,
  digest: Digest,
  client: Pick<RepositoryClient, 'manifest' | 'head' | 'putManifest'>,
): Promise<void> {
  const isFree = async (): Promise<boolean> => (await client.head(tag)) === undefined
  if (!(await isFree())) return
  const manifest = await client.manifest(digest)
  if (manifest !== undefined) await client.putManifest(tag, manifest, isFree)
}
