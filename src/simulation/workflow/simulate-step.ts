import type {PublishingAction} from '../../inputs/spec/action-names.ts'
import {hasInput} from '../../inputs/spec/all-inputs.ts'
import {evaluateCondition} from '../../workflow-file/expressions/evaluate-text.ts'
import type {Contexts, JobStatus} from '../../workflow-file/expressions/evaluate-expression.ts'
import type {Place, WorkflowStep, Written, WrittenMap} from '../../workflow-file/workflow.ts'
import {simulateWrittenLines, type SimulationRequest} from '../simulate.ts'
import type {Simulated} from '../simulated.ts'
import {availableIn} from './available.ts'
import {unknownCommit, type CheckedOut} from './checked-out.ts'
import {callFaults} from './called-inputs.ts'
import {digestFiles, evaluateMap, faultOf, isDecisive, standIns, type EvaluatedMap} from './evaluate-inputs.ts'
import {simulateWithSecrets, withUnknownSecrets} from './secret-inputs.ts'
import {knownPush} from './known-push.ts'
import type {SimulatedStep, WorkflowOptions} from './simulated-workflow.ts'
import {hasSecrets} from './workflow-contexts.ts'

/** Step of Tagboat, or a job that calls its workflow. */
export interface TagboatUse {
  readonly job: string
  readonly leg: SimulatedStep['leg']
  readonly index: number | undefined
  readonly name: string
  readonly action: PublishingAction
  readonly place: Place
  readonly if: Written | undefined
  readonly with: WrittenMap
  /** Whether the inputs are those of the reusable workflow, which has some of its own. */
  readonly isCall: boolean
  /** Local action or workflow of another repository, which may be anything. */
  readonly notKnown: string | undefined
  /** Whether the job has a checkout before the step. */
  readonly checkout: boolean
  /** Whether a step before this one can write files. */
  readonly followsWriter: boolean
}

/** Step that prunes. Its contexts have its own variables. What it deletes depends on what the registry holds. */
export function prunedStep(
  {index, place, name, uses, if: written}: WorkflowStep,
  {job, leg}: Pick<TagboatUse, 'job' | 'leg'>,
  {contexts, status}: {readonly contexts: Contexts; readonly status: JobStatus},
): SimulatedStep {
  const condition = conditionOf(written, contexts, status)
  const title = name?.text ?? uses?.text ?? 'prune'
  const what = {job, ...(leg && {leg}), index, name: title, place}
  const step = {...what, action: 'prune' as const, unknown: [], faults: []}
  if ('state' in condition) return {...step, ...condition}
  const reason = 'it deletes the tags that its policy does not keep, which depend on what the registry holds'
  return {...step, state: 'unknown', reason, pushes: false, unknown: condition.unknown}
}

interface Surroundings {
  readonly status: JobStatus
  /** Variables of the workflow and of the job. */
  readonly jobEnv: EvaluatedMap
  /** Variables of the step itself. */
  readonly env: EvaluatedMap
  readonly checkedOut: CheckedOut
  readonly options: WorkflowOptions
}

/** Simulates a step of Tagboat. Its contexts have its own variables and those of the job. */
export async function simulateStep(
  use: TagboatUse,
  contexts: Contexts,
  {status, jobEnv, env, checkedOut, options}: Surroundings,
): Promise<SimulatedStep> {
  const {job, leg, index, name, action, place} = use
  const step = {job, ...(leg && {leg}), index, name, action, place, unknown: [], faults: []}
  const condition = conditionOf(use.if, contexts, status)
  if ('state' in condition) return {...step, ...condition}
  if (use.notKnown !== undefined) {
    const kind = use.isCall ? 'workflow' : 'action'
    return {...step, state: 'unknown', reason: `the local ${kind} ${use.notKnown} is not known`}
  }
  const inputs = withUnknownSecrets(
    evaluateMap(use.with, availableIn(use.isCall ? 'jobs.with' : 'steps.with', contexts)),
  )
  const unknownInputs = use.isCall ? callFaults(use.with) : []
  if (unknownInputs.length > 0)
    return {...step, state: 'invalid', reason: 'the call is not valid', faults: unknownInputs}
  const faults = [...env.faults, ...inputs.faults]
  if (faults.length > 0 || jobEnv.faults.length > 0)
    return {...step, state: 'invalid', reason: 'an expression is not valid', faults}
  const unknown = [
    ...condition.unknown,
    ...inputs.unknown,
    ...decisiveVariables([...jobEnv.unknown, ...env.unknown]),
    ...digestFiles(inputs.values, options.files),
    ...unknownCommit(checkedOut),
  ]
  const known = {known: inputs.values, unknown, env: [...jobEnv.values, ...env.values], checkedOut}
  const request = requestFor(use, known, options)
  if (unknown.some(({input}) => /^(?:if$|env\.|the commit )/.test(input) || isDecisive(input))) {
    const result = await simulateWrittenLines(request)
    if (result !== undefined) return {...step, state: 'planned', unknown, result}
    return {...step, ...open, ...(await knownPush(request, unknown)), unknown}
  }
  const simulated = await simulateWithSecrets(request)
  const {result} = simulated
  const missing = [...unknown, ...simulated.unknown, ...(result.unknown ?? [])]
  if (result.unknown !== undefined) return {...step, ...open, ...(await knownPush(request, missing)), unknown: missing}
  return {...step, state: 'planned', unknown: missing, result: withForkWarning(result, options)}
}

const open = {state: 'unknown', reason: 'it depends on values that only a run can give'} as const

/** Inputs and variables of a step, as far as they are known. */
interface KnownPart {
  readonly known: ReadonlyMap<string, string>
  readonly unknown: EvaluatedMap['unknown']
  readonly env: readonly (readonly [string, string])[]
  readonly checkedOut: CheckedOut
}

function requestFor(
  use: TagboatUse,
  {known, unknown, env, checkedOut}: KnownPart,
  options: WorkflowOptions,
): SimulationRequest {
  const {action, isCall} = use
  const inputs = [...known, ...standIns(unknown, action)].filter(
    ([input]) => !isCall || (hasInput(action, input) && input !== 'platforms'),
  )
  return {
    action,
    inputs: new Map(inputs),
    env: {...options.env, ...Object.fromEntries(env)},
    event: options.event,
    files: options.files ?? {},
    checkout: use.checkout,
    ...(checkedOut !== undefined && 'head' in checkedOut && {head: checkedOut.head}),
    readFile: options.readFile,
    hasAllFiles: options.hasAllFiles === true && !use.followsWriter,
    registry: options.registry,
    readRegistries: options.readRegistries,
    ...(options.tagsOfCommit && {tagsOfCommit: options.tagsOfCommit}),
    answers: options.values,
    now: options.now,
    regex: options.regex,
  }
}

/** Result with a warning if a pull request of a fork, or of Dependabot, would push: its token can only read. */
function withForkWarning(result: Simulated, options: WorkflowOptions): Simulated {
  if (
    result.plan?.['push'] !== true ||
    result.dryRun === true ||
    hasSecrets(options) ||
    isForServices(result.plan['images'])
  )
    return result
  const warning =
    'A pull request of a fork or of Dependabot has no secrets, and its token cannot write packages, so the push fails.'
  return {...result, warnings: [...result.warnings, warning], pushFails: warning}
}

/** Reports whether all images are for a registry on the machine of the job, such as a service container: it needs no secret. */
function isForServices(images: unknown): boolean {
  return (
    Array.isArray(images) &&
    images.every((image) => /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?\//.test(String(image)))
  )
}

type Condition =
  | Pick<SimulatedStep, 'state' | 'reason' | 'faults'>
  | {readonly unknown: readonly {readonly input: string; readonly names: readonly string[]}[]}

function conditionOf(written: Written | undefined, contexts: Contexts, status: JobStatus): Condition {
  const evaluated = evaluateCondition(written?.text ?? '', availableIn('steps.if', contexts), status)
  if ('unknown' in evaluated) return {unknown: [{input: 'if', names: evaluated.unknown}]}
  if ('holds' in evaluated) {
    if (evaluated.holds) return {unknown: []}
    const reason = written === undefined ? 'a step before it fails' : '`if` is false'
    return {state: 'skipped', reason, faults: []}
  }
  const faults = written === undefined ? [] : [faultOf('if', written, evaluated.problem)]
  return {state: 'invalid', reason: 'the condition is not valid', faults}
}

/** Unknown variables that change what is planned, such as those that docker/metadata-action reads. */
function decisiveVariables(unknown: EvaluatedMap['unknown']): EvaluatedMap['unknown'] {
  return unknown
    .filter(({input}) => /^(?:DOCKER_(?!METADATA_OUTPUT_)|SOURCE_DATE_EPOCH$)/.test(input))
    .map(({input, names}) => ({input: `env.${input}`, names}))
}

/** Outputs that are the same in every run for this event and these inputs. Others depend on the build. */
const plannedOutputs = ['version', 'tags', 'tag-names', 'labels', 'annotations', 'json', 'skipped']

/** Outputs of a step that are known before a run. */
export function knownOutputs({outputs, failure}: Simulated): Readonly<Record<string, string>> {
  if (failure !== undefined) return {}
  return Object.fromEntries(plannedOutputs.flatMap((name) => (name in outputs ? [[name, outputs[name] ?? '']] : [])))
}
