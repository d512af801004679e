import {toTagboatError} from '../errors/error.ts'
import type {DeletionStep} from '../retention/deletion-step.ts'
import type {DeletionPlan} from '../retention/plan-deletion.ts'
import type {RepositoryContent} from '../retention/repository-content.ts'
import {requireReadable} from '../retention/require-readable.ts'
import {ExecutionJournal, maxDenials} from './execution/journal.ts'
import type {Execution} from './execution/execution.ts'
import type {DoomedImage, ImageDeletion, ImageStore} from './image-store.ts'

/** Plan, and what its execution needs. */
export interface ExecutionRequest {
  readonly store: ImageStore
  readonly content: RepositoryContent
  /** Plans the deletion while these digests stay too. It is called first with none. */
  readonly plan: (keptBesides: ReadonlySet<string>) => DeletionPlan
  /** Reads which images are needed by what appeared in the repository since it was read. `deleted`: those that this run deleted. */
  readonly neededMeanwhile: (deleted: ReadonlySet<string>) => Promise<ReadonlySet<string>>
  readonly signal: AbortSignal
  /** Called after each step that was tried. */
  readonly onStep?: (() => void) | undefined
}

/** Number of images or tags that are deleted at the same time, by requests of their own. */
const deletionsAtOnce = 8

/**
 * Deletes what a plan names, level by level: an image before its platforms and signatures. Before each level, everything
 * that was not deleted, or that appeared meanwhile, is planned as kept, with all that it needs.
 * @throws TagboatError if the limits of the registry cannot be read. Other failures are in the result.
 */
export async function execute(request: ExecutionRequest): Promise<Execution> {
  const {plan, store} = request
  const journal = new ExecutionJournal(store)
  const first = plan(new Set())
  const budget = first.steps.length === 0 ? undefined : await store.budget()
  const executor = new Executor(request, journal, budget ?? Infinity)
  let current = first
  let planned = 0
  while (!journal.hasEnded && journal.unexecuted(current).length > 0) {
    await executor.keepNewcomers()
    if (journal.kept.size > planned) current = planAgain(request, journal)
    planned = journal.kept.size
    const steps = journal.unexecuted(current)
    const [next] = steps
    if (next !== undefined) await executor.run(steps.filter(({level}) => level === next.level))
  }
  if (journal.kept.size > planned) current = planAgain(request, journal)
  return journal.result(first, current)
}

/** Plans again, with everything kept that was not deleted. What it needs must be readable. */
function planAgain({plan, store}: ExecutionRequest, journal: ExecutionJournal): DeletionPlan {
  const next = plan(journal.kept)
  try {
    requireReadable(next, store.repository)
  } catch (error) {
    journal.end('failed', toTagboatError(error))
  }
  return next
}

class Executor {
  readonly #request: ExecutionRequest
  readonly #journal: ExecutionJournal
  /** Number of deletions that are still allowed. */
  #budget: number

  constructor(request: ExecutionRequest, journal: ExecutionJournal, budget: number) {
    this.#request = request
    this.#journal = journal
    this.#budget = budget
  }

  /** Keeps what images need that appeared since the repository was read. Without a list, nothing else is deleted. */
  async keepNewcomers(): Promise<void> {
    if (!this.#mayContinue()) return
    try {
      this.#journal.keep(await this.#request.neededMeanwhile(this.#journal.deleted))
    } catch (error) {
      if (!this.#mayContinue()) return
      const failure = toTagboatError(error)
      if (failure.code === 'rate-limited') this.#journal.end('budget')
      else this.#journal.end('failed', failure)
    }
  }

  /** Executes steps of one level. */
  async run(steps: readonly DeletionStep[]): Promise<void> {
    const {batchSize} = this.#request.store
    const batchesAtOnce = Math.max(1, Math.floor(deletionsAtOnce / batchSize))
    await this.#runQueue(
      steps.filter(({kind}) => kind === 'image'),
      {batchSize, batchesAtOnce},
    )
    await this.#runQueue(
      steps.filter(({kind}) => kind === 'tag'),
      {batchSize: 1, batchesAtOnce: deletionsAtOnce},
    )
  }

  /** Runs batches in order. The first ones are small and run alone, so that a missing right shows early. */
  async #runQueue(
    steps: readonly DeletionStep[],
    {batchSize, batchesAtOnce}: {readonly batchSize: number; readonly batchesAtOnce: number},
  ): Promise<void> {
    const queue = [...steps]
    while (!this.#journal.isTrusted && queue.length > 0 && this.#mayContinue()) {
      await this.#runBatch(this.#take(queue, Math.min(batchSize, maxDenials)))
    }
    const worker = async (): Promise<void> => {
      while (queue.length > 0 && this.#mayContinue()) await this.#runBatch(this.#take(queue, batchSize))
    }
    await Promise.all(Array.from({length: batchesAtOnce}, worker))
  }

  #mayContinue(): boolean {
    if (this.#request.signal.aborted) this.#journal.end('cancelled')
    return !this.#journal.hasEnded
  }

  /** Takes the next steps within the budget. */
  #take(queue: DeletionStep[], count: number): readonly DeletionStep[] {
    const steps = queue.splice(0, Math.min(count, this.#budget))
    this.#budget -= steps.length
    if (steps.length === 0) this.#journal.end('budget')
    return steps
  }

  async #runBatch(steps: readonly DeletionStep[]): Promise<void> {
    if (steps.length === 0) return
    const results = await this.#delete(steps)
    if (this.#request.signal.aborted) this.#journal.end('cancelled')
    for (const [index, step] of steps.entries()) {
      this.#journal.record(step, results[index] ?? {kind: 'failed', answer: 'the registry returned no result'})
      this.#request.onStep?.()
    }
  }

  async #delete(steps: readonly DeletionStep[]): Promise<readonly ImageDeletion[]> {
    const {store, signal} = this.#request
    const [step] = steps
    try {
      if (step?.kind === 'tag') return [await store.removeTag(step.tag, step.digest)]
      return await store.deleteImages(steps.flatMap((one) => (one.kind === 'image' ? [this.#doomed(one)] : [])))
    } catch (error) {
      const failure = toTagboatError(error)
      const {code, message, evidence} = failure
      // What was deleted before an error of Tagboat itself is still reported.
      if (code === 'unexpected' && !signal.aborted) this.#journal.end('failed', failure)
      const kind = signal.aborted || code === 'rate-limited' ? 'postponed' : 'failed'
      return steps.map(() => ({kind, answer: [message, ...evidence].join(' ')}))
    }
  }

  #doomed({digest, tags}: Extract<DeletionStep, {readonly kind: 'image'}>): DoomedImage {
    const {ids, manifests, pushedAt} = this.#request.content
    const read = manifests.get(digest)
    const listed = {digest, tags, id: ids.get(digest), pushedAt: pushedAt.get(digest)}
    return {...listed, subject: read?.kind === 'read' ? read.manifest.subject : undefined}
  }
}
