import type {RetryTimer} from '../../registry/retry.ts'

/** Waits until the next request of a kind may start. */
export type Pacer = () => Promise<void>

/** Creates a pacer that lets a request start at most every `intervalMs`, also if several callers wait. */
export function pacer(intervalMs: number, {now, sleep}: Pick<RetryTimer, 'now' | 'sleep'>): Pacer {
  let next = 0
  return async () => {
    const current = now().getTime()
    const start = Math.max(current, next)
    next = start + intervalMs
    if (start > current) await sleep(start - current)
  }
}
