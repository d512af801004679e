import {toTagboatError} from '../../errors/error.ts'
import {execute} from '../../prune/execute.ts'
import {hasDeleted, type Execution} from '../../prune/execution/execution.ts'
import {neededByNewcomers} from '../../prune/execution/newcomers.ts'
import {validate, type Validation} from '../../prune/validate.ts'
import type {Judgement} from './judge-repository.ts'
import type {OpenRepository} from './open-repository.ts'

/** Result of the deletions in a repository. */
interface DeletedImages {
  readonly execution: Execution
  /** Result of reading back; undefined if nothing was. */
  readonly validation: Validation | undefined
}

interface DeletionOptions {
  /** Whether what stays is read back. */
  readonly validates: boolean
  readonly signal: AbortSignal
  /** Called after each step that was tried. */
  readonly onStep?: () => void
}

/**
 * Deletes what the judgement of a repository deletes, and reads back what stays.
 * @throws TagboatError if the limits of the registry cannot be read.
 */
export async function deleteImages(
  {store, client, content, memory}: OpenRepository,
  {plan}: Pick<Judgement, 'plan'>,
  {validates, signal, onStep}: DeletionOptions,
): Promise<DeletedImages> {
  const neededMeanwhile = async (deleted: ReadonlySet<string>): Promise<ReadonlySet<string>> =>
    neededByNewcomers({content, store, client}, deleted)
  const execution = await execute({store, content, plan, neededMeanwhile, signal, onStep})
  if (!validates || !execution.steps.some(hasDeleted) || signal.aborted) return {execution, validation: undefined}
  try {
    return {execution, validation: await validate({store, client, content, memory, execution})}
  } catch (error) {
    // The deletions are done, and are reported.
    return {execution, validation: {missing: [], failure: toTagboatError(error)}}
  }
}
