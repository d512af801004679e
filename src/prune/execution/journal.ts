import type {TagboatError} from '../../errors/error.ts'
import {isGone, type DeletionStep} from '../../retention/deletion-step.ts'
import type {DeletionPlan} from '../../retention/plan-deletion.ts'
import {deniedFailure, remainingFailure, unsupportedFailure} from './failure.ts'
import {deletedImages, type Execution, type ExecutedStep, type ExecutionEnd, type StepOutcome} from './execution.ts'
import type {ImageDeletion, ImageStore} from '../image-store.ts'

/** Number of denials without a success after which nothing else is tried. */
export const maxDenials = 3

/** Results of an execution, and whether it may go on. */
export class ExecutionJournal {
  readonly #store: ImageStore
  readonly #executed = new Map<string, ExecutedStep>()
  readonly #kinds = new Set<StepOutcome['kind']>()
  readonly #kept = new Set<string>()
  /** Removed tags of images whose deletion is postponed. */
  readonly #removedTags = new Map<string, readonly string[]>()
  #end: ExecutionEnd = 'complete'
  #failure: TagboatError | undefined

  constructor(store: ImageStore) {
    this.#store = store
  }

  /** Digests that must stay with all that they need: those that were not deleted, and what was added. */
  get kept(): ReadonlySet<string> {
    return this.#kept
  }

  /** Digests of deleted images. */
  get deleted(): ReadonlySet<string> {
    return deletedImages([...this.#executed.values()])
  }

  get hasEnded(): boolean {
    return this.#end !== 'complete'
  }

  /** Whether an answer of the registry has shown that this run may delete. */
  get isTrusted(): boolean {
    return this.#has('deleted', 'gone', 'changed', 'kept')
  }

  /** Steps of a plan that were not executed. */
  unexecuted({steps}: Pick<DeletionPlan, 'steps'>): readonly DeletionStep[] {
    return steps.filter((step) => !this.#executed.has(keyOf(step)))
  }

  keep(digests: Iterable<string>): void {
    for (const digest of digests) this.#kept.add(digest)
  }

  /** Ends the execution before the next request. The first cause counts. */
  end(end: Exclude<ExecutionEnd, 'complete'>, failure?: TagboatError): void {
    if (this.hasEnded) return
    this.#end = end
    this.#failure = failure
  }

  /** Records the result of a step. A registry that deletes nothing at all ends the execution. */
  record(step: DeletionStep, {removedTags, ...result}: ImageDeletion): void {
    if (result.kind === 'postponed') {
      if (removedTags !== undefined) this.#removedTags.set(keyOf(step), removedTags)
      this.end('budget')
      return
    }
    if (!isGone(result)) this.#kept.add(step.digest)
    const executed = {step, outcome: result, ...(removedTags !== undefined && {removedTags})}
    this.#executed.set(keyOf(step), executed)
    this.#kinds.add(result.kind)
    if (this.#has('deleted')) return
    const denied = [...this.#executed.values()].filter(({outcome}) => outcome.kind === 'denied')
    if (denied.length >= maxDenials) this.end('failed', deniedFailure(this.#store, denied))
    if (result.kind === 'unsupported' && step.kind === 'image')
      this.end('failed', unsupportedFailure(this.#store, executed))
  }

  /** Result, with all steps of the first and of the last plan. */
  result(first: DeletionPlan, last: DeletionPlan): Execution {
    const known = new Set(first.steps.map(keyOf))
    const current = new Set(last.steps.map(keyOf))
    const steps = [...first.steps, ...last.steps.filter((step) => !known.has(keyOf(step)))].map(
      (step): ExecutedStep => {
        const removedTags = this.#removedTags.get(keyOf(step))
        const outcome: StepOutcome = {kind: current.has(keyOf(step)) ? 'remaining' : 'spared'}
        return this.#executed.get(keyOf(step)) ?? {step, outcome, ...(removedTags !== undefined && {removedTags})}
      },
    )
    const failure = this.#end === 'cancelled' ? undefined : (this.#failure ?? remainingFailure(this.#store, steps))
    return {steps, plan: last, end: this.#end, failure}
  }

  #has(...kinds: readonly StepOutcome['kind'][]): boolean {
    return kinds.some((kind) => this.#kinds.has(kind))
  }
}

/** Name of a step that later plans share. */
function keyOf(step: DeletionStep): string {
  return step.kind === 'tag' ? `${step.tag}@${step.digest}` : step.digest
}
