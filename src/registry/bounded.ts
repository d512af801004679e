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
