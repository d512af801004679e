/** Answer of a token service that is valid for some time. */
interface Expiring {
  /** Time when it becomes invalid; undefined if the service does not state it. */
  readonly until: Date | undefined
}

/** Share of its life after which an answer is replaced. */
const usableShare = 0.75

/** Time in ms since the epoch. An answer that is expired on arrival means clock skew: it is used until the end. */
function renewalTime({until}: Expiring, asked: number): number {
  const life = until === undefined ? 0 : until.getTime() - asked
  return life > 0 ? asked + life * usableShare : Number.POSITIVE_INFINITY
}

/** Requests an answer when it is first used, and again before it expires. Concurrent callers share a request. */
export function renewed<T extends Expiring>(request: () => Promise<T>, now: () => Date): () => Promise<T> {
  let current: {readonly pending: Promise<T>; renewAt: number} | undefined
  const ask = async (): Promise<T> => {
    const asked = now().getTime()
    const entry = {pending: request(), renewAt: Number.POSITIVE_INFINITY}
    current = entry
    try {
      const answer = await entry.pending
      entry.renewAt = renewalTime(answer, asked)
      return answer
    } catch (error) {
      if (current === entry) current = undefined
      throw error
    }
  }
  return async () => (current !== undefined && now().getTime() < current.renewAt ? current.pending : ask())
}

/** Answers that several registries share, by what was requested. */
export class Shared<T extends Expiring> {
  readonly #answers = new Map<string, () => Promise<T>>()
  readonly #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
  }

  /** Answer of the first request with this key, and after its life that of a later one. */
  async get(key: readonly unknown[], request: () => Promise<T>): Promise<T> {
    const text = JSON.stringify(key)
    const answer = this.#answers.get(text) ?? renewed(request, this.#now)
    this.#answers.set(text, answer)
    return answer()
  }
}
