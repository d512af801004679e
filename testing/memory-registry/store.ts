import {digestOf, type Digest} from '../../src/oci/digest.ts'
import type {RepositorySnapshot, StoredManifest, TagMove} from './types.ts'

export interface RepositoryStore {
  readonly manifests: Map<Digest, StoredManifest>
  readonly tags: Map<string, Digest>
  readonly blobs: Map<Digest, Buffer>
  /** Whether the repository has ever had a tag. Its tags can be listed from then on, even if all are deleted. */
  wasTagged: boolean
}

export interface Upload {
  readonly repository: string
  bytes: Buffer
  /** Whether a chunk was below the minimum, which only the last one may be. */
  hadSmallChunk: boolean
}

/** Content of a registry. */
export interface Store {
  readonly repositories: Map<string, RepositoryStore>
  readonly uploads: Map<string, Upload>
  readonly moves: TagMove[]
  uploadCount: number
}

export function emptyStore(): Store {
  return {repositories: new Map(), uploads: new Map(), moves: [], uploadCount: 0}
}

/** Returns a repository. Creates it if necessary. */
export function repositoryIn(store: Store, name: string): RepositoryStore {
  const found = store.repositories.get(name)
  if (found !== undefined) return found
  const named = {manifests: new Map(), tags: new Map(), blobs: new Map(), wasTagged: false}
  store.repositories.set(name, named)
  return named
}

export function storeBlob(store: Store, repository: string, bytes: Buffer): Digest {
  const digest = digestOf(bytes)
  repositoryIn(store, repository).blobs.set(digest, bytes)
  return digest
}

export function storeManifest(store: Store, repository: string, manifest: StoredManifest): Digest {
  const digest = digestOf(manifest.bytes)
  repositoryIn(store, repository).manifests.set(digest, manifest)
  return digest
}

/** Writes a tag, or deletes it if `to` is undefined. */
export function moveTag(store: Store, {client, repository, tag, to}: Omit<TagMove, 'from'>): void {
  const {tags, ...rest} = repositoryIn(store, repository)
  const from = tags.get(tag)
  if (to === undefined) tags.delete(tag)
  else tags.set(tag, to)
  if (!rest.wasTagged) repositoryIn(store, repository).wasTagged = true
  store.moves.push({client, repository, tag, from, to})
}

export function snapshotOf(store: Store): Readonly<Record<string, RepositorySnapshot>> {
  const entries = [...store.repositories].map(([name, {tags, manifests, blobs}]): [string, RepositorySnapshot] => [
    name,
    {tags: tagsIn(tags), manifests: [...manifests.keys()].sort(), blobs: [...blobs.keys()].sort()},
  ])
  return Object.fromEntries(entries.sort(([a], [b]) => compare(a, b)))
}

export function tagsIn(tags: ReadonlyMap<string, Digest>): Readonly<Record<string, Digest>> {
  return Object.fromEntries([...tags].sort(([a], [b]) => compare(a, b)))
}

/** Compares strings by bytes, as Go does. */
export function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
