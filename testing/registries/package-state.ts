import {field, parseJson} from '../../src/oci/manifest.ts'

/** Version of a container package, and what GitHub knows about it beside its content. */
export interface StoredVersion {
  readonly id: number
  readonly digest: string
  readonly mediaType: string
  readonly bytes: Buffer
  readonly tags: Set<string>
  createdAt: Date
  updatedAt: Date
  deletedAt: Date | undefined
  /** Number of times that the manifest was read. */
  downloads: number
}

/** Pushed manifest, and the tag under which it was pushed. */
export interface PushedManifest extends Pick<StoredVersion, 'digest' | 'mediaType' | 'bytes'> {
  readonly tag: string | undefined
}

/** Versions of one package. Each digest has at most one that is not deleted. */
export class PackageState {
  readonly #versions: StoredVersion[] = []
  readonly #nextId: () => number
  /** Versions as a list showed them before the last change, while a client still sees that list. */
  #stale: readonly StoredVersion[] | undefined
  readonly #showsStale: boolean

  /** `showsStale`: the first list, or read of a version, after a change shows the state before it. */
  constructor(nextId: () => number, showsStale: boolean) {
    this.#nextId = nextId
    this.#showsStale = showsStale
  }

  /** Active versions, newest first. */
  active(): readonly StoredVersion[] {
    return this.#newestFirst(({deletedAt}) => deletedAt === undefined)
  }

  deleted(): readonly StoredVersion[] {
    return this.#newestFirst(({deletedAt}) => deletedAt !== undefined)
  }

  /** Active versions for one request, which can be those before the last change. */
  shown(): readonly StoredVersion[] {
    const stale = this.#stale
    this.#stale = undefined
    return stale ?? this.active()
  }

  find(id: number): StoredVersion | undefined {
    return this.#versions.find((version) => version.id === id)
  }

  byDigest(digest: string): StoredVersion | undefined {
    return this.#versions.find((version) => version.digest === digest && version.deletedAt === undefined)
  }

  /** Records a push. A tag moves to the pushed version. */
  push({tag, digest, mediaType, bytes}: PushedManifest, now: Date): void {
    this.#beforeChange()
    const times = {createdAt: now, updatedAt: now, deletedAt: undefined, downloads: 0}
    const version = this.byDigest(digest) ?? {id: this.#nextId(), digest, mediaType, bytes, tags: new Set(), ...times}
    if (!this.#versions.includes(version)) this.#versions.push(version)
    if (tag === undefined || version.tags.has(tag)) return
    for (const other of this.active()) other.tags.delete(tag)
    version.tags.add(tag)
    version.updatedAt = now
  }

  /** Marks a version as deleted. It keeps the names of its tags. */
  delete(version: StoredVersion, now: Date): void {
    this.#beforeChange()
    version.deletedAt = now
  }

  restore(version: StoredVersion, now: Date): void {
    this.#beforeChange()
    version.deletedAt = undefined
    version.updatedAt = now
  }

  /** Active children of an index without a tag that no other active index lists. */
  ownChildren(index: StoredVersion): readonly StoredVersion[] {
    const others = this.active().filter((version) => version !== index)
    const needed = new Set(others.flatMap((version) => childrenOf(version.bytes)))
    return childrenOf(index.bytes)
      .filter((digest) => !needed.has(digest))
      .flatMap((digest) => this.byDigest(digest) ?? [])
      .filter(({tags}) => tags.size === 0)
  }

  #beforeChange(): void {
    if (this.#showsStale) this.#stale = this.active().map((version) => ({...version, tags: new Set(version.tags)}))
  }

  #newestFirst(isListed: (version: StoredVersion) => boolean): readonly StoredVersion[] {
    return this.#versions
      .filter(isListed)
      .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id)
  }
}

/** Digests in `manifests` of an index. */
export function childrenOf(bytes: Uint8Array): readonly string[] {
  const entries = field(parseJson(bytes), 'manifests')
  if (!Array.isArray(entries)) return []
  return entries.map((entry) => field(entry, 'digest')).filter((digest) => typeof digest === 'string')
}
