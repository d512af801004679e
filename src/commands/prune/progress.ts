import type {Io} from '../../io/io.ts'

const intervalMs = 10_000

/** Logs how far the work has come, every ten seconds while it lasts. */
export async function withProgress<T>(
  describe: () => string,
  {workflow, every}: Pick<Io, 'workflow' | 'every'>,
  work: () => Promise<T>,
): Promise<T> {
  const stop = every(intervalMs, () => {
    workflow.info(describe())
  })
  try {
    return await work()
  } finally {
    stop()
  }
}
