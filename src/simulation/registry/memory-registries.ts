import {formatRepository, formatTagRef, type Repository} from '../../oci/reference.ts'
import type {Digest} from '../../oci/digest.ts'
import type {RegistryClients, RepositoryClient} from '../../registry/repository-client.ts'
import {cannotSimulate} from '../not-simulated.ts'
import type {InventedDigests} from './invented-digests.ts'
import {imagesOf, type DescribingRun} from './memory-images.ts'
import type {RegistryContents} from './registry-contents.ts'

/** Registries in memory. */
interface MemoryRegistries extends RegistryClients {
  /** Digests that are made up, of the repositories that were opened. */
  readonly invented: InventedDigests
  /** Tags whose image counts as that of the commit of the run, since no commit is given for it. */
  readonly assumed: ReadonlySet<string>
  /** Digests of images about which nothing is given. */
  readonly nameless: ReadonlySet<Digest>
}

/** Clients of registries in memory. They can only be read. */
export function memoryRegistries(contents: RegistryContents, run: DescribingRun): MemoryRegistries {
  const clients = new Map<string, RepositoryClient>()
  const invented = new Map<Digest, string>()
  const assumed = new Set<string>()
  const nameless = new Set<Digest>()
  return {
    invented,
    assumed,
    nameless,
    repository: (repository) => {
      const name = formatRepository(repository)
      const opened = clients.get(name)
      if (opened !== undefined) return opened
      const images = imagesOf(contents, repository, run)
      for (const [tag, {digest, known, isAssumed, isNameless}] of images) {
        if (known !== undefined) invented.set(digest, known)
        if (isAssumed) assumed.add(formatTagRef({repository, tag}))
        if (isNameless) nameless.add(digest)
      }
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
