import {hideInError} from '../../errors/hide-secrets.ts'
import {errorMessage} from '../../errors/error.ts'
import type {PublishInputs} from '../../inputs/inputs.ts'
import type {Io} from '../../io/io.ts'
import {brokenLines, firstPruneLine, rowGroups} from '../../report/prune/prune-lines.ts'
import {pruneOutputs} from '../../report/prune/prune-outputs.ts'
import type {JudgedRepository, PruneReport, UnjudgedRepository} from '../../report/prune/prune-report.ts'
import {finalRows, rowsOf} from '../../report/prune/prune-rows.ts'
import {finalPruneLine} from '../../report/prune/prune-sentence.ts'
import {pruneSummary} from '../../report/prune/prune-summary.ts'

/** Logs what is deleted of a repository. A dry run, and a refusal, ends with it. */
export function logJudgement(judged: JudgedRepository, dryRun: boolean, io: Io): void {
  const {workflow} = io
  workflow.info(firstPruneLine(judged, rowsOf(judged), dryRun))
  for (const line of brokenLines(judged)) workflow.notice(`${line}.`)
  if (dryRun || judged.failure !== undefined) logResult(judged, io)
}

/** Logs a line for each decision, in groups. */
export function logResult(judged: JudgedRepository, {workflow}: Io): void {
  for (const {title, lines} of rowGroups(judged, rowsOf(judged))) workflow.printGroup(title, lines)
}

/** Sets the outputs, logs the last line, and writes the job summary. */
export async function writePruneReport(
  report: PruneReport,
  {summary}: Pick<PublishInputs, 'summary'>,
  {workflow}: Io,
): Promise<void> {
  const shown = withoutSecrets(report, workflow)
  const rows = finalRows(shown.judged)
  for (const [name, value] of Object.entries(pruneOutputs(shown, rows))) workflow.setOutput(name, value)
  const hasFailed = [...shown.judged, ...shown.unjudged].some(({failure}) => failure !== undefined)
  if (!hasFailed) workflow.info(finalPruneLine(shown, rows))
  if (!summary) return
  try {
    await workflow.writeSummary(await pruneSummary(shown, workflow.warnings()))
  } catch (error) {
    workflow.warning(`The job summary could not be written: ${errorMessage(error)}`)
  }
}

/** Report whose errors contain no secret. */
function withoutSecrets(report: PruneReport, {hide}: Io['workflow']): PruneReport {
  const hidden = <T extends JudgedRepository | UnjudgedRepository>(one: T): T =>
    one.failure === undefined ? one : {...one, failure: hideInError(one.failure, hide)}
  return {...report, judged: report.judged.map(hidden), unjudged: report.unjudged.map(hidden)}
}
