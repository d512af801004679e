import type {Digest} from '../../src/oci/digest.ts'
import type {Visibility} from './conditions.ts'

/** Repository path and tag, such as `app:1.2`. */
export type TagName = string

/** Read of a tag by a client. */
export interface Read {
  readonly client: string
  readonly tag: TagName
  readonly sentAt: number
  readonly at: number
  readonly seen: Digest | undefined
  /** Time at which the client received the answer. Undefined if it did not. */
  deliveredAt: number | undefined
}

/** Change of a tag, or a PUT of its current digest. */
export interface Write {
  readonly client: string
  readonly tag: TagName
  readonly sentAt: number
  readonly at: number
  readonly visibleAt: number
  readonly from: Digest | undefined
  readonly to: Digest | undefined
}

/** All reads and writes of the tags of a registry, and the view that the registry returns. */
export class History {
  readonly reads: Read[] = []
  readonly writes: Write[] = []
  readonly #visibility: Visibility
  #reads = 0

  constructor(visibility: Visibility) {
    this.#visibility = visibility
  }

  /** Returns the view of the tags for the next read. */
  nextView(now: number): (tag: TagName) => Digest | undefined {
    this.#reads += 1
    const isBehind = this.#visibility === 'late' || (this.#visibility === 'replicas' && this.#reads % 2 === 0)
    return (tag) => this.#latest(tag, ({at, visibleAt}) => (isBehind ? visibleAt : at) <= now)
  }

  current(tag: TagName): Digest | undefined {
    return this.#latest(tag, () => true)
  }

  tags(): readonly TagName[] {
    return [...new Set(this.writes.map(({tag}) => tag))]
  }

  #latest(tag: TagName, isVisible: (write: Write) => boolean): Digest | undefined {
    return this.writes.findLast((write) => write.tag === tag && isVisible(write))?.to
  }
}
