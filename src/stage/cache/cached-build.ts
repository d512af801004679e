import type {BuildRequest} from '../../buildx/arguments.ts'
import {CacheWatch, type CacheFault} from './cache-watch.ts'
import {TagboatError} from '../../errors/error.ts'
import {build, withSignal, type BuildIo, type BuildResult} from '../build.ts'

/** Side effects of a build with a cache. */
export interface CacheIo extends BuildIo {
  /** Rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Receives the faults of the cache of a build that succeeded without it. */
  readonly onCacheFaults: (faults: readonly CacheFault[]) => void
}

/**
 * Time without output after which a cache step counts as stalled. BuildKit waits for an unresponsive registry without a
 * limit. Its timeout for the cache of GitHub Actions is the same, but not all versions have it.
 */
export const cacheTimeoutMs = 10 * 60_000

type Write = (chunk: string) => void

/**
 * Runs `build` and watches its cache. Some cache faults end a build, such as an invalid token, a deleted layer or an
 * unresponsive address. The build is then repeated without the cache; the builder still has the completed steps.
 */
export async function buildWithCache(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: Write,
  io: CacheIo,
): Promise<BuildResult> {
  const attempt = await attemptBuild(request, childEnv, write, io)
  if ('result' in attempt) return attempt.result
  const {cacheFault} = attempt
  write(`The build is repeated without its cache: ${cacheFault.reason}\n`)
  const result = await build({...request, cache: undefined}, childEnv, write, io)
  // A build without the cache does not write to it either.
  io.onCacheFaults([{...cacheFault, kind: (request.cache?.to ?? []).length > 0 ? 'export' : cacheFault.kind}])
  return result
}

type Attempt = {readonly result: BuildResult} | {readonly cacheFault: CacheFault}

/** Runs the build with its cache. A build that fails because of its cache is not reported to `onBuilt`. */
async function attemptBuild(
  request: BuildRequest,
  childEnv: Readonly<Record<string, string>>,
  write: Write,
  io: CacheIo,
): Promise<Attempt> {
  const watch = new CacheWatch()
  using timer = new StallTimer(io)
  let report = (): void => undefined
  const watchedWrite = (chunk: string): void => {
    watch.take(chunk)
    timer.onOutput(watch.openStep !== undefined)
    write(chunk)
  }
  try {
    const result = await build(request, childEnv, watchedWrite, {
      ...io,
      processes: withSignal(io.processes, timer.signal),
      onBuilt(built) {
        report = () => io.onBuilt?.(built)
      },
    })
    if (watch.faults.length > 0) io.onCacheFaults(watch.faults)
    report()
    return {result}
  } catch (error) {
    const cacheFault = isCancelled(error) ? undefined : fatalFault(watch, timer)
    if (cacheFault !== undefined) return {cacheFault}
    report()
    throw error
  }
}

/** Aborts `signal` if a build prints nothing for `cacheTimeoutMs` during a cache step. */
class StallTimer implements Disposable {
  readonly #sleep: CacheIo['sleep']
  readonly #stalled = new AbortController()
  #waiting = new AbortController()

  constructor({sleep}: Pick<CacheIo, 'sleep'>) {
    this.#sleep = sleep
  }

  get signal(): AbortSignal {
    return this.#stalled.signal
  }

  /** Restarts the timer after output if a cache step is in progress, else stops it. */
  onOutput(inCacheStep: boolean): void {
    this.#waiting.abort()
    if (!inCacheStep) return
    this.#waiting = new AbortController()
    this.#sleep(cacheTimeoutMs, this.#waiting.signal).then(
      () => {
        this.#stalled.abort(new Error('the cache does not respond'))
      },
      // Restarted or stopped.
      () => undefined,
    )
  }

  [Symbol.dispose](): void {
    this.#waiting.abort()
  }
}

function fatalFault(watch: CacheWatch, {signal}: StallTimer): CacheFault | undefined {
  if (!signal.aborted) return watch.fatalFault
  return {kind: watch.openStep ?? 'import', reason: `no response for ${cacheTimeoutMs / 60_000} minutes`}
}

function isCancelled(error: unknown): boolean {
  return error instanceof TagboatError && error.code === 'cancelled'
}
