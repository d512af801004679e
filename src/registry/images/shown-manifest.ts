import {TagboatError} from '../../errors/error.ts'
import type {Digest} from '../../oci/digest.ts'
import {formatRepository} from '../../oci/reference.ts'
import type {RepositoryClient} from '../repository-client.ts'
import type {ManifestContent} from '../../oci/manifest.ts'

/** Waits for a time in ms. Rejects if the run is cancelled. */
export type Sleep = (ms: number) => Promise<void>

/** Delays between reads: registries with several nodes may show a manifest some seconds after its push. */
const waitsMs = [200, 400, 800, 1600, 2000]

/** Reads a manifest that was pushed, with retries. Undefined if the registry does not show it. */
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
 * Reads the manifest that a builder has pushed.
 * @throws TagboatError `publish-unverified` without a digest, `digest-hidden` if the registry does not show it.
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
    message: `${client.repository.host} accepted an image by its digest, but does not serve it.`,
    evidence: [`${name} does not have ${digest}, which Buildx has pushed`],
  })
}
