import {errorMessage} from '../../errors/error.ts'
import {hideInError} from '../../errors/hide-secrets.ts'
import type {PublishInputs} from '../../inputs/inputs.ts'
import type {Io} from '../../io/io.ts'
import {closedSentence, closedSummary, type ClosedReport} from '../../report/prune/closed-report.ts'
import {rowGroups} from '../../report/prune/prune-lines.ts'
import {pruneOutputs} from '../../report/prune/prune-outputs.ts'
import type {JudgedRepository, UnjudgedRepository} from '../../report/prune/prune-report.ts'
import {finalRows, rowsOf} from '../../report/prune/prune-rows.ts'

/** Logs what happened to each tag, sets the output `deleted`, and writes a section of the job summary. */
export async function writeClosedReport(
  report: ClosedReport,
  {summary}: Pick<PublishInputs, 'summary'>,
  {workflow}: Io,
): Promise<void> {
  const hidden = <T extends JudgedRepository | UnjudgedRepository>(one: T): T =>
    one.failure === undefined ? one : {...one, failure: hideInError(one.failure, workflow.hide)}
  const shown = {...report, judged: report.judged.map(hidden), unjudged: report.unjudged.map(hidden)}
  for (const judged of shown.judged) {
    for (const {title, lines} of rowGroups(judged, rowsOf(judged)))
      workflow.print([title, ...lines.map((line) => `  ${line}`)])
  }
  const {deleted} = pruneOutputs({...shown, skip: undefined, durationMs: 0}, finalRows(shown.judged))
  workflow.setOutput('deleted', deleted)
  workflow[shown.skip === undefined ? 'info' : 'notice'](closedSentence(shown))
  if (!summary) return
  try {
    await workflow.writeSummary(closedSummary(shown))
  } catch (error) {
    workflow.warning(`The job summary could not be written: ${errorMessage(error)}`)
  }
}
