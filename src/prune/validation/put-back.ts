import {TagboatError} from '../../errors/error.ts'
import {isDigest} from '../../oci/digest.ts'
import type {ManifestContent} from '../../oci/manifest.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {parseStoredManifest} from '../../retention/parse-manifest.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import type {ImageStore} from '../image-store.ts'
import type {ManifestMemory} from './manifest-memory.ts'
import type {RepositoryView} from './repository-view.ts'

/** Repository in which something is missing, and what is known of it. */
export interface DamagedRepository {
  readonly store: Pick<ImageStore, 'list' | 'restore'>
  readonly client: RepositoryClient
  readonly content: RepositoryContent
  readonly memory: ManifestMemory
  readonly view: RepositoryView
}

/**
 * Makes a manifest exist again, after its parts: the registry restores it, or it is pushed as it was read. Its blobs exist
 * until the registry collects garbage. Reports whether it exists.
 */
export async function putBackManifest(damaged: DamagedRepository, digest: string): Promise<boolean> {
  const {store, client, content, memory, view} = damaged
  if (await view.exists(digest)) return true
  const id = content.ids.get(digest)
  if (id !== undefined && (await isAccepted(async () => (await store.restore?.({digest, tags: [], id})) === true))) {
    view.add(digest)
    return true
  }
  const remembered = memory.get(digest)
  if (remembered === undefined) return false
  for (const child of parseStoredManifest(remembered)?.children ?? []) await putBackManifest(damaged, child)
  return isAccepted(async () => {
    await client.putManifest(digest, remembered)
    view.add(digest)
    return true
  })
}

/** Points a tag to an existing manifest again, if it still does not exist. Reports whether it exists. */
export async function putBackTag(damaged: DamagedRepository, tag: string, digest: string): Promise<boolean> {
  if (!(await putBackManifest(damaged, digest))) return false
  const {client} = damaged
  const manifest = await contentOf(damaged, digest)
  if (manifest === undefined) return false
  return isAccepted(async () => {
    await client.putManifest(tag, manifest, async () => (await client.head(tag)) === undefined)
    return true
  })
}

async function contentOf({client, memory}: DamagedRepository, digest: string): Promise<ManifestContent | undefined> {
  return memory.get(digest) ?? (isDigest(digest) ? client.manifest(digest) : undefined)
}

/** Result of a change; false if the registry refuses it, as it refuses a manifest without its blobs. */
async function isAccepted(change: () => Promise<boolean>): Promise<boolean> {
  try {
    return await change()
  } catch (error) {
    if (error instanceof TagboatError && error.code !== 'cancelled') return false
    throw error
  }
}
