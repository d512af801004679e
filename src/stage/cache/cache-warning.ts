import type {CacheFault} from './cache-watch.ts'

/** Combines faults into one warning. A failed export has priority, since it slows down the next build. */
export function cacheWarning(faults: readonly CacheFault[]): string | undefined {
  const failedExport = faults.find(({kind}) => kind === 'export')
  if (failedExport !== undefined) return `Cache not saved (${failedExport.reason}): the next build will be slower`
  const [first] = faults
  return first === undefined ? undefined : `Cache not read (${first.reason}): this build was slower`
}
