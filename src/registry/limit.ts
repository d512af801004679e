/** Limits the concurrency of work. Excess work waits in order. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

/** Creates a limiter for this number of concurrent tasks. */
export function limiter(most: number): Limiter {
  let running = 0
  const waiting: (() => void)[] = []
  const enter = async (): Promise<void> => {
    if (running < most) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    // The slot is passed to the next waiting task, so that no other can take it.
    if (next === undefined) running -= 1
    else next()
  }
  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}

/**
 * Runs the work for each item with limited concurrency. After a failure no more work is started; running work is
 * awaited, and the first failure is thrown.
 */
export async function forEachBounded<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (failures.length > 0) return
      try {
        await work(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({length: Math.min(most, items.length)}, worker))
  if (failures.length > 0) throw failures[0]
}
