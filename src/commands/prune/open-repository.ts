import type {Repository} from '../../oci/reference.ts'
import {readContent} from '../../prune/content/read-content.ts'
import type {ImageStore} from '../../prune/image-store.ts'
import {ManifestMemory, remembering} from '../../prune/validation/manifest-memory.ts'
import {openStore} from '../../prune/open-store.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import {needsConfiguration} from '../../retention/needs-configuration.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import type {RunResources} from './store-resources.ts'

/** Repository with its content, and what deletes and restores images in it. */
export interface OpenRepository {
  readonly store: ImageStore
  readonly client: RepositoryClient
  readonly content: RepositoryContent
  /** Manifests as they were read. */
  readonly memory: ManifestMemory
  /** Returns a client that the cancellation of the run does not end, for a fixed time. */
  readonly undoClient: () => RepositoryClient
}

interface ReadingOptions {
  readonly now: Date
  /** Called after each manifest that was read. */
  readonly onManifest: () => void
}

/** Lists and reads a repository. Sends no request that changes anything. @throws TagboatError if the list is not complete. */
export async function openRepository(
  repository: Repository,
  resources: RunResources,
  {now, onManifest}: ReadingOptions,
): Promise<OpenRepository> {
  const {clients} = resources
  const memory = new ManifestMemory()
  const client = remembering(clients.repository(repository), memory)
  const store = await openStore(repository, {...resources, clients: {...clients, repository: () => client}})
  const listing = await store.list()
  const content = await readContent({
    repository,
    listing,
    client: clients.host(repository.host),
    needsConfiguration: (known, digest) => needsConfiguration(known, digest, now),
    onManifest: (manifest) => {
      memory.remember(manifest)
      onManifest()
    },
  })
  return {store, client, content, memory, undoClient: () => resources.undoClients().repository(repository)}
}
