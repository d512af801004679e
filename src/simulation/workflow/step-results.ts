import type {Contexts, JobStatus} from '../../workflow-file/expressions/evaluate-expression.ts'
import {evaluateCondition} from '../../workflow-file/expressions/evaluate-text.ts'
import {OpenContext} from '../../workflow-file/expressions/partial-data.ts'
import type {WorkflowStep} from '../../workflow-file/workflow.ts'
import {availableIn} from './available.ts'
import {knownOutputs} from './simulate-step.ts'
import type {SimulatedStep} from './simulated-workflow.ts'
import {givenText, withGiven} from './workflow-contexts.ts'

/** Result of a job, if it is known; undefined if it depends on a run. */
export type JobResult = 'success' | 'failure' | 'cancelled' | 'skipped' | undefined

/** Status of a job before or after one of its steps. */
export type StepStatus = 'success' | 'failure' | 'cancelled'

/** Result of a job by the status after its steps. `goesOn` is `continue-on-error` of the job. */
export function resultOf(steps: readonly SimulatedStep[], status: StepStatus, goesOn: boolean): JobResult {
  const result = conclusionOf(status, goesOn)
  if (status !== 'success') return result
  return steps.some(isOpen) ? undefined : 'success'
}

/** Result with `continue-on-error`, which makes a failure a success, and changes no other result. */
function conclusionOf<T extends string>(outcome: T, goesOn: boolean): T | 'success' {
  return goesOn && outcome === 'failure' ? 'success' : outcome
}

function isOpen(step: SimulatedStep): boolean {
  return step.state === 'unknown' || step.state === 'invalid' || mayBeSkipped(step)
}

/** Reports whether it is not known that a step runs. */
function mayBeSkipped({unknown}: SimulatedStep): boolean {
  return unknown.some(({input}) => input === 'if')
}

/** Value of `steps.ID` after a step of Tagboat. What depends on the build is unknown. */
export function seenOf(step: SimulatedStep, goesOn: boolean): unknown {
  const {state, result} = step
  if (state === 'skipped') return skippedStep
  if (result === undefined || mayBeSkipped(step)) return undefined
  const outcome = result.failure === undefined ? 'success' : 'failure'
  return {outputs: new OpenContext(knownOutputs(result)), outcome, conclusion: conclusionOf(outcome, goesOn)}
}

/** Value of `steps.ID` with the values that are given for it, if the step runs. A given outcome decides the conclusion. */
export function withGivenOutputs(seen: unknown, given: unknown, goesOn: boolean): unknown {
  if (seen === skippedStep || !(given instanceof OpenContext)) return seen
  const conclusion = givenConclusion(given, goesOn)
  return withGiven(seen, {...given.known, ...(conclusion !== undefined && {conclusion})})
}

/** Conclusion of a step that is given, or follows from its given outcome. */
function givenConclusion(given: unknown, goesOn: boolean): string | undefined {
  const outcome = givenText(given, 'outcome')
  return givenText(given, 'conclusion') ?? (outcome === undefined ? undefined : conclusionOf(outcome, goesOn))
}

/** Value of `steps.ID` for a step that does not run. */
export const skippedStep = {outputs: {}, outcome: 'skipped', conclusion: 'skipped'}

/** Value of `steps.ID` after another step: known only if it does not run. */
export function seenOfOther(step: WorkflowStep | undefined, contexts: Contexts, status: JobStatus): unknown {
  const condition = evaluateCondition(step?.if?.text ?? '', availableIn('steps.if', contexts), status)
  return 'holds' in condition && !condition.holds ? skippedStep : undefined
}

/** Facts about a step that has ended. */
interface EndedStep {
  readonly simulated: SimulatedStep | undefined
  /** Value of `steps.ID`. */
  readonly seen: unknown
  /** Whether a failure of the step does not count. */
  readonly goesOn: boolean
  /** Values below `steps` that are given. */
  readonly given: Readonly<Record<string, unknown>>
}

/**
 * Status of the job after a step: the step can fail, or be given as one that fails or is cancelled. A job that is cancelled
 * stays so.
 */
export function statusAfter(
  before: StepStatus,
  step: WorkflowStep | undefined,
  {simulated, seen, goesOn, given}: EndedStep,
): StepStatus {
  const values = step?.id === undefined || seen === skippedStep ? undefined : given[step.id.text]
  const conclusion = givenConclusion(values, goesOn) ?? (!goesOn && fails(simulated) ? 'failure' : undefined)
  if (before === 'cancelled' || (conclusion !== 'failure' && conclusion !== 'cancelled')) return before
  return conclusion
}

function fails(step: SimulatedStep | undefined): boolean {
  return step?.result?.failure !== undefined && !mayBeSkipped(step)
}
