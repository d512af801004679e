import {TagboatError} from '../../src/errors/error.ts'
import type {Clock} from './clock.ts'
import type {Weather} from './weather.ts'

/** How a run ends: by itself, by SIGKILL, or by a signal that it may answer. Requests are counted from 1. */
export type Fate =
  | {readonly kind: 'well'}
  | {readonly kind: 'killed'; readonly request: number; readonly laterMs: number}
  | {readonly kind: 'cancelled'; readonly request: number; readonly laterMs: number}

/** As `run/registries.ts` has it: requests may end, and undoing has a time limit. */
const requestGraceMs = 1_000
const undoMs = 2_500

/** One run, as the network sees it. */
export class Life {
  readonly client: string
  readonly weather: Weather
  readonly fate: Fate
  requests = 0
  isKilled = false
  readonly killed: Promise<undefined>
  readonly signal: AbortSignal
  /** Of requests: later than `signal`. */
  readonly requestSignal: AbortSignal
  readonly #clock: Clock
  readonly #kill: () => void
  readonly #cancellation = new AbortController()
  readonly #requestEnd = new AbortController()

  constructor(client: string, weather: Weather, fate: Fate, clock: Clock) {
    this.client = client
    this.weather = weather
    this.fate = fate
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

  /** Counts a request; the run's end may come with it. */
  next(): number {
    this.requests += 1
    const {fate} = this
    if (fate.kind !== 'well' && fate.request === this.requests) {
      this.#clock.at(this.#clock.now + fate.laterMs, () => {
        if (fate.kind === 'killed') this.#kill()
        else this.#cancel()
      })
    }
    return this.requests
  }

  /** For the clients that undo: aborted some time after they were first asked for. */
  undoSignal(): AbortSignal {
    return this.#abortedIn(undoMs)
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
      controller.abort(new Error('the time to undo is over'))
    })
    return controller.signal
  }

  /** Waits as the process does: a killed one waits for ever, a cancelled one ends its wait at once. */
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
