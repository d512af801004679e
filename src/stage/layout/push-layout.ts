import type {Attached} from '../../oci/attestations.ts'
import type {Digest} from '../../oci/digest.ts'
import {isLayer, type Descriptor, type ManifestContent} from '../../oci/manifest.ts'
import {blobsOf, type ImageTree} from '../../registry/images/image-tree.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {requireFirstPush} from '../../registry/upload/first-push.ts'
import {blobsAtOnce, sendBlob, sendManifests, type OpenBlob} from '../../registry/images/send.ts'

/** Image that a builder has built, and its content. */
export interface ImageSource {
  readonly tree: ImageTree
  readonly openBlob: OpenBlob
  /** Referrers of its manifests, which are not in the tree. */
  readonly attached?: readonly Attached[]
  /** Whether the build has just made its documents, so that no registry has them. */
  readonly isNew?: boolean
}

/**
 * Pushes an image by digest from its source to all repositories concurrently, without tags. Existing content is not
 * sent again. A blob is uploaded once per registry and mounted in the other repositories.
 * @throws TagboatError of the registry client.
 */
export async function pushLayout(
  layout: ImageSource,
  repositories: readonly RepositoryClient[],
): Promise<ManifestContent> {
  const {cancelled} = await requireFirstPush(repositories)
  const registries = Map.groupBy(repositories, ({repository}) => repository.host)
  const results = await Promise.allSettled([...registries.values()].map(async (clients) => pushTo(clients, layout)))
  await cancelled
  const failure = results.find(({status}) => status === 'rejected')
  if (failure?.status === 'rejected') throw failure.reason
  return layout.tree.top
}

/**
 * Pushes an image to the repositories of one registry. If a repository has the top manifest, it has the whole image:
 * the digest covers all content, clients push the top manifest last, and registries reject a manifest whose content is
 * missing (https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests,
 * MANIFEST_BLOB_UNKNOWN). The manifest rarely exists, so the first layers are checked in the same round trip. The other
 * blobs are small and as new as the manifest: a check would take as long as the upload. Those of a new image are sent at
 * the same time.
 */
async function pushTo(clients: readonly RepositoryClient[], image: ImageSource): Promise<void> {
  const {tree, openBlob, isNew} = image
  const blobs = blobsOf(tree, tree.levels.flat())
  const early = isNew === true && clients.length === 1 ? blobs.filter((blob) => !isLayer(blob)) : []
  const [documents, others] = await Promise.allSettled([
    forEachBounded(early, blobsAtOnce, async (blob) => clients[0]?.uploadBlob(blob, () => openBlob(blob))),
    pushBlobs(clients, image, early.length === 0 ? blobs : blobs.filter(isLayer)),
  ])
  if (others.status === 'rejected') throw others.reason
  if (documents.status === 'rejected') throw documents.reason
  await Promise.all(others.value.map(async (client) => sendManifests(tree.levels, client)))
}

/** Pushes what is missing of these blobs. Returns the repositories without the top manifest. */
async function pushBlobs(
  clients: readonly RepositoryClient[],
  {tree, openBlob}: ImageSource,
  blobs: readonly Descriptor[],
): Promise<readonly RepositoryClient[]> {
  const [heads, existing] = await Promise.all([
    Promise.all(clients.map(async (client) => client.head(tree.top.digest))),
    checkLayers(clients[0], blobs.filter(isLayer)),
  ])
  const incomplete = clients.filter((_, index) => heads[index] === undefined)
  const [first, ...others] = incomplete
  if (first === undefined) return []
  const complete = clients.find((_, index) => heads[index] !== undefined)
  first.expectBlobs(blobs.filter(({digest}) => existing.get(digest) !== true))
  await forEachBounded(blobs, blobsAtOnce, async (blob) => {
    const exists = isLayer(blob) ? existing.get(blob.digest) : false
    if (exists === undefined || complete !== undefined) await sendBlob(blob, first, openBlob, complete?.repository)
    else if (!exists) await first.uploadBlob(blob, () => openBlob(blob))
    await Promise.all(others.map(async (other) => sendBlob(blob, other, openBlob, first.repository)))
  })
  return incomplete
}

/**
 * Checks whether the first layers exist: with the check of the manifest, as many requests as are sent concurrently.
 * The others are checked before their upload.
 */
async function checkLayers(
  client: RepositoryClient | undefined,
  layers: readonly Descriptor[],
): Promise<ReadonlyMap<Digest, boolean>> {
  if (client === undefined) return new Map()
  const first = layers.slice(0, blobsAtOnce - 1)
  return new Map(await Promise.all(first.map(async (blob) => [blob.digest, await client.hasBlob(blob)] as const)))
}
