/** Shortest time limit of an exchange, in idle timeouts. */
const usualDeadlineFactor = 4
/** Slowest useful transfer rate. */
const leastBytesPerMs = 4

/** Deadline of an HTTP exchange that grows with the bytes transferred. */
export interface Pace {
  /** Starts the clock: the server is to send or receive. `onLate` is called once when the deadline passes. */
  watch(onLate: (error: Error) => void): void
  /** Stops the clock, such as while the caller reads slowly. */
  pause(): void
  moved(bytes: number): void
}

/**
 * Creates the deadline of an exchange: four idle timeouts, plus a time for each byte transferred, so that slow
 * connections can carry large blobs. It bounds a server that sends just enough never to be idle.
 */
export function pace(host: string, silenceMs: number, deadlineFactor = usualDeadlineFactor): Pace {
  const least = silenceMs * deadlineFactor
  let bytes = 0
  let usedMs = 0
  let since: number | undefined
  let timer: NodeJS.Timeout | undefined
  const used = (): number => usedMs + (since === undefined ? 0 : performance.now() - since)
  const check = (onLate: (error: Error) => void): void => {
    const left = least + bytes / leastBytesPerMs - used()
    if (left > 0) timer = setTimeout(check, Math.ceil(Math.min(left, longestTimerMs)), onLate)
    else onLate(Object.assign(new Error(lateness(host, used(), bytes)), {code: lateCode}))
  }
  const pause = (): void => {
    clearTimeout(timer)
    usedMs = used()
    since = undefined
  }
  const moved = (count: number): void => {
    bytes += count
  }
  return {
    watch(onLate) {
      pause()
      since = performance.now()
      check(onLate)
    },
    pause,
    moved,
  }
}

/** Error code of a passed deadline. It is not retried: the connection works, and a retry would take as long. */
const lateCode = 'ETOOSLOW'

const longestTimerMs = 2 ** 31 - 1

function lateness(host: string, usedMs: number, bytes: number): string {
  return `${host} took ${Math.round(usedMs / 100) / 10} s for an exchange of ${bytes} bytes`
}
