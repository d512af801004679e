import type {Http} from '../src/io/http.ts'
import type {Digest} from '../src/oci/digest.ts'
import type {Loopback} from './loopback.ts'
import {makeImage, storeImage, type ImageContent, type TestImage} from './memory-registry/images.ts'
import {httpOver, type Client, type Endpoint} from './memory-registry/endpoint.ts'
import {serve} from './memory-registry/serve.ts'
import {emptyStore, snapshotOf, tagsIn} from './memory-registry/store.ts'
import {tokenService} from './memory-registry/token-service.ts'
import type {
  MemoryRegistryOptions,
  RecordedRequest,
  RepositorySnapshot,
  StoredManifest,
  TagMove,
} from './memory-registry/types.ts'

export {makeImage, makeReferrer, type ImageContent, type TestImage} from './memory-registry/images.ts'
export type {Client} from './memory-registry/endpoint.ts'
export type {
  Action,
  Fault,
  MemoryRegistryOptions,
  RecordedRequest,
  RegistryAuth,
  RepositorySnapshot,
  TagMove,
} from './memory-registry/types.ts'

/**
 * Registry in memory with the OCI distribution API 1.1
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md), its token server and the storage of its blobs.
 * Requests are atomic: each has its effect within one turn of the event loop.
 */
export interface MemoryRegistry {
  /** Registry part of image references. */
  readonly host: string
  /** Hosts of the registry, of its token server and of its storage. */
  readonly hosts: readonly string[]
  readonly endpoint: Endpoint
  /** Network of one client that contains only this registry; its name is in `requests` and `moves`. */
  http(client?: Partial<Client>): Http
  /** Requests in order of arrival, including those to the token server and to the storage. */
  readonly requests: readonly RecordedRequest[]
  /** Maximum number of concurrent requests. */
  readonly maxConcurrent: () => number
  /** Writes of tags, in order. The client of `putImage` is `test`. */
  readonly moves: readonly TagMove[]
  /** Digests by tag, sorted by tag. */
  tagsOf(repository: string): Readonly<Record<string, Digest>>
  /** Contents of the repositories. */
  snapshot(): Readonly<Record<string, RepositorySnapshot>>
  manifest(repository: string, digest: Digest): StoredManifest | undefined
  blob(repository: string, digest: Digest): Buffer | undefined
  /** Creates an image and stores it, without a request. */
  putImage(
    repository: string,
    content?: ImageContent & {readonly tag?: string; readonly tags?: readonly string[]},
  ): TestImage
  /** Stores an image, without a request. */
  store(repository: string, image: TestImage, tags?: readonly string[]): void
  /** Serves the registry on a loopback address, too. */
  serve(): Promise<Loopback>
}

export function memoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const {host = 'registry.example', auth, blobOrigin} = options
  const store = emptyStore()
  const tokens = auth?.kind === 'bearer' ? tokenService(host, auth) : undefined
  const endpoint: Endpoint = {core: {options, store, tokens}, traffic: {requests: [], running: 0, maxConcurrent: 0}}
  const others = [tokens?.host, blobOrigin === undefined ? undefined : new URL(blobOrigin).host]
  const hosts = [host, ...others.filter((one) => one !== undefined)]
  const put = (repository: string, image: TestImage, tags: readonly string[] = []): void => {
    storeImage(store, repository, image, tags)
  }
  return {
    host,
    hosts,
    endpoint,
    http: (client = {}) =>
      httpOver((name) => (hosts.includes(name) ? endpoint : undefined), {name: 'client', ...client}),
    requests: endpoint.traffic.requests,
    maxConcurrent: () => endpoint.traffic.maxConcurrent,
    moves: store.moves,
    tagsOf: (repository) => tagsIn(store.repositories.get(repository)?.tags ?? new Map()),
    snapshot: () => snapshotOf(store),
    manifest: (repository, digest) => store.repositories.get(repository)?.manifests.get(digest),
    blob: (repository, digest) => store.repositories.get(repository)?.blobs.get(digest),
    putImage(repository, content = {}) {
      const image = makeImage(content)
      put(repository, image, [...(content.tag === undefined ? [] : [content.tag]), ...(content.tags ?? [])])
      return image
    },
    store: put,
    serve: async () => serve(endpoint),
  }
}

/** Network of one client with several registries. */
export function memoryNetwork(registries: readonly MemoryRegistry[], client: Partial<Client> = {}): Http {
  const find = (host: string): Endpoint | undefined => registries.find(({hosts}) => hosts.includes(host))?.endpoint
  return httpOver(find, {name: 'client', ...client})
}
