/** Resolves after a time in milliseconds; rejects when the run is cancelled. */
export type Sleep = (ms: number) => Promise<void>

const firstMs = 100
const maxMs = 5_000
const totalMs = 15_000

/** Growing delays, 15 seconds in total, between reads of a registry that shows a PUT only after some time. */
export class Backoff {
  readonly #sleep: Sleep
  #nextMs = firstMs
  #leftMs = totalMs

  constructor(sleep: Sleep) {
    this.#sleep = sleep
  }

  /** Sleeps for the next delay. Returns false without a delay when the total time is used up. */
  async wait(): Promise<boolean> {
    const ms = Math.min(this.#nextMs, this.#leftMs)
    if (ms === 0) return false
    this.#leftMs -= ms
    this.#nextMs = Math.min(2 * this.#nextMs, maxMs)
    await this.#sleep(ms)
    return true
  }
}
