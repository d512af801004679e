import {fieldAt} from '../context/payload.ts'
import {toTagboatError, type TagboatError} from '../errors/error.ts'
import {hideInError} from '../errors/hide-secrets.ts'
import {remedies} from '../errors/remedies.ts'
import {formatProblem, Problems, type Problem} from '../inputs/problem.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import {defaultText, inputNames} from '../inputs/spec/all-inputs.ts'
import {formatPlatform} from '../oci/platform.ts'
import {explainPlan} from '../plan/explain.ts'
import {plannedWork, workSections} from '../plan/explain-work.ts'
import type {RawInputs} from '../io/environment.ts'
import {prepare, type Prepared} from '../prepare/prepare.ts'
import {readStep} from '../prepare/read-step.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {finalDryLine, previewLines} from '../report/dry-run.ts'
import {logName} from '../report/image-name.ts'
import {firstLogLine, tagText} from '../report/log-lines.ts'
import {hasOutput} from '../report/output-spec.ts'
import {limitPlan} from '../report/output-limit.ts'
import {outputs} from '../report/outputs.ts'
import {planJson} from '../report/plan-json.ts'
import type {Report} from '../report/report.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {secretsIn} from '../workflow-file/expressions/secret-text.ts'
import {simulatedToken} from './events/simulated-event.ts'
import {isNotSimulated, notSimulated} from './not-simulated.ts'
import type {RecordedWorkflow} from './recorded-workflow.ts'
import {planWithoutInvented, unknownImage, withoutInvented} from './registry/invented-digests.ts'
import type {RegistryContents} from './registry/registry-contents.ts'
import {simulatedRows, type ReadRegistries, type SimulatedRows} from './registry/simulated-rows.ts'
import {simulatedIo, type IoRequest, type SimulatedIo} from './simulated-io.ts'
import type {Simulated, SimulatedFailure} from './simulated.ts'
import {fileOf} from './values/fact-names.ts'

/** A step and an event. */
export interface SimulationRequest extends IoRequest {
  readonly action: PublishingAction
  /** Tags that the registries hold before the run. Without them, only the plan is made. */
  readonly registry?: RegistryContents | undefined
  /** Reads the registries in place of `registry`. */
  readonly readRegistries?: ReadRegistries | undefined
}

/** Plans a step for an event with the code of a real run, and without its side effects. */
export async function simulate(request: SimulationRequest): Promise<Simulated> {
  const io = simulatedIo({...request, inputs: withDefaults(request)})
  const result = await simulateWith(io, request)
  if (io.asked.size === 0) return result
  return {outputs: {}, notices: [], warnings: [], unknown: askedInputs(io.asked, request.inputs)}
}

/** Facts that the run asked for, by the input that names them. Rules of `tags` ask for a version. */
function askedInputs(asked: ReadonlySet<string>, inputs: RawInputs): NonNullable<Simulated['unknown']> {
  return [...asked].map((name) => {
    const naming = ['version', 'tags'].find((input) => inputs.get(input)?.includes(fileOf(name) ?? name))
    return {input: naming ?? (inputs.has('version') ? 'version' : 'tags'), names: [name]}
  })
}

async function simulateWith(io: SimulatedIo, request: SimulationRequest): Promise<Simulated> {
  const {action} = request
  const {workflow} = io
  try {
    const prepared = await prepare(io, action)
    const judged = await judgedTags(prepared, request)
    const show = withoutInvented(new Map([...(judged.invented ?? []), unknownImage]))
    const failure = prepared.refusal ?? (judged.failure && hideInError(judged.failure, show))
    return {
      ...planned(prepared, judged, show),
      ...said(prepared, workflow, judged.notices),
      ...(failure && {failure: failureOf(failure, workflow)}),
    }
  } catch (error) {
    return {outputs: {}, notices: workflow.noticed, warnings: warningsOf(workflow), failure: failureOf(error, workflow)}
  }
}

/**
 * Failure of a step by a line that is not valid in any case, such as a rule. For a step with inputs that are not known.
 * Undefined without such a line.
 */
export async function simulateWrittenLines(request: SimulationRequest): Promise<Simulated | undefined> {
  const io = simulatedIo({...request, inputs: withDefaults(request)})
  const known = [...request.inputs].filter(([, text]) => secretsIn(text).length === 0)
  const written = new Set(known.map(([name]) => name.toLowerCase()))
  const lines = new Problems()
  try {
    await readStep(io, request.action, new Problems())
  } catch (error) {
    // A problem without a line can be that an input is missing which is only not known.
    for (const problem of problemsOf(toTagboatError(error)))
      if (problem.line !== undefined && written.has(problem.input)) lines.add(problem)
  }
  try {
    lines.throwIfAny()
    return undefined
  } catch (error) {
    return {outputs: {}, notices: [], warnings: [], failure: failureOf(error, io.workflow)}
  }
}

/** Decisions about the tags, if the run pushes and the contents of the registries are known. */
async function judgedTags(prepared: Prepared, request: SimulationRequest): Promise<Partial<SimulatedRows>> {
  const {plan, refusal} = prepared
  const {registry, readRegistries, now} = request
  if (refusal !== undefined || plan.skip !== undefined || !plan.push.do) return {}
  if (readRegistries !== undefined) return readRegistries(prepared)
  return registry === undefined ? {} : simulatedRows(prepared, registry, now)
}

/** Inputs as the runner passes them: with the defaults of `action.yml`. */
function withDefaults({action, inputs}: SimulationRequest): ReadonlyMap<string, string> {
  const token = inputs.get('github-token') ?? simulatedToken
  const defaults = inputNames(action).flatMap((name) => {
    const text = defaultText(name, action)
    return text === '' ? [] : [[name, text] as const]
  })
  const given = [...inputs].map(([name, value]) => [name.toLowerCase(), value] as const)
  return new Map([...defaults, ['github-token', token] as const, ...given])
}

function planned(
  {action, plan, context, inputs}: Prepared,
  {preview: rows, versions, failure}: Partial<SimulatedRows>,
  show: (text: string) => string,
): Omit<Simulated, 'notices' | 'warnings'> {
  const work = plannedWork(inputs)
  const platforms = inputs.build.platforms.map(formatPlatform)
  const preview = rows?.map((row) => ({...row, reason: show(row.reason)}))
  const report: Report = {
    action,
    plan,
    dryRun: true,
    work,
    platforms,
    ...(preview && {preview}),
    ...(failure && {failure}),
  }
  const explained = explainPlan(plan, context, {inputs, action})
  const json = planWithoutInvented(planJson(plan, {preview, work}), show)
  const all = {...outputs(report, inputs.output), ...(preview && {plan: limitPlan(json).text})}
  return {
    plan: json,
    explained: {...explained, sections: [...explained.sections.map(show), ...(plan.skip ? [] : workSections(work))]},
    context,
    log: {
      first: firstLogLine(report),
      tags: previewLines(report, (row) => tagText(row, versions)).map(show),
      last: finalDryLine(report, {name: logName(plan), reason: formatPlanReason(plan.push.reason)}),
    },
    ...(inputs.publish.dryRun && {dryRun: true}),
    ...(preview && {preview}),
    outputs: Object.fromEntries(Object.entries(all).filter(([name]) => hasOutput(action, name))),
    ...(plan.skip && {skipped: formatPlanReason(plan.skip)}),
  }
}

/** Notices and warnings of a run, as its log has them. */
function said(
  {plan, notices}: Prepared,
  workflow: RecordedWorkflow,
  ofRegistries: readonly string[] = [],
): Pick<Simulated, 'notices' | 'warnings' | 'ruleWarnings'> {
  const ofRules = plan.skippedRules.flatMap(({source, reason, level}) =>
    level === 'warning' && plan.skip === undefined
      ? [`No tag from ${ruleText(source)}: ${formatPlanReason(reason)}`]
      : [],
  )
  return {
    notices: [...workflow.noticed, ...[...notices, ...ofRegistries].map(workflow.hide)],
    warnings: [...warningsOf(workflow), ...ofRules],
    ...(ofRules.length > 0 && {ruleWarnings: ofRules}),
  }
}

function warningsOf(workflow: RecordedWorkflow): readonly string[] {
  return workflow.warnings().map(({text}) => text)
}

/** Failure with the words of the log. */
function failureOf(thrown: unknown, workflow: RecordedWorkflow): SimulatedFailure {
  if (isNotSimulated(thrown)) {
    const remedy = 'Run the workflow with `dry-run: true` to see this.'
    return {code: notSimulated, message: thrown.message, evidence: [], remedy, problems: []}
  }
  const error = hideInError(toTagboatError(thrown), workflow.hide)
  const {code, message, remedy} = error
  const problems = problemsOf(toTagboatError(thrown))
  const evidence = problems.length === 0 ? error.evidence : problems.map(formatProblem).map(workflow.hide)
  return {code, message, evidence, remedy: remedy ?? remedies[code], problems}
}

/** Problems that the error of invalid inputs lists. */
function problemsOf({code, cause}: TagboatError): readonly Problem[] {
  if (code !== 'input-invalid' || !Array.isArray(cause)) return []
  return cause.filter(isProblem).map(inFile)
}

/** Problem with its remedy for a file, whose inputs are not variables of a job. */
function inFile({input, line, column, message, remedy}: Problem): Problem {
  return {input, ...(line !== undefined && {line}), ...(column !== undefined && {column}), message, remedy}
}

function isProblem(value: unknown): value is Problem {
  return ['input', 'message', 'remedy'].every((name) => typeof fieldAt(value, name) === 'string')
}
