import {toTagboatError} from '../../errors/error.ts'
import {errorWarning} from '../../errors/render-error.ts'
import type {Io} from '../../io/io.ts'
import type {JudgedRepository, PruneReport, UnjudgedRepository} from '../../report/prune/prune-report.ts'
import {withFailureSummary} from '../prepare-run.ts'
import {preparePrune, type PreparedPrune} from './prepare-prune.ts'
import {withPruneRemedy} from './prune-errors.ts'
import {pruneRepositories} from './prune-repositories.ts'
import {writePruneReport} from './write-report.ts'

/**
 * Action `tagboat/tagboat/prune@v1`: deletes the tags and images that the policy of the step names, and nothing that
 * anything kept needs.
 */
export async function prune(io: Io): Promise<void> {
  const prepared = await withFailureSummary(io, async () => withRemedies(async () => preparePrune(io)))
  const report = await withFailureSummary(io, async () => withRemedies(async () => pruneOrSkip(prepared, io)))
  warnOfOtherFailures(report, io)
  await writePruneReport(report, prepared.inputs.publish, io)
  io.signal.throwIfAborted()
  const [failed] = failuresOf(report)
  if (failed !== undefined) throw failed.failure
}

async function pruneOrSkip(prepared: PreparedPrune, io: Io): Promise<PruneReport> {
  const {skip, inputs} = prepared
  const {dryRun} = inputs.publish
  const found = skip === undefined ? await pruneRepositories(prepared, io) : {judged: [], unjudged: []}
  const remedied = <T extends Partial<FailedRepository> & Pick<FailedRepository, 'repository'>>(one: T): T =>
    one.failure === undefined
      ? one
      : {...one, failure: withPruneRemedy(one.failure, {repository: one.repository, credentials: inputs.credentials})}
  const [judged, unjudged] = [found.judged.map(remedied), found.unjudged.map(remedied)]
  return {...found, judged, unjudged, dryRun, skip, durationMs: io.phases.elapsedMs}
}

async function withRemedies<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    throw withPruneRemedy(toTagboatError(error))
  }
}

type FailedRepository = Pick<UnjudgedRepository, 'repository' | 'isBestEffort' | 'failure'>

/** Failures of required repositories. The first one is the error of the run. */
function failuresOf({judged, unjudged}: PruneReport): readonly FailedRepository[] {
  return allFailures(judged, unjudged).filter(({isBestEffort}) => !isBestEffort)
}

function allFailures(
  judged: readonly JudgedRepository[],
  unjudged: readonly UnjudgedRepository[],
): readonly FailedRepository[] {
  return [...judged, ...unjudged].flatMap(({repository, isBestEffort, failure}) =>
    failure === undefined ? [] : [{repository, isBestEffort, failure}],
  )
}

/** Warns of the failures that are not the error of the run, which is the cancellation if it was cancelled. */
function warnOfOtherFailures(report: PruneReport, {workflow, signal}: Io): void {
  const [error] = signal.aborted ? [] : failuresOf(report)
  for (const {failure} of allFailures(report.judged, report.unjudged)) {
    if (failure !== error?.failure) workflow.warning(errorWarning(failure))
  }
}
