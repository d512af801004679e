import {setTimeout as delay} from 'node:timers/promises'

/** Delays, and random numbers to vary them. */
export interface Timer {
  /** Resolves after a time; rejects at once when the run is cancelled. */
  readonly sleep: (ms: number) => Promise<void>
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number
}

/** Creates a signal that is aborted a time after another one, with the same reason. */
export function delayed(signal: AbortSignal, ms: number): AbortSignal {
  const later = new AbortController()
  const abort = (): void => {
    setTimeout(() => {
      later.abort(signal.reason)
    }, ms).unref()
  }
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, {once: true})
  return later.signal
}

/** Calls `work` at intervals until the returned function is called. It does not keep the program running. */
export function every(ms: number, work: () => void): () => void {
  const interval = setInterval(work, ms).unref()
  return () => {
    clearInterval(interval)
  }
}

export function timer(signal: AbortSignal): Timer {
  return {
    sleep: async (ms) => {
      await delay(ms, undefined, {signal})
    },
    random: () => Math.random(),
  }
}
