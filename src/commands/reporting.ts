import {toTagboatError} from '../errors/error.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {callBuilds, callMethod} from '../inputs/call.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {ActionName} from '../inputs/spec/spec.ts'
import {explainPlan} from '../plan/explain.ts'
import {finalLogLine, tagLines, tagNotice} from '../report/log-lines.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {hasOutput} from '../report/output-spec.ts'
import {outputs, outputVariables} from '../report/outputs.ts'
import type {Report} from '../report/report.ts'
import {summary} from '../report/summary.ts'
import {hideInError} from '../errors/hide-secrets.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {writeBakeFiles} from './bake-files.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {outcomeOf, type RunResult} from '../run/run-result.ts'

/**
 * Shows the plan, runs `body` unless there is nothing to do, and tells what it did: outputs and summary, also of a run that
 * fails half-way.
 * @throws TagboatError whatever `body` throws.
 */
export async function reported(
  action: ActionName,
  prepared: Prepared,
  io: Io,
  body: () => Promise<RunResult>,
): Promise<void> {
  const {plan, inputs} = prepared
  announce(action, prepared, io)
  const {call} = inputs.build
  const isCall = action !== 'promote' && !callBuilds(call)
  const {dryRun} = inputs.publish
  const {done, failure} = await outcomeOf(async () => {
    if (prepared.refusal !== undefined) throw prepared.refusal
    return dryRun || plan.skip !== undefined ? {} : body()
  })
  const report: Report = {
    action,
    dryRun,
    ...(isCall && {called: callMethod(call)}),
    ...done,
    plan: done.plan ?? plan,
    ...(failure !== undefined && {failure: toTagboatError(failure.error)}),
  }
  await tell(shownReport(report, io.workflow.hide), inputs, io)
  if (report.failure !== undefined) throw report.failure
}

/** The plan in the log, and a warning for each rule that probably was not meant to give nothing. */
function announce(action: ActionName, {plan, context, inputs, notices}: Prepared, {workflow}: Io): void {
  if (inputs.publish.dryRun) workflow.info('Dry run: nothing is built or changed. A real run would do this:')
  workflow.print(explainPlan(plan, context, {inputs, action}))
  for (const notice of notices) workflow.notice(notice)
  if (plan.skip !== undefined) {
    workflow.notice(`Nothing to publish: ${formatPlanReason(plan.skip)}`)
    return
  }
  for (const {source, reason, level} of plan.skippedRules) {
    if (level === 'warning') workflow.warning(`No tag from ${ruleText(source)}: ${formatPlanReason(reason)}`)
  }
}

/**
 * The report without the secrets of the run. What registries said stands in its reasons, and so in outputs, which the runner does
 * not mask. Names and digests stay: later steps use them.
 */
function shownReport(report: Report, hide: Hide): Report {
  const {rows, unread, failure} = report
  const shown = <T extends {readonly reason: string}>(one: T): T => ({...one, reason: hide(one.reason)})
  return {
    ...report,
    ...(rows && {rows: rows.map(shown)}),
    ...(unread && {unread: unread.map(shown)}),
    ...(failure && {failure: hideInError(failure, hide)}),
  }
}

async function tell(report: Report, inputs: Inputs, io: Io): Promise<void> {
  const {workflow, environment} = io
  const hasFiles = report.failure === undefined && hasOutput(report.action, 'bake-file')
  const values = {
    ...outputs(report, inputs.output),
    ...(hasFiles ? await writeBakeFiles(report.plan, inputs.output.bakeTarget, io) : {}),
  }
  for (const [name, value] of Object.entries(values)) {
    if (hasOutput(report.action, name)) workflow.setOutput(name, value)
  }
  if (environment['DOCKER_METADATA_SET_OUTPUT_ENV'] === 'true') {
    for (const [name, value] of Object.entries(outputVariables(values))) workflow.exportVariable(name, value)
  }
  const warnings = workflow.warnings()
  tellRows(report, io)
  const ending = finalLogLine(report)
  if (ending !== undefined) workflow.info(ending)
  if (inputs.publish.summary) await writeSummary({...report, warnings}, workflow)
}

function tellRows({rows = [], unread = []}: Report, {workflow}: Io): void {
  workflow.print(tagLines({rows}))
  for (const row of rows) {
    if (row.level === 'notice') workflow.notice(tagNotice(row))
    if (row.level === 'warning') workflow.warning(tagNotice(row))
  }
  for (const {reference, reason} of unread) {
    workflow.warning(`${reference} was pushed, but could not be read back: ${reason}`)
  }
}

/** What was published stays published when the runner does not take the summary. */
async function writeSummary(report: Report, workflow: Io['workflow']): Promise<void> {
  try {
    await workflow.writeSummary(summary(report))
  } catch (error) {
    workflow.warning(`The job summary could not be written: ${toTagboatError(error).evidence.join(' ')}`)
  }
}
