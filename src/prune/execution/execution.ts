import type {TagboatError} from '../../errors/error.ts'
import {isGone, type DeletionStep} from '../../retention/deletion-step.ts'
import type {DeletionPlan} from '../../retention/plan-deletion.ts'
import type {Deletion} from '../image-store.ts'

/** Outcome of a step of a plan. */
export type StepOutcome =
  | Exclude<Deletion, {readonly kind: 'postponed'}>
  /** Something that the registry keeps, or that appeared meanwhile, needs the image. */
  | {readonly kind: 'spared'}
  /** The step was not tried. The next run goes on with it. */
  | {readonly kind: 'remaining'}

/** Step of a plan, with its outcome. */
export interface ExecutedStep {
  readonly step: DeletionStep
  readonly outcome: StepOutcome
  /** Tags that were removed from an image that was not deleted. */
  readonly removedTags?: readonly string[]
}

/** Digests of the images that steps have deleted. */
export function deletedImages(steps: readonly ExecutedStep[]): ReadonlySet<string> {
  return new Set(steps.flatMap(({step, outcome}) => (step.kind === 'image' && isGone(outcome) ? [step.digest] : [])))
}

/** Reports whether a step has deleted anything, if only a tag of its image. */
export function hasDeleted({outcome, removedTags = []}: ExecutedStep): boolean {
  return outcome.kind === 'deleted' || removedTags.length > 0
}

/**
 * Cause that steps remain. `budget`: the limits of the registry did not allow all of them, or its rate limit was exceeded.
 * `failed`: the failure of the execution.
 */
export type ExecutionEnd = 'complete' | 'budget' | 'cancelled' | 'failed'

/** Result of the execution of a plan. */
export interface Execution {
  /** All steps that were planned, in order. */
  readonly steps: readonly ExecutedStep[]
  /** Plan after the last refusal: what stays, and why. */
  readonly plan: DeletionPlan
  readonly end: ExecutionEnd
  /**
   * Failure of the run: `prune-denied` or the code of the store, `prune-unsupported`, `prune-incomplete`, or the error of a
   * list. Undefined if everything went, or stayed for a reason.
   */
  readonly failure: TagboatError | undefined
}
