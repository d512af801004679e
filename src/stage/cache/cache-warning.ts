import type {CacheTrouble} from './cache-watch.ts'

/** One warning for all that went wrong: what could not be written is what costs the next build its time. */
export function cacheWarning(troubles: readonly CacheTrouble[]): string | undefined {
  const unsaved = troubles.find(({kind}) => kind === 'export')
  if (unsaved !== undefined) return `Cache not saved (${unsaved.reason}): the next build will be slower`
  const [unread] = troubles
  return unread === undefined ? undefined : `Cache not read (${unread.reason}): this build was slower`
}
