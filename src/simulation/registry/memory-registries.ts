import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {RegistryClients, RepositoryClient} from '../../registry/repository-client.ts'
import {cannotSimulate} from '../not-simulated.ts'
import {imagesOf} from './memory-images.ts'
import type {RegistryContents} from './registry-contents.ts'

/** Clients of registries in memory. They can only be read. `sha` is the commit of the run. */
export function memoryRegistries(contents: RegistryContents, sha: string): RegistryClients {
  const clients = new Map<string, RepositoryClient>()
  return {
    repository: (repository) => {
      const name = formatRepository(repository)
      const client = clients.get(name) ?? memoryRepository(repository, contents, sha)
      clients.set(name, client)
      return client
    },
    scheme: async () => Promise.resolve(undefined),
    [Symbol.dispose]: () => undefined,
  }
}

function memoryRepository(repository: Repository, contents: RegistryContents, sha: string): RepositoryClient {
  const images = imagesOf(contents, repository, sha)
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
