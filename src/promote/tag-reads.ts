import {formatTagRef} from '../oci/reference.ts'
import type {ManifestContent} from '../oci/manifest.ts'
import type {ManifestHead, RepositoryClient} from '../registry/repository-client.ts'
import {tagKind} from '../tags/tag-role.ts'
import type {TargetTag} from './decide/tag-decision.ts'

/** Digest of a tag, or its whole manifest. */
export type FoundTag = ManifestHead | ManifestContent

/** Last read of a tag; `ended` is in milliseconds since 1970. */
interface TagRead {
  readonly tookMs: number
  readonly ended: number
  readonly exists: boolean
}

/** Maximum time of a read that shows the round-trip time. A longer read was retried or throttled. */
const maxReadMs = 500

/** Reads tags, and records the time of each read. */
export class TagReads {
  readonly #now: () => Date
  readonly #last = new Map<string, TagRead>()

  constructor(now: () => Date) {
    this.#now = now
  }

  /**
   * Reads a tag by GET if the result is important, else by HEAD: some registries and caches respond wrongly to HEAD. A
   * tag that did not exist is read by GET again.
   */
  async read(
    {reference, role}: TargetTag,
    client: RepositoryClient,
    readsContent: boolean,
  ): Promise<FoundTag | undefined> {
    const name = formatTagRef(reference)
    const byContent = readsContent || tagKind(role) === 'exact' || this.#last.get(name)?.exists === false
    const started = this.#now().getTime()
    const found = await (byContent ? client.manifest(reference.tag) : client.head(reference.tag))
    const ended = this.#now().getTime()
    this.#last.set(name, {tookMs: ended - started, ended, exists: found !== undefined})
    return found
  }

  isFresh({reference}: TargetTag): boolean {
    const last = this.#last.get(formatTagRef(reference))
    if (last === undefined || last.tookMs > maxReadMs) return false
    const age = this.#now().getTime() - last.ended
    return age >= 0 && age <= 2 * last.tookMs
  }
}
