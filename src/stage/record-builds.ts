import {mergeRecords, type BuildRecord} from '../buildx/progress/build-record.ts'
import {cacheWarning} from './cache/cache-warning.ts'
import type {CacheFault} from './cache/cache-watch.ts'
import type {CheckWarning} from '../buildx/progress/checks.ts'
import type {BuildResult} from './build.ts'
import type {CacheIo} from './cache/cached-build.ts'
import type {Io} from '../io/io.ts'

interface RecordedBuilds<T> {
  readonly result: T
  /** Merged record of all builds. */
  readonly record: BuildRecord
}

/** Findings of builds that have ended, also of failed ones. */
interface FinishedBuilds {
  readonly record: BuildRecord
  /** Output of a `call`; empty for a build. */
  readonly callResult: string
}

/**
 * Runs the builds of `body` and reports their findings afterwards, also after a failure: the runner ignores commands in
 * the log group of a build. Warnings of checks become annotations, the result of a `call` is printed, and the faults of
 * all caches become one warning.
 */
export async function recordBuilds<T>(
  io: Io,
  body: (io: CacheIo) => Promise<T>,
  onFinish?: (ended: FinishedBuilds) => void,
): Promise<RecordedBuilds<T>> {
  const built: Pick<BuildResult, 'record' | 'callResult'>[] = []
  const faults: CacheFault[] = []
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
      onCacheFaults(found) {
        faults.push(...found)
      },
    })
    return {result, record: record()}
  } finally {
    onFinish?.({record: record(), callResult: built.map(({callResult = ''}) => callResult).join('')})
    io.workflow.print(built.flatMap(({callResult = ''}) => (callResult === '' ? [] : callResult.trimEnd().split('\n'))))
    annotate(record().warnings, io)
    const warning = cacheWarning(faults)
    if (warning !== undefined) io.workflow.warning(warning)
  }
}

/**
 * GitHub keeps ten annotations per step: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
const maxAnnotations = 10

function annotate(warnings: readonly CheckWarning[], {workflow}: Io): void {
  for (const warning of warnings.slice(0, maxAnnotations)) {
    const {rule, filename, line, endLine} = warning
    workflow.warning(textOf(warning), {file: filename, line, endLine, ...(rule !== '' && {title: rule})})
  }
  const rest = warnings.slice(maxAnnotations)
  if (rest.length === 0) return
  const listed = rest.map(({rule, line}) => `${rule === '' ? 'warning' : rule} (line ${line})`)
  workflow.print([`${rest.length} more warnings of the checks: ${listed.join(', ')}`])
}

/** Text of an annotation. Its title is the rule. */
function textOf({message, url}: CheckWarning): string {
  return `${message}${url === '' ? '' : ` (${url})`}`
}
