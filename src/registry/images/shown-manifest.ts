import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {RepositoryClient} from '../repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'

/** Rejects when the run is cancelled. */
export type Sleep = (ms: number) => Promise<void>

/** Registries of several nodes show a manifest up to some seconds after they took it. */
const waitsMs = [200, 400, 800, 1600, 2000]

/** What was pushed under this digest. Undefined: the registry does not show it, now or a little later. */
export async function awaitManifest(
  client: RepositoryClient,
  digest: Digest,
  sleep: Sleep,
): Promise<ManifestContent | undefined> {
  for (const wait of waitsMs) {
    const content = await client.manifest(digest)
    if (content !== undefined) return content
    await sleep(wait)
  }
  return client.manifest(digest)
}

/**
 * What a builder says that it has pushed.
 * @throws TagboatError `publish-unverified` when it says nothing, `digest-hidden` when the registry does not show it.
 */
export async function pushedManifest(
  client: RepositoryClient,
  digest: Digest | undefined,
  sleep: Sleep,
): Promise<ManifestContent> {
  if (digest === undefined) throw new TagboatError('publish-unverified', {evidence: ['Buildx reported no digest']})
  const content = await awaitManifest(client, digest, sleep)
  if (content !== undefined) return content
  const name = formatRepository(client.repository)
  throw new TagboatError('digest-hidden', {
    message: `${client.repository.host} took an image by its digest, and does not show it.`,
    evidence: [`${name} does not hold ${digest}, which Buildx has pushed`],
  })
}
