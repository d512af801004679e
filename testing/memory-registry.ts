import type {Http} from '../src/io/http.ts'
import type {Digest} from '../src/oci/digest.ts'
import type {Loopback} from './loopback.ts'
import {makeImage, storeImage, type ImageContent, type MadeImage} from './memory-registry/images.ts'
import {httpOver, type Client, type Line} from './memory-registry/line.ts'
import {serve} from './memory-registry/serve.ts'
import {emptyStore, snapshotOf, tagsIn} from './memory-registry/store.ts'
import {tokenDesk} from './memory-registry/token-desk.ts'
import type {
  MemoryRegistryOptions,
  RecordedRequest,
  RepositorySnapshot,
  StoredManifest,
  TagMove,
} from './memory-registry/types.ts'

export {makeImage, makeReferrer, type ImageContent, type MadeImage} from './memory-registry/images.ts'
export type {Client} from './memory-registry/line.ts'
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
 * A registry in memory that speaks the OCI distribution API 1.1
 * (https://github.com/opencontainers/distribution-spec/blob/main/spec.md), its token server and the storage that its
 * blobs may lie in. Each request has its effect at one moment, between two turns of the event loop.
 */
export interface MemoryRegistry {
  /** As image references begin. */
  readonly host: string
  /** Every host that this registry answers for: its own, its token server's, its storage's. */
  readonly hosts: readonly string[]
  readonly line: Line
  /** The network of one client, with this registry alone in it; its name is in `requests` and `moves`. */
  http(client?: Partial<Client>): Http
  /** In the order of their arrival; those to the token server and to the storage are among them. */
  readonly requests: readonly RecordedRequest[]
  /** The most requests that were under way at the same time. */
  readonly mostAtOnce: () => number
  /** Every write of a tag, in order; those of `putImage` are by `test`. */
  readonly moves: readonly TagMove[]
  /** Digests by tag, in order of names. */
  tagsOf(repository: string): Readonly<Record<string, Digest>>
  /** Everything that is stored, by repository. */
  snapshot(): Readonly<Record<string, RepositorySnapshot>>
  manifest(repository: string, digest: Digest): StoredManifest | undefined
  blob(repository: string, digest: Digest): Buffer | undefined
  /** Makes an image and stores it, without a request. */
  putImage(
    repository: string,
    content?: ImageContent & {readonly tag?: string; readonly tags?: readonly string[]},
  ): MadeImage
  /** Stores an image that is made already, without a request. */
  store(repository: string, image: MadeImage, tags?: readonly string[]): void
  /** Serves the same content on a socket of this machine as well. */
  serve(): Promise<Loopback>
}

export function memoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const {host = 'registry.example', auth, blobOrigin} = options
  const store = emptyStore()
  const desk = auth?.kind === 'bearer' ? tokenDesk(host, auth) : undefined
  const line: Line = {core: {options, store, desk}, traffic: {requests: [], running: 0, mostAtOnce: 0}}
  const others = [desk?.host, blobOrigin === undefined ? undefined : new URL(blobOrigin).host]
  const hosts = [host, ...others.filter((one) => one !== undefined)]
  const put = (repository: string, image: MadeImage, tags: readonly string[] = []): void => {
    storeImage(store, repository, image, tags)
  }
  return {
    host,
    hosts,
    line,
    http: (client = {}) => httpOver((name) => (hosts.includes(name) ? line : undefined), {name: 'client', ...client}),
    requests: line.traffic.requests,
    mostAtOnce: () => line.traffic.mostAtOnce,
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
    serve: async () => serve(line),
  }
}

/** A network of several registries, as one client sees it. */
export function memoryNetwork(registries: readonly MemoryRegistry[], client: Partial<Client> = {}): Http {
  const find = (host: string): Line | undefined => registries.find(({hosts}) => hosts.includes(host))?.line
  return httpOver(find, {name: 'client', ...client})
}
