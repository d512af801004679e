import type {BuildRequest} from '../../buildx/arguments.ts'
import {CacheWatch, type CacheTrouble} from './cache-watch.ts'
import {TagboatError} from '../../errors/error.ts'
import {build, endedBy, type BuildIo, type BuildResult} from '../build.ts'

export interface CacheIo extends BuildIo {
  /** Rejects at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Told of each build whose cache was not what it should be; the build went on without it. */
  readonly onCacheTrouble: (troubles: readonly CacheTrouble[]) => void
}

/** BuildKit waits without end for a registry that does not answer, and where it means to wait this long, not every version does. */
export const cachePatienceMs = 10 * 60_000

/**
 * As `build`, but no cache of the request's own makes it fail: what BuildKit does not survive by itself (a token that it cannot
 * read, a layer that is gone, an address that never answers) ends the build, and it is built once more without that cache. The
 * builder still has every step that was done.
 */
export async function buildWatchingCache(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: (chunk: string) => void,
  io: CacheIo,
): Promise<BuildResult> {
  const built: Parameters<NonNullable<BuildIo['onBuilt']>>[0][] = []
  const watch = new CacheWatch()
  using guard = new Guard(io)
  const watched = (chunk: string): void => {
    watch.take(chunk)
    guard.heard(watch.open !== undefined)
    write(chunk)
  }
  try {
    const result = await build(request, childEnv, watched, {
      ...io,
      processes: endedBy(io.processes, guard.signal),
      onBuilt: (one) => void built.push(one),
    })
    if (watch.troubles.length > 0) io.onCacheTrouble(watch.troubles)
    for (const one of built) io.onBuilt?.(one)
    return result
  } catch (error) {
    const fault = isCancelled(error) ? undefined : faultOf(watch, guard)
    if (fault !== undefined) {
      write(`The build is made again without its cache: ${fault.reason}\n`)
      const result = await build({...request, cache: undefined}, childEnv, write, io)
      // What is built without the cache is not written to it either.
      io.onCacheTrouble([{...fault, kind: (request.cache?.to ?? []).length > 0 ? 'export' : fault.kind}])
      return result
    }
    for (const one of built) io.onBuilt?.(one)
    throw error
  }
}

/** Aborts `signal` when nothing at all has been printed for a while during which a cache was read or written. */
class Guard implements Disposable {
  readonly #sleep: CacheIo['sleep']
  readonly #ending = new AbortController()
  #waiting = new AbortController()

  constructor({sleep}: Pick<CacheIo, 'sleep'>) {
    this.#sleep = sleep
  }

  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /** Something was printed; `isOpen`: a cache is being read or written. */
  heard(isOpen: boolean): void {
    this.#waiting.abort()
    if (!isOpen) return
    this.#waiting = new AbortController()
    this.#sleep(cachePatienceMs, this.#waiting.signal).then(
      () => {
        this.#ending.abort(new Error('the cache does not answer'))
      },
      // Something was printed meanwhile, or the build has ended.
      () => undefined,
    )
  }

  [Symbol.dispose](): void {
    this.#waiting.abort()
  }
}

function faultOf(watch: CacheWatch, {signal}: Guard): CacheTrouble | undefined {
  if (!signal.aborted) return watch.fault
  return {kind: watch.open ?? 'import', reason: `no answer for ${cachePatienceMs / 60_000} minutes`}
}

function isCancelled(error: unknown): boolean {
  return error instanceof TagboatError && error.code === 'cancelled'
}
