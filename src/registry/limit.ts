/** Runs what it is given, but never more than so many at the same time; the others wait in order. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>

export function limiter(most: number): Limiter {
  let running = 0
  const waiting: (() => void)[] = []
  const enter = async (): Promise<void> => {
    if (running < most) running += 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    // The place goes on to the next in line, so that nobody slips in between.
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
 * Does the work for each item, at most `most` at the same time. After a failure nothing more is begun; what runs is
 * waited for, and the first failure is thrown.
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
