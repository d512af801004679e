import {isDigest} from '../../oci/digest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {unexpected} from './github-api.ts'
import type {DoomedVersion} from './delete-version.ts'
import type {PackageVersions} from './package-versions.ts'

/**
 * Restores a deleted version, and its tags where the restore did not: a tag that points to another image meanwhile stays
 * there. Reports whether the version and its tags exist again. GitHub restores within 30 days
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
  if (tags.length === 0 || !isDigest(digest)) return true
  const manifest = await client.manifest(digest)
  if (manifest === undefined) return false
  for (const tag of tags) await client.putManifest(tag, manifest, async () => (await client.head(tag)) === undefined)
  return true
}

const refusals: ReadonlySet<number> = new Set([400, 403, 404, 409, 422])
