import {mergeRecords, type BuildRecord} from '../buildx/progress/build-record.ts'
import {cacheWarning} from './cache/cache-warning.ts'
import type {CacheTrouble} from './cache/cache-watch.ts'
import type {CheckWarning} from '../buildx/progress/checks.ts'
import type {BuildResult} from './build.ts'
import type {CacheIo} from './cache/cached-build.ts'
import type {Io} from '../io/io.ts'

interface Watched<T> {
  readonly result: T
  /** Of all builds of `body`, as one. */
  readonly record: BuildRecord
}

/** What is known of a build that has ended, with an image or without. */
interface Ended {
  readonly record: BuildRecord
  /** What a `call` printed; empty for a build. */
  readonly callResult: string
}

/**
 * Runs builds in `body`. What the checks found becomes annotations and what a `call` found is printed afterwards, since within
 * the group of a build nothing is a command; also when a build fails. Of all their caches, what went wrong is one warning.
 */
export async function watched<T>(
  io: Io,
  body: (io: CacheIo) => Promise<T>,
  onEnd?: (ended: Ended) => void,
): Promise<Watched<T>> {
  const built: Pick<BuildResult, 'record' | 'callResult'>[] = []
  const troubles: CacheTrouble[] = []
  const record = (): BuildRecord => mergeRecords(built.map((one) => one.record))
  try {
    const result = await body({
      processes: io.processes,
      files: io.files,
      hide: io.workflow.hide,
      onBuilt(one) {
        built.push(one)
      },
      sleep: async (ms, until) => io.timer(until).sleep(ms),
      onCacheTrouble(some) {
        troubles.push(...some)
      },
    })
    return {result, record: record()}
  } finally {
    onEnd?.({record: record(), callResult: built.map(({callResult = ''}) => callResult).join('')})
    io.workflow.print(built.flatMap(({callResult = ''}) => (callResult === '' ? [] : callResult.trimEnd().split('\n'))))
    annotate(record().warnings, io)
    const warning = cacheWarning(troubles)
    if (warning !== undefined) io.workflow.warning(warning)
  }
}

/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands: GitHub keeps ten of a step. */
const maxAnnotations = 10

function annotate(warnings: readonly CheckWarning[], {workflow}: Io): void {
  for (const warning of warnings.slice(0, maxAnnotations)) {
    const {rule, filename, line, endLine} = warning
    workflow.warning(textOf(warning), {file: filename, line, endLine, ...(rule !== '' && {title: rule})})
  }
  const rest = warnings.slice(maxAnnotations)
  if (rest.length === 0) return
  const named = rest.map(({rule, line}) => `${rule === '' ? 'warning' : rule} (line ${line})`)
  workflow.print([`${rest.length} more found by the checks: ${named.join(', ')}`])
}

/** The rule is the title. */
function textOf({message, url}: CheckWarning): string {
  return `${message}${url === '' ? '' : ` (${url})`}`
}
