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
