import {setTimeout as delay} from 'node:timers/promises'

/** Time that passes, and chance. */
export interface Waiting {
  /** Rejects at once when the run is cancelled. */
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 inclusive to 1 exclusive. */
  readonly random: () => number
}

/** Aborted as `signal` is, but so much later. */
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

export function waiting(signal: AbortSignal): Waiting {
  return {
    sleep: async (ms) => {
      await delay(ms, undefined, {signal})
    },
    random: () => Math.random(),
  }
}
