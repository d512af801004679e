import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {Digest} from '../../oci/digest.ts'
import type {RegistryClients, RepositoryClient} from '../../registry/repository-client.ts'
import {cannotSimulate} from '../not-simulated.ts'
import type {InventedDigests} from './invented-digests.ts'
import {imagesOf} from './memory-images.ts'
import type {RegistryContents} from './registry-contents.ts'

/** Registries in memory. */
interface MemoryRegistries extends RegistryClients {
  /** Digests that are made up, of the repositories that were opened. */
  readonly invented: InventedDigests
}

/** Clients of registries in memory. They can only be read. `sha` is the commit of the run. */
export function memoryRegistries(contents: RegistryContents, sha: string): MemoryRegistries {
  const clients = new Map<string, RepositoryClient>()
  const invented = new Map<Digest, string>()
  return {
    invented,
    repository: (repository) => {
      const name = formatRepository(repository)
      const opened = clients.get(name)
      if (opened !== undefined) return opened
      const images = imagesOf(contents, repository, sha)
      for (const {digest, known} of images.values()) if (known !== undefined) invented.set(digest, known)
      const client = memoryRepository(repository, images)
      clients.set(name, client)
      return client
    },
    scheme: async () => Promise.resolve(undefined),
    [Symbol.dispose]: () => undefined,
  }
}

function memoryRepository(repository: Repository, images: ReturnType<typeof imagesOf>): RepositoryClient {
  const byReference = new Map([...images].flatMap(([tag, image]) => [[tag, image] as const, [image.digest, image]]))
  const refuse = async (): Promise<never> => Promise.reject(cannotSimulate('it changes a registry'))
  return {
    repository,
    tags: async () => Promise.resolve([...images.keys()]),
    manifest: async (reference) => Promise.resolve(byReference.get(reference)),
    head: async (reference) => {
      const image = byReference.get(reference)
      return Promise.resolve(image && {...image, sizeBytes: image.bytes.byteLength})
    },
    checkPush: refuse,
    putManifest: refuse,
    deleteManifest: refuse,
    expectBlobs: () => undefined,
    hasBlob: async () => Promise.resolve(false),
    readBlob: () => {
      throw cannotSimulate('it reads a blob')
    },
    mountBlob: refuse,
    beginUploads: () => undefined,
    endUploads: async () => Promise.resolve(),
    uploadBlob: refuse,
    referrers: async () => Promise.resolve([]),
    hasAcceptedReferrers: () => false,
  }
}
