import type {Digest} from '../src/oci/digest.ts'
import {openOci} from '../src/prune/oci/oci-store.ts'
import type {DoomedImage, ImageStore} from '../src/prune/image-store.ts'
import type {RegistryOptions} from '../src/registry/client.ts'
import {memoryRegistry, type MemoryRegistry, type MemoryRegistryOptions, type TestImage} from './memory-registry.ts'
import {testClients, type TestClients} from './registry-client.ts'

/** Path of the repository of a store in tests. */
export const storePath = 'acme/app'

/** Registry in memory, and a store of one of its repositories. */
export interface OciScene {
  readonly registry: MemoryRegistry
  readonly clients: TestClients
  readonly store: ImageStore
  /** Stores an image with tags. Returns it as an image to delete. */
  readonly put: (text: string, ...tags: readonly string[]) => DoomedImage & TestImage
  /** Moves a tag to an image. */
  readonly move: (image: TestImage, tag: string) => void
  readonly tags: () => Readonly<Record<string, Digest>>
  readonly has: (digest: string) => boolean
  /** Requests that change the registry: `DELETE pr-12`. */
  readonly changes: () => readonly string[]
}

export function ociScene(
  registryOptions: MemoryRegistryOptions = {},
  options: Partial<RegistryOptions> = {},
  registry = memoryRegistry(registryOptions),
): OciScene {
  const clients = testClients(registry.http(), options)
  const repository = {host: registry.host, path: storePath}
  return {
    registry,
    clients,
    store: openOci(repository, {clients}),
    put: (text, ...tags) => ({...registry.putImage(storePath, {text, tags}), tags}),
    move: (image, tag) => {
      registry.store(storePath, image, [tag])
    },
    tags: () => registry.tagsOf(storePath),
    has: (digest) => registry.snapshot()[storePath]?.manifests.some((one) => one === digest) === true,
    changes: () => changesIn(registry),
  }
}

/** Requests that change manifests: `PUT pr-12`. Digests have seven digits. */
export function changesIn({requests}: MemoryRegistry): readonly string[] {
  return requests
    .filter(({method}) => method === 'PUT' || method === 'DELETE')
    .map(({method, path}) => `${method} ${path.replace(/^.*\/manifests\//, '').replace(/^(sha256:\w{7})\w+$/, '$1')}`)
}
