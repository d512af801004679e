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

/** Requirements of a user of an answer. */
export interface Need {
  /** Answer that the registry refused, and that is replaced. */
  readonly refused?: unknown
  /** Time in ms for which the answer has to be valid. If no answer lives that long, each call requests a new one. */
  readonly validMs?: number
}

interface Entry<T> {
  readonly pending: Promise<T>
  /** Set when the request has ended. */
  answer?: T
  renewAt: number
}

/**
 * Requests an answer when it is first used, and again before it expires, or if it does not meet the requirements.
 * Concurrent callers share a request.
 */
export function renewed<T extends Expiring>(
  request: (need: Need) => Promise<T>,
  now: () => Date,
): (need?: Need) => Promise<T> {
  let current: Entry<T> | undefined
  const ask = async (need: Need): Promise<T> => {
    const asked = now().getTime()
    const entry: Entry<T> = {pending: request(need), renewAt: Number.POSITIVE_INFINITY}
    current = entry
    try {
      entry.answer = await entry.pending
      entry.renewAt = renewalTime(entry.answer, asked)
      return entry.answer
    } catch (error) {
      if (current === entry) current = undefined
      throw error
    }
  }
  return async (need = {}) =>
    current !== undefined && suffices(current, need, now().getTime()) ? current.pending : ask(need)
}

function suffices({answer, renewAt}: Entry<Expiring>, {refused, validMs = 0}: Need, now: number): boolean {
  if (answer === undefined) return true
  const isLasting = answer.until === undefined || validMs === 0 || now + validMs <= answer.until.getTime()
  return answer !== refused && now < renewAt && isLasting
}

/** Answers that several registries share, by what was requested. */
export class Shared<T extends Expiring> {
  readonly #answers = new Map<string, (need: Need) => Promise<T>>()
  readonly #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
  }

  /** Answer of the first request with this key, and of a later one when that does not meet the requirements. */
  async get(key: readonly unknown[], need: Need, request: () => Promise<T>): Promise<T> {
    const text = JSON.stringify(key)
    const answer = this.#answers.get(text) ?? renewed(request, this.#now)
    this.#answers.set(text, answer)
    return answer(need)
  }
}
