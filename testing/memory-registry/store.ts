import {digestOf, type Digest} from '../../src/oci/digest.ts'
import type {RepositorySnapshot, StoredManifest, TagMove} from './types.ts'

export interface RepositoryStore {
  readonly manifests: Map<Digest, StoredManifest>
  readonly tags: Map<string, Digest>
  readonly blobs: Map<Digest, Buffer>
  /** A repository is listed from its first tag on, and stays so when its tags are deleted. */
  wasTagged: boolean
}

export interface Upload {
  readonly repository: string
  bytes: Buffer
  /** A chunk below the minimum can be the last one alone. */
  hadSmallChunk: boolean
}

/** All that a registry keeps. */
export interface Store {
  readonly repositories: Map<string, RepositoryStore>
  readonly uploads: Map<string, Upload>
  readonly moves: TagMove[]
  uploadCount: number
}

export function emptyStore(): Store {
  return {repositories: new Map(), uploads: new Map(), moves: [], uploadCount: 0}
}

/** Made when it is written to for the first time. */
export function repositoryIn(store: Store, name: string): RepositoryStore {
  const found = store.repositories.get(name)
  if (found !== undefined) return found
  const made = {manifests: new Map(), tags: new Map(), blobs: new Map(), wasTagged: false}
  store.repositories.set(name, made)
  return made
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

/** `to` undefined deletes the tag. */
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

/** By bytes, as Go sorts strings: an order of a language is none of a registry's. */
export function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
