import {TagboatError} from '../../src/errors/error.ts'
import type {Clock} from './clock.ts'
import type {Conditions} from './conditions.ts'

/** End of a run: by itself, by SIGKILL, or by a signal that it handles. Requests are counted from 1. */
export type RunEnd =
  | {readonly kind: 'completed'}
  | {readonly kind: 'killed'; readonly request: number; readonly laterMs: number}
  | {readonly kind: 'cancelled'; readonly request: number; readonly laterMs: number}

/** Time that a cancelled run leaves to its requests, as in `run/registries.ts`. */
const requestGraceMs = 1_000
/** Time limit of the rollback, as in `run/registries.ts`. */
const rollbackMs = 2_500

/** Lifetime of a run: its requests, and its end. */
export class Lifetime {
  readonly client: string
  readonly conditions: Conditions
  readonly end: RunEnd
  requests = 0
  isKilled = false
  readonly killed: Promise<undefined>
  readonly signal: AbortSignal
  /** Signal of the requests, which is aborted later than `signal`. */
  readonly requestSignal: AbortSignal
  readonly #clock: Clock
  readonly #kill: () => void
  readonly #cancellation = new AbortController()
  readonly #requestEnd = new AbortController()

  constructor(client: string, conditions: Conditions, end: RunEnd, clock: Clock) {
    this.client = client
    this.conditions = conditions
    this.end = end
    this.#clock = clock
    const {promise, resolve} = Promise.withResolvers<undefined>()
    this.killed = promise
    this.#kill = () => {
      this.isKilled = true
      resolve(undefined)
    }
    this.signal = this.#cancellation.signal
    this.requestSignal = this.#requestEnd.signal
  }

  /** Counts a request, and schedules the end of the run if it comes with this request. */
  next(): number {
    this.requests += 1
    const {end} = this
    if (end.kind !== 'completed' && end.request === this.requests) {
      this.#clock.at(this.#clock.now + end.laterMs, () => {
        if (end.kind === 'killed') this.#kill()
        else this.#cancel()
      })
    }
    return this.requests
  }

  /** Returns the signal for the clients of the rollback, which is aborted after its time limit. */
  rollbackSignal(): AbortSignal {
    return this.#abortedIn(rollbackMs)
  }

  #cancel(): void {
    this.#cancellation.abort(new TagboatError('cancelled'))
    this.#clock.at(this.#clock.now + requestGraceMs, () => {
      this.#requestEnd.abort(new TagboatError('cancelled'))
    })
  }

  #abortedIn(ms: number): AbortSignal {
    const controller = new AbortController()
    this.#clock.at(this.#clock.now + ms, () => {
      controller.abort(new Error('the rollback has timed out'))
    })
    return controller.signal
  }

  /** Sleeps as the process of the run does: for ever if it is killed, and until the signal if it is cancelled. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const {promise, resolve, reject} = Promise.withResolvers<undefined>()
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
      },
      {once: true},
    )
    this.#clock.at(this.#clock.now + ms, () => {
      if (!this.isKilled) resolve(undefined)
    })
    await promise
  }
}
