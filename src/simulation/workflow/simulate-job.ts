import {evaluateCondition, evaluateText} from '../../workflow-file/expressions/evaluate-text.ts'
import {
  asksForStatus,
  type Contexts,
  type JobStatus,
  type Scope,
} from '../../workflow-file/expressions/evaluate-expression.ts'
import {OpenContext, UnknownValue} from '../../workflow-file/expressions/partial-data.ts'
import {writeFiles} from '../../workflow-file/step-effects.ts'
import type {Workflow, WorkflowJob, WorkflowStep, Written} from '../../workflow-file/workflow.ts'
import {availableIn} from './available.ts'
import {checkedOutAfter, type CheckedOut} from './checked-out.ts'
import {evaluateMap, faultOf, type EvaluatedMap} from './evaluate-inputs.ts'
import type {Leg} from '../../workflow-file/matrix-legs.ts'
import {afterStep, type JobVariables} from './job-variables.ts'
import {legsOf} from './matrix.ts'
import {prunedStep, simulateStep, type TagboatUse} from './simulate-step.ts'
import type {ExpressionFault, SimulatedStep, WorkflowOptions} from './simulated-workflow.ts'
import {
  resultOf,
  seenOf,
  seenOfOther,
  skippedStep,
  statusAfter,
  withGivenOutputs,
  type JobResult,
  type StepStatus,
} from './step-results.ts'
import {actionOfStep, callsTagboat, isLocal, prunes} from './tagboat-uses.ts'
import {namedValues, withEnv, withJobStatus} from './workflow-contexts.ts'

/** Job for an event: its steps of Tagboat, and what other jobs see of it. */
export interface SimulatedJob {
  readonly steps: readonly SimulatedStep[]
  readonly result: JobResult
  /** Value of `needs.ID.outputs`. */
  readonly outputs: Readonly<Record<string, unknown>>
  /** Names of the values that decide whether the job runs, if that is not known. */
  readonly waitsFor: readonly string[]
  /** Faults in variables and outputs of the job. */
  readonly faults: readonly ExpressionFault[]
}

interface JobQuestion {
  readonly workflow: Workflow
  readonly job: WorkflowJob
  /** Contexts with `needs`, and the variables of the workflow. */
  readonly contexts: Contexts
  /** Status of the jobs that this one needs, and of those that they need. */
  readonly status: JobStatus
  readonly workflowEnv: EvaluatedMap
  readonly options: WorkflowOptions
}

/** Simulates a job. */
export async function simulateJob(question: JobQuestion): Promise<SimulatedJob> {
  const {job, contexts} = question
  const stopped = stoppedByCondition(question)
  if (stopped !== undefined) return ended(question, stopped)
  const expanded = legsOf(job.matrix, availableIn('jobs.strategy', contexts))
  if ('problem' in expanded) {
    const faults = [faultOf('matrix', {place: job.matrixPlace ?? job.place}, expanded.problem)]
    return ended(question, {state: 'invalid', reason: `the matrix of the job ${job.id} is not valid`, faults})
  }
  if ('unknown' in expanded) {
    return ofUnknownMatrix(await simulateLeg(new UnknownValue(...expanded.unknown), question), expanded.unknown)
  }
  if (expanded.legs.length === 0) {
    return ended(question, {state: 'skipped', reason: `the matrix of the job ${job.id} excludes all of its values`})
  }
  const legs = await Promise.all(expanded.legs.map(async (leg) => simulateLeg(leg, question)))
  const outputs = legs.at(-1)?.outputs ?? {}
  const bad = (['failure', 'cancelled'] as const).find((result) => legs.some((leg) => leg.result === result))
  const isKnown = legs.every((leg) => leg.result !== undefined)
  return {
    steps: legs.flatMap(({steps}) => steps),
    result: bad ?? (isKnown ? 'success' : undefined),
    outputs,
    waitsFor: [],
    faults: legs.flatMap(({faults}) => faults),
  }
}

/** Job with one run for all those of a matrix that is not known: what it plans does not depend on the matrix. */
function ofUnknownMatrix({steps, ...job}: SimulatedJob, names: readonly string[]): SimulatedJob {
  const all = steps.map((step) => ({...step, unknown: [...step.unknown, {input: 'matrix', names}]}))
  return {...job, steps: all, result: undefined}
}

type Ending = Pick<SimulatedStep, 'state'> & Partial<Pick<SimulatedStep, 'reason' | 'unknown' | 'faults'>>

/** Ending of a job by its condition; undefined if the job runs. */
function stoppedByCondition({job, contexts, status}: JobQuestion): Ending | undefined {
  const text = job.if?.text ?? ''
  const condition = evaluateCondition(text, availableIn('jobs.if', contexts), status)
  if ('problem' in condition) {
    const faults = job.if === undefined ? [] : [faultOf('if', job.if, condition.problem)]
    return {state: 'invalid', reason: `the condition of the job ${job.id} is not valid`, faults}
  }
  if ('unknown' in condition) {
    const unknown = [{input: 'if', names: condition.unknown}]
    return {state: 'unknown', reason: `whether the job ${job.id} runs depends on a run`, unknown}
  }
  if (condition.holds) return undefined
  const isOwn = status === 'success' || asksForStatus(text)
  const verb = status === 'failure' ? 'fails' : status === 'cancelled' ? 'is cancelled' : 'does not run'
  const reason = isOwn ? `\`if\` of the job ${job.id} is false` : `a job that ${job.id} needs ${verb}`
  return {state: 'skipped', reason}
}

/** Job whose steps do not run, or not as far as known. */
function ended(question: JobQuestion, ending: Ending): SimulatedJob {
  const steps = usesOf(question, undefined).map(({job, index, name, action, place}): SimulatedStep => ({
    ...{job, index, name, action, place, unknown: [], faults: []},
    ...ending,
  }))
  const outputs = Object.fromEntries(
    [...question.job.outputs.keys()].map((name) => [name, outputOf(question, name, ending)]),
  )
  const waitsFor = (ending.unknown ?? []).filter(({input}) => input === 'if').flatMap(({names}) => names)
  return {steps, result: ending.state === 'skipped' ? 'skipped' : undefined, outputs, waitsFor, faults: []}
}

function outputOf({job}: JobQuestion, name: string, {state}: Ending): unknown {
  return state === 'skipped' ? '' : new UnknownValue(`needs.${job.id}.outputs.${name}`)
}

async function simulateLeg(leg: Leg | UnknownValue, question: JobQuestion): Promise<SimulatedJob> {
  const {job, contexts, workflowEnv, options} = question
  const ofLeg = {...contexts, matrix: leg}
  const jobEnv = evaluateMap(job.env, availableIn('jobs.env', ofLeg))
  const withJob = withEnv(ofLeg, jobEnv)
  const env: EvaluatedMap = {
    values: new Map([...workflowEnv.values, ...jobEnv.values]),
    unknown: [...workflowEnv.unknown, ...jobEnv.unknown],
    faults: [...workflowEnv.faults, ...jobEnv.faults],
  }
  const place = {job: job.id, leg: job.matrix === undefined || leg instanceof UnknownValue ? undefined : leg}
  const uses = usesOf(question, place.leg)
  const ids = job.steps.flatMap(({id}) => id?.text ?? [])
  const given = namedValues(options.values ?? {}, 'steps', ids)
  const known: Record<string, unknown> = {...given}
  const steps: SimulatedStep[] = []
  let status: StepStatus = 'success'
  let before: JobVariables = {context: withJob['env'], variables: env}
  let checkedOut: CheckedOut
  const seenFromStep = (): Contexts =>
    withJobStatus({...withJob, env: before.context, steps: new OpenContext({...known})}, status)
  const run = async (step: WorkflowStep | undefined, index: number | undefined): Promise<void> => {
    const ofJob = seenFromStep()
    const ofStep = evaluateMap(step?.env ?? new Map<string, Written>(), availableIn('steps.env', ofJob))
    const own = withEnv(ofJob, ofStep)
    const use = uses.find((one) => one.index === index)
    if (use !== undefined) options.onStep?.()
    const simulated =
      use && (await simulateStep(use, own, {status, jobEnv: before.variables, env: ofStep, checkedOut, options}))
    steps.push(...(simulated === undefined ? prunedSteps(step, place, {contexts: own, status}) : [simulated]))
    const goesOn = isTrue(step?.continueOnError, availableIn('steps.continue-on-error', own))
    const seen = simulated === undefined ? seenOfOther(step, own, status) : seenOf(simulated, goesOn)
    if (seen !== skippedStep) checkedOut = checkedOutAfter(checkedOut, step, own, options)
    before = variablesAfter(before, {step, seen}, options)
    const shown = step?.id && withGivenOutputs(seen, given[step.id.text], goesOn)
    if (shown !== undefined && step?.id !== undefined) known[step.id.text] = shown
    status = statusAfter(status, step, {simulated, seen, goesOn, given})
  }
  if (job.steps.length === 0) await run(undefined, undefined)
  for (const [index, step] of job.steps.entries()) await run(step, index)
  const {outputs, faults} = outputsOf(question, seenFromStep())
  const result = resultOf(steps, status, isTrue(job.continueOnError, availableIn('jobs.continue-on-error', ofLeg)))
  return {steps, result, outputs, waitsFor: [], faults: [...jobEnv.faults, ...faults]}
}

/** The step, if it prunes. */
function prunedSteps(
  step: WorkflowStep | undefined,
  ...facts: [Parameters<typeof prunedStep>[1], Parameters<typeof prunedStep>[2]]
): readonly SimulatedStep[] {
  return step !== undefined && prunes(step) ? [prunedStep(step, ...facts)] : []
}

/** Variables after a step, if it runs. */
function variablesAfter(
  before: JobVariables,
  {step, seen}: {readonly step: WorkflowStep | undefined; readonly seen: unknown},
  {env = {}}: WorkflowOptions,
): JobVariables {
  return step === undefined || seen === skippedStep ? before : afterStep(before, step, env)
}

/** Reports whether a text, such as `continue-on-error`, is known to be true. */
function isTrue(written: Written | undefined, scope: Scope): boolean {
  const evaluated = evaluateText(written?.text ?? '', scope)
  return 'value' in evaluated && evaluated.value.trim() === 'true'
}

function outputsOf({job}: JobQuestion, contexts: Contexts): Pick<SimulatedJob, 'outputs' | 'faults'> {
  const {values, unknown, faults} = evaluateMap(job.outputs, availableIn('jobs.outputs', contexts))
  const outputs = Object.fromEntries<unknown>([
    ...values,
    ...unknown.map(({input}) => [input, new UnknownValue(`needs.${job.id}.outputs.${input}`)] as const),
  ])
  return {outputs, faults}
}

/** Steps of Tagboat in a job, or the job itself if it calls the reusable workflow. */
function usesOf({workflow, job, options}: JobQuestion, leg: Leg | undefined): readonly TagboatUse[] {
  const shared = {job: job.id, leg}
  const isOwn = options.event.environment['GITHUB_REPOSITORY']?.toLowerCase() === 'tagboat/tagboat'
  const notKnown = (uses: string | undefined): string | undefined => (isLocal(uses) && !isOwn ? uses : undefined)
  if (callsTagboat(job)) {
    const {uses, with: inputs, place} = job
    const call = {name: uses?.text ?? job.id, action: 'publish', place, if: undefined, with: inputs} as const
    const before = {checkout: true, followsWriter: false}
    return [{...shared, ...call, ...before, index: undefined, isCall: true, notKnown: notKnown(uses?.text)}]
  }
  const isPart = !['workflow', 'jobs', 'job', 'action'].includes(workflow.kind)
  return job.steps.flatMap((step, index): readonly TagboatUse[] => {
    const action = actionOfStep(step, workflow.kind)
    if (action === undefined) return []
    const before = job.steps.slice(0, index)
    const checkout = isPart || before.some(({uses}) => uses?.text.startsWith('actions/checkout@') === true)
    const followsWriter = writeFiles(before)
    const name = step.name?.text ?? step.id?.text ?? step.uses?.text ?? action
    const {place, with: inputs} = step
    const what = {isCall: false, notKnown: notKnown(step.uses?.text)}
    return [{...shared, index, name, action, place, if: step.if, with: inputs, ...what, checkout, followsWriter}]
  })
}
