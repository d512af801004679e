/** The shortest time that an exchange gets, in silence limits. */
const patience = 4
/** What a line that is of any use moves. */
const leastBytesPerMs = 4

/** How long an exchange with a server has taken, and whether that is still in proportion to what was moved. */
export interface Pace {
  /** From here on the server is waited for. `onLate` is called once when it has used up the time of the whole exchange. */
  watch(onLate: (error: Error) => void): void
  /** The server is not waited for, such as while a reader takes its time. */
  pause(): void
  moved(bytes: number): void
  /** A body that counts as moved while it is read. */
  counted(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/**
 * A deadline for an exchange, whatever the server sends meanwhile: four times as long as it may be silent, and longer for each byte
 * that is moved, so that slow lines can carry large blobs. A server that keeps an exchange just alive has no more than that.
 */
export function pace(host: string, silenceMs: number): Pace {
  const least = silenceMs * patience
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
    async *counted(body) {
      for await (const chunk of body) {
        moved(chunk.byteLength)
        yield chunk
      }
    },
  }
}

/** Another try would take as long: it is not a broken line. */
export const lateCode = 'ETOOSLOW'

const longestTimerMs = 2 ** 31 - 1

function lateness(host: string, usedMs: number, bytes: number): string {
  return `${host} took ${Math.round(usedMs / 100) / 10} s for an exchange of ${bytes} bytes`
}
