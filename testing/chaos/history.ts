import type {Digest} from '../../src/oci/digest.ts'
import type {Visibility} from './weather.ts'

/** A tag of a repository, `app:1.2`. */
export type TagName = string

/** What a client was shown of a tag. */
export interface Read {
  readonly client: string
  readonly tag: TagName
  readonly sentAt: number
  readonly at: number
  readonly seen: Digest | undefined
  /** When the client had the answer; undefined: never. */
  deliveredAt: number | undefined
}

/** A change of a tag, or a PUT of what it held already. */
export interface Write {
  readonly client: string
  readonly tag: TagName
  readonly sentAt: number
  readonly at: number
  readonly visibleAt: number
  readonly from: Digest | undefined
  readonly to: Digest | undefined
}

/** All that happened to the tags of a registry, and what it shows of them. */
export class History {
  readonly reads: Read[] = []
  readonly writes: Write[] = []
  readonly #visibility: Visibility
  #questions = 0

  constructor(visibility: Visibility) {
    this.#visibility = visibility
  }

  /** What the next question is answered with, whichever tag it is about. */
  nextView(now: number): (tag: TagName) => Digest | undefined {
    this.#questions += 1
    const isBehind = this.#visibility === 'late' || (this.#visibility === 'replicas' && this.#questions % 2 === 0)
    return (tag) => this.#held(tag, ({at, visibleAt}) => (isBehind ? visibleAt : at) <= now)
  }

  held(tag: TagName): Digest | undefined {
    return this.#held(tag, () => true)
  }

  tags(): readonly TagName[] {
    return [...new Set(this.writes.map(({tag}) => tag))]
  }

  #held(tag: TagName, isShown: (write: Write) => boolean): Digest | undefined {
    return this.writes.findLast((write) => write.tag === tag && isShown(write))?.to
  }
}
