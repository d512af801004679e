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

/** Result of a job by the status after its steps. `continue-on-error` of the job makes a failure a success. */
export function resultOf(steps: readonly SimulatedStep[], status: JobStatus, goesOn: boolean): JobResult {
  if (status === 'failure' || status === 'cancelled') return goesOn ? 'success' : status
  return steps.some(isOpen) ? undefined : 'success'
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
  return {outputs: new OpenContext(knownOutputs(result)), outcome, conclusion: goesOn ? 'success' : outcome}
}

/** Value of `steps.ID` with the values that are given for it, if the step runs. */
export function withGivenOutputs(seen: unknown, given: unknown): unknown {
  return seen === skippedStep || !(given instanceof OpenContext) ? seen : withGiven(seen, given.known)
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

/** Status of the job after a step that ends it: the step fails, or is given as one that fails or is cancelled. */
export function endingOf(
  step: WorkflowStep | undefined,
  {simulated, seen, goesOn, given}: EndedStep,
): 'failure' | 'cancelled' | undefined {
  const values = step?.id === undefined || seen === skippedStep ? undefined : given[step.id.text]
  const conclusion = givenText(values, 'conclusion') ?? (goesOn ? undefined : givenText(values, 'outcome'))
  const stated = conclusion ?? (!goesOn && fails(simulated) ? 'failure' : undefined)
  return stated === 'failure' || stated === 'cancelled' ? stated : undefined
}

function fails(step: SimulatedStep | undefined): boolean {
  return step?.result?.failure !== undefined && !mayBeSkipped(step)
}
