import type {GitContext} from '../context/git-context.ts'
import {toTagboatError} from '../errors/error.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {callBuilds, callMethod} from '../inputs/call.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import {formatPlatform} from '../oci/platform.ts'
import {explainPlan} from '../plan/explain.ts'
import type {PlannedWork} from '../plan/explain-work.ts'
import {withdrawnVersion} from '../plan/version.ts'
import {logName} from '../report/image-name.ts'
import {finalLogLine, firstLogLine, tagLines, tagText} from '../report/log-lines.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {hasOutput} from '../report/output-spec.ts'
import {incompleteOutputs, outputs, outputVariables} from '../report/outputs.ts'
import {withoutUnpublished, type Report, type RunOrigin} from '../report/report.ts'
import {summary} from '../report/summary/summary.ts'
import {hideInError} from '../errors/hide-secrets.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {writeResultFiles} from './result-files.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {GateVerdict} from '../run/gate-verdict.ts'
import {outcomeOf, type RunResult} from '../run/run-result.ts'

/**
 * Logs the plan, runs `body` unless there is nothing to do, and writes outputs and summary, also after a failure.
 * @throws TagboatError of `body`.
 */
export async function withReport(
  action: PublishingAction,
  prepared: Prepared,
  io: Io,
  body: () => Promise<RunResult>,
): Promise<void> {
  const {plan, inputs} = prepared
  const {call, platforms} = inputs.build
  const isCall = action !== 'promote' && !callBuilds(call)
  const {dryRun} = inputs.publish
  const work = await workOf(inputs)
  const known = {
    action,
    dryRun,
    platforms: platforms.map(formatPlatform),
    origin: originOf(prepared.context),
    ...(work && {work: work.planned}),
    withdrawn: withdrawnVersion(plan.tags, inputs.publish.policy),
    ...(isCall && {called: callMethod(call)}),
  }
  logPlan({...known, plan}, {...prepared, work: work?.sections ?? []}, io)
  const {done, failure} = await outcomeOf(async () => {
    if (prepared.refusal !== undefined) throw prepared.refusal
    if (plan.skip !== undefined) return {}
    return dryRun ? previewOf(prepared, isCall, io) : body()
  })
  const made: Report = {
    ...known,
    phases: io.phases.ended,
    durationMs: io.phases.elapsedMs,
    ...done,
    ...(done.plan && {withdrawn: withdrawnVersion(done.plan.tags, inputs.publish.policy)}),
    plan: done.plan ?? plan,
    ...(failure !== undefined && {failure: toTagboatError(failure.error)}),
  }
  const report = action === 'promote' ? (await import('../report/promote-report.ts')).promoteReport(made) : made
  await writeReport(hideSecrets(report, io.workflow.hide), inputs, io)
  if (report.failure === undefined) return
  const {withTagSentence} = await import('../report/unchanged-tags.ts')
  throw withTagSentence(report.failure, report)
}

/** Work besides build and tags, with its part of the plan. Few runs have any. */
async function workOf(
  inputs: Inputs,
): Promise<{readonly planned: PlannedWork; readonly sections: readonly string[]} | undefined> {
  const {sign, verify, scan, build} = inputs
  if (sign === undefined && verify === undefined && scan === undefined && build.attestations === 'inline')
    return undefined
  const {plannedWork, workSections} = await import('../plan/explain-work.ts')
  const planned = plannedWork(inputs)
  return {planned, sections: workSections(planned)}
}

/** Decisions of a dry run that reads the registries. */
async function previewOf(prepared: Prepared, isCall: boolean, io: Io): Promise<RunResult> {
  const {plan, inputs} = prepared
  if (!plan.push.do || isCall) return {}
  if (!inputs.publish.readsRegistry) {
    // A dry run without these inputs does not need the code for it.
    if (inputs.credentials.clouds !== undefined) {
      const {reportClouds} = await import('./dry/cloud-notices.ts')
      await reportClouds(prepared, io)
    }
    return {}
  }
  const {previewTags} = await import('./preview.ts')
  return previewTags(prepared, io)
}

/** Web pages of the commit and the run. The commit of another repository has a page only if its address is known. */
function originOf({sha, repository, run, instead}: GitContext): RunOrigin {
  const source = instead === undefined || instead.isOwn ? repository.url : instead.source
  return {sha, commitUrl: source === undefined ? undefined : `${source}/commit/${sha}`, runUrl: run.url}
}

/**
 * Logs what the run is going to do: one line, then its tags, and the rest of the plan in groups. A dry run shows the plan
 * openly. A rule that was probably expected to create a tag gives a warning.
 */
function logPlan(
  run: Parameters<typeof firstLogLine>[0],
  prepared: Prepared & {readonly work: readonly string[]},
  {workflow}: Io,
): void {
  const {plan, context, inputs, notices, work} = prepared
  const {title, tags, sections: known, labels} = explainPlan(plan, context, {inputs, action: run.action})
  const sections = plan.skip === undefined ? [...known, ...work] : known
  const first = firstLogLine(run)
  if (plan.skip === undefined) workflow.print([first, ...tags.map((line) => `  ${line}`)])
  if (run.dryRun) workflow.print([title, ...sections])
  else workflow.printGroup(title, sections)
  workflow.printGroup(`${labels.length} ${labels.length === 1 ? 'label' : 'labels'}`, labels)
  for (const notice of notices) workflow.notice(notice)
  if (plan.skip !== undefined) {
    workflow.notice(first)
    return
  }
  for (const {source, reason, level} of plan.skippedRules) {
    if (level === 'warning') workflow.warning(`No tag from ${ruleText(source)}: ${formatPlanReason(reason)}`)
  }
}

/**
 * Hides the secrets of the run in a report. Reasons contain responses of registries and appear in outputs, which the
 * runner does not mask. Names and digests are not changed: later steps use them.
 */
function hideSecrets(report: Report, hide: Hide): Report {
  const {rows, preview, unread, gates, failure} = report
  const hidden = <T extends {readonly reason: string}>(entry: T): T => ({...entry, reason: hide(entry.reason)})
  return {
    ...report,
    ...(rows && {rows: rows.map(hidden)}),
    ...(preview && {preview: preview.map(hidden)}),
    ...(unread && {unread: unread.map(hidden)}),
    ...(gates && {gates: gates.map((gate) => hiddenVerdict(gate, hide))}),
    ...(failure && {failure: hideInError(failure, hide)}),
  }
}

/** Verdict without secrets: it has errors of registries, and lines that a scanner or a test has printed. */
function hiddenVerdict(verdict: GateVerdict, hide: Hide): GateVerdict {
  const {evidence} = verdict
  return {...verdict, reason: hide(verdict.reason), ...(evidence && {evidence: evidence.map(hide)})}
}

/** Writes outputs, log and summary. */
async function writeReport(report: Report, inputs: Inputs, io: Io): Promise<void> {
  const {workflow, environment} = io
  const published = withoutUnpublished(report)
  const hasFiles = report.failure === undefined && hasOutput(report.action, 'bake-file')
  const values = {
    ...outputs(published, inputs.output),
    ...(published.signed && (await import('../report/signature-lines.ts')).signatureOutputs(published.signed)),
    ...(hasFiles ? await writeResultFiles(published, inputs.output.bakeTarget, io) : {}),
  }
  for (const [name, value] of Object.entries(values)) {
    if (hasOutput(report.action, name)) workflow.setOutput(name, value)
  }
  if (environment['DOCKER_METADATA_SET_OUTPUT_ENV'] === 'true') {
    for (const [name, value] of Object.entries(outputVariables(values))) workflow.exportVariable(name, value)
  }
  await declare(published, io)
  for (const line of incompleteOutputs(published)) workflow.notice(line)
  const warnings = workflow.warnings()
  const finalLine = report.dryRun ? await logPreview(report, io) : await logResults(report, published, io)
  if (finalLine !== undefined) workflow.info(finalLine)
  if (inputs.publish.summary) await writeSummary({...report, rows: report.preview ?? report.rows, warnings}, workflow)
}

/** Declares the published images as artifacts of the job, where the runner supports that. */
async function declare(report: Report, io: Io): Promise<void> {
  if ((io.environment['GITHUB_ARTIFACTS'] ?? '') === '' || report.failure !== undefined) return
  const {declareArtifacts} = await import('./github/declare-artifacts.ts')
  await declareArtifacts(report, io)
}

/** Logs what a real run would do with each tag. Returns the last line of the log. */
async function logPreview(report: Report, {workflow}: Io): Promise<string | undefined> {
  const {finalDryLine, previewLines} = await import('../report/dry-run.ts')
  const {plan, versions} = report
  workflow.print(previewLines(report, (row) => tagText(row, versions)))
  return finalDryLine(report, {name: logName(plan), reason: formatPlanReason(plan.push.reason)})
}

/** Logs the outcome of each tag. Returns the last line of the log. */
async function logResults(report: Report, published: Report, {workflow}: Io): Promise<string | undefined> {
  const {rows = [], unread = []} = report
  workflow.print(tagLines(report))
  if (rows.some(({level}) => level !== 'info')) {
    const {tagNotices} = await import('../report/tag-notices.ts')
    for (const {level, text} of tagNotices(report)) workflow[level](text)
  }
  for (const {reference, reason} of unread) {
    workflow.warning(`${reference} was pushed, but could not be read back: ${reason}`)
  }
  return finalLogLine(published)
}

/** Writes the summary. A failure to write it does not fail the run: the image is published. */
async function writeSummary(report: Report, workflow: Io['workflow']): Promise<void> {
  try {
    await workflow.writeSummary(await summary(report))
  } catch (error) {
    workflow.warning(`The job summary could not be written: ${toTagboatError(error).evidence.join(' ')}`)
  }
}
