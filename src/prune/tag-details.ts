import {algorithmOf} from '../oci/digest.ts'
import type {Listing} from '../retention/repository-content.ts'

type TagListing = Extract<Listing, {readonly kind: 'tags'}>

/** Facts that the web API of a registry states for its tags. */
export class TagDetails {
  readonly #taggedAt = new Map<string, Date>()
  readonly #digests = new Map<string, string>()

  /** Number of tags with a time. */
  get size(): number {
    return this.#taggedAt.size
  }

  /** Adds a tag, as far as its facts have the expected form. */
  add(name: unknown, {time, digest}: {readonly time: Date | undefined; readonly digest: unknown}): void {
    if (typeof name !== 'string') return
    if (time !== undefined) this.#taggedAt.set(name, time)
    if (typeof digest === 'string' && algorithmOf(digest) !== undefined) this.#digests.set(name, digest)
  }

  /** List of the tags that the registry names, with these facts. */
  listing(tags: readonly string[]): TagListing {
    return {kind: 'tags', tags, taggedAt: this.#taggedAt, digests: this.#digests}
  }
}
