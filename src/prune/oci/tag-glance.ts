import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'

/** Number of tags that are read concurrently. */
const tagsAtOnce = 16

/** Tags of a repository at one time. */
export interface TagState {
  readonly digestOf: ReadonlyMap<string, string>
  readonly tagsOf: ReadonlyMap<string, readonly string[]>
}

/**
 * Reader of all tags of a repository. The deletion of a digest removes every tag that points to it, also one that was
 * created or moved after the plan, and the API has no condition against that. So all tags are read right before.
 */
export class TagGlance {
  readonly #client: RepositoryClient
  readonly #now: () => Date
  #current: Promise<unknown> = Promise.resolve()
  #next: Promise<TagState> | undefined
  /** State that was read ahead, and the time until which it counts. */
  #ahead: {readonly state: TagState; readonly until: number} | undefined

  constructor(client: RepositoryClient, now: () => Date) {
    this.#client = client
    this.#now = now
  }

  /**
   * Reads all tags ahead of a deletion. The first deletion uses this state if it follows within the time of the reading: its
   * first tags are as old as that at its end in any case.
   */
  async readAhead(): Promise<TagState> {
    const start = this.#now().getTime()
    const state = await this.read()
    const end = this.#now().getTime()
    this.#ahead = {state, until: end + (end - start)}
    return state
  }

  /** Takes the state that was read ahead, or reads all tags. */
  async take(): Promise<TagState> {
    const ahead = this.#ahead
    this.#ahead = undefined
    return ahead !== undefined && this.#now().getTime() <= ahead.until ? ahead.state : this.read()
  }

  /** Reads all tags. Calls share a reading that begins after them. */
  async read(): Promise<TagState> {
    this.#next ??= this.#after(this.#current)
    return this.#next
  }

  async #after(current: Promise<unknown>): Promise<TagState> {
    await current.catch(() => undefined)
    this.#next = undefined
    const reading = readTags(this.#client)
    this.#current = reading
    return reading
  }
}

async function readTags(client: RepositoryClient): Promise<TagState> {
  const digestOf = new Map<string, string>()
  await forEachBounded(await client.tags(), tagsAtOnce, async (tag) => {
    const head = await client.head(tag)
    if (head !== undefined) digestOf.set(tag, head.digest)
  })
  const groups = Map.groupBy(digestOf, ([, digest]) => digest)
  return {digestOf, tagsOf: new Map([...groups].map(([digest, group]) => [digest, group.map(([tag]) => tag)]))}
}
