import {mergeRecords, type BuildRecord} from '../../buildx/progress/build-record.ts'
import {parseOutput} from '../../inputs/syntax/output-entry.ts'
import type {BuildReport} from '../../run/run-result.ts'
import type {BuildSession} from '../build-session.ts'

/**
 * Session that builds the same image again from the cache. The caches and the outputs of the user are written already,
 * except a cache that is a part of the image.
 */
export function rebuilding(session: BuildSession): BuildSession {
  const {prepared} = session
  const cacheTo = prepared.inputs.build.cacheTo.filter(isInline)
  const build = {...prepared.inputs.build, noCache: false, noCacheFilters: [], pull: false, cacheTo, outputs: []}
  return {
    ...session,
    isRebuild: true,
    prepared: {...prepared, inputs: {...prepared.inputs, build}},
  }
}

function isInline(cache: string): boolean {
  const parsed = parseOutput(cache)
  return parsed.ok && parsed.entry.type === 'inline'
}

/** Report of a build that was built again: the steps that ran in each of them, and both times. */
export function reportOfBoth(first: BuildReport, second: BuildReport): BuildReport {
  const records = [first.record, second.record && withoutCached(second.record)]
  return {
    ...second,
    record: mergeRecords(records.filter((record) => record !== undefined)),
    durationMs: first.durationMs + second.durationMs,
  }
}

/** Record without the steps that the first build has run, or found in a cache too. */
function withoutCached(record: BuildRecord): BuildRecord {
  return {...record, steps: record.steps.filter(({cached}) => !cached)}
}
