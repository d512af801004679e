import {setTimeout as sleep} from 'node:timers/promises'

/** Clock of a round, in milliseconds since the beginning of the round. */
export interface Clock {
  readonly now: number
  sleep(ms: number): Promise<void>
  at(time: number, wake: () => void): void
  /** Advances the time until the promise is settled. */
  until<T>(work: Promise<T>): Promise<T>
}

interface Alarm {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

/** Number of turns of the event loop without an alarm after which a round counts as stuck. */
const maxIdleTurns = 200

/**
 * Clock that stops while anything can run, and then jumps to the next alarm. A wait of three seconds takes no time, and the
 * same seed results in the same order.
 */
export class VirtualClock implements Clock {
  now = 0
  #order = 0
  readonly #alarms: Alarm[] = []

  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.at(this.now + ms, resolve)
    })
  }

  at(time: number, wake: () => void): void {
    this.#order += 1
    this.#alarms.push({at: Math.max(time, this.now), order: this.#order, wake})
  }

  /** @throws Error if the promise is not settled and no alarm is left. */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = {isDone: false, idleTurns: 0}
    const end = (): void => {
      state.isDone = true
    }
    work.then(end, end)
    await turn()
    while (!state.isDone) {
      state.idleTurns = this.#jump() ? 0 : state.idleTurns + 1
      if (state.idleTurns > maxIdleTurns) throw new Error(`stuck at ${this.now} ms: no alarm is left`)
      await turn()
    }
    return work
  }

  #jump(): boolean {
    const [first] = this.#alarms
    if (first === undefined) return false
    const next = this.#alarms.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a), first)
    this.#alarms.splice(this.#alarms.indexOf(next), 1)
    this.now = next.at
    next.wake()
    return true
  }
}

/** Clock of the machine. `pace` is the number of real milliseconds per millisecond of the round. */
export class RealClock implements Clock {
  readonly #pace: number
  readonly #start = performance.now()

  constructor(pace: number) {
    this.#pace = pace
  }

  get now(): number {
    return Math.round((performance.now() - this.#start) / this.#pace)
  }

  async sleep(ms: number): Promise<void> {
    await sleep(ms * this.#pace)
  }

  at(time: number, wake: () => void): void {
    setTimeout(wake, Math.max(0, time - this.now) * this.#pace)
  }

  async until<T>(work: Promise<T>): Promise<T> {
    return work
  }
}

/** Waits until all promises that can be settled are settled. */
async function turn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve)
  })
}
