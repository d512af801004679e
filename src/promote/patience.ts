/** Waits in milliseconds; rejects when the run is cancelled. */
export type Sleep = (ms: number) => Promise<void>

const firstMs = 100
const longestMs = 5_000
const allMs = 15_000

/** Waits that grow, for what a registry shows a little later than it took it: 15 seconds in all. */
export class Patience {
  readonly #sleep: Sleep
  #nextMs = firstMs
  #leftMs = allMs

  constructor(sleep: Sleep) {
    this.#sleep = sleep
  }

  /** False: all of the time was waited. */
  async pause(): Promise<boolean> {
    const wait = Math.min(this.#nextMs, this.#leftMs)
    if (wait === 0) return false
    this.#leftMs -= wait
    this.#nextMs = Math.min(2 * this.#nextMs, longestMs)
    await this.#sleep(wait)
    return true
  }
}
