import type {Digest} from '../../oci/digest.ts'
import type {Descriptor, ManifestContent} from '../../oci/manifest.ts'
import {blobsOf} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {blobsAtOnce, sendBlob, sendManifests} from '../../registry/images/send.ts'
import type {Layout} from './read-layout.ts'

/**
 * Pushes an image from a directory to all repositories at the same time, by digest: nothing is tagged, and what is there
 * already is not sent again. A blob is uploaded once for each registry, and mounted in its other repositories.
 * @throws TagboatError of the registry client.
 */
export async function pushLayout(layout: Layout, repositories: readonly RepositoryClient[]): Promise<ManifestContent> {
  const registries = Map.groupBy(repositories, ({repository}) => repository.host)
  const results = await Promise.allSettled([...registries.values()].map(async (clients) => pushTo(clients, layout)))
  const failure = results.find(({status}) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
  return layout.tree.top
}

/**
 * A top manifest that is there saves everything else. That is safe: its digest stands for the digests of all that it
 * needs, whoever pushes puts it last, and registries refuse a manifest whose content is not there
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests, MANIFEST_BLOB_UNKNOWN) and
 * keep the content of what they hold. It is seldom there, so the first layers are asked for in the same round trip. The
 * other blobs are then as new as the manifest, and small: to ask for them would take as long as to send them.
 */
async function pushTo(clients: readonly RepositoryClient[], {tree, openBlob}: Layout): Promise<void> {
  const blobs = blobsOf(tree, tree.levels.flat())
  const [heads, early] = await Promise.all([
    Promise.all(clients.map(async (client) => client.head(tree.top.digest))),
    lookEarly(clients[0], blobs.filter(isLayer)),
  ])
  const lacking = clients.filter((_, index) => heads[index] === undefined)
  const [first, ...others] = lacking
  if (first === undefined) return
  const whole = clients.find((_, index) => heads[index] !== undefined)
  await forEachBounded(blobs, blobsAtOnce, async (blob) => {
    const isThere = isLayer(blob) ? early.get(blob.digest) : false
    if (isThere === undefined || whole !== undefined) await sendBlob(blob, first, openBlob, whole?.repository)
    else if (!isThere) await first.uploadBlob(blob, () => openBlob(blob))
    await Promise.all(others.map(async (other) => sendBlob(blob, other, openBlob, first.repository)))
  })
  await Promise.all(lacking.map(async (client) => sendManifests(tree.levels, client)))
}

/** Part of a file system; configurations and attestations are not. */
function isLayer({mediaType}: Descriptor): boolean {
  return /\b(?:layer|rootfs)\b/.test(mediaType)
}

/** As many as are sent at once, the manifest included; the others are asked for when it is their turn. */
async function lookEarly(
  client: RepositoryClient | undefined,
  layers: readonly Descriptor[],
): Promise<ReadonlyMap<Digest, boolean>> {
  if (client === undefined) return new Map()
  const asked = layers.slice(0, blobsAtOnce - 1)
  return new Map(await Promise.all(asked.map(async (blob) => [blob.digest, await client.hasBlob(blob)] as const)))
}
