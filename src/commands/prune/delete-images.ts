import {toTagboatError} from '../../errors/error.ts'
import {execute} from '../../prune/execute.ts'
import {hasDeleted, type Execution} from '../../prune/execution/execution.ts'
import {neededByNewcomers} from '../../prune/execution/newcomers.ts'
import {validate, type Validation} from '../../prune/validate.ts'
import type {Listing} from '../../retention/repository-content.ts'
import type {Judgement} from './judge-repository.ts'
import type {OpenRepository} from './open-repository.ts'

/** Result of the deletions in a repository. */
interface DeletedImages {
  readonly execution: Execution
  /** Result of reading back; undefined if nothing was. */
  readonly validation: Validation | undefined
  /** Whether the run was cancelled, and what stays could not be read back. */
  readonly isUnread: boolean
}

interface DeletionOptions {
  /** Whether what stays is read back. */
  readonly validates: boolean
  readonly signal: AbortSignal
  /** Called after each step that was tried. */
  readonly onStep?: () => void
}

/**
 * Deletes what the judgement of a repository deletes, and reads back what stays. A run that was cancelled does so with other
 * clients, as far as their time allows.
 * @throws TagboatError if the limits of the registry cannot be read.
 */
export async function deleteImages(
  opened: OpenRepository,
  {plan}: Pick<Judgement, 'plan'>,
  {validates, signal, onStep}: DeletionOptions,
): Promise<DeletedImages> {
  const {store, client, content} = opened
  const neededMeanwhile = async (deleted: ReadonlySet<string>): Promise<ReadonlySet<string>> =>
    neededByNewcomers({content, store, client}, deleted)
  let isTried = false
  const onTried = (): void => {
    isTried = true
    onStep?.()
  }
  const execution = await execute({store, content, plan, neededMeanwhile, signal, onStep: onTried})
  // The registry may have deleted what a cancelled run has no answer to.
  const mayHaveDeleted = execution.steps.some(hasDeleted) || (signal.aborted && isTried)
  if (!validates || !mayHaveDeleted) return {execution, validation: undefined, isUnread: false}
  const validation = await validated(opened, execution, signal)
  return {execution, validation, isUnread: validation === undefined}
}

async function validated(
  opened: OpenRepository,
  execution: Execution,
  signal: AbortSignal,
): Promise<Validation | undefined> {
  try {
    signal.throwIfAborted()
    return await validate({...opened, execution})
  } catch (error) {
    // The deletions are done, and are reported.
    return signal.aborted ? validateCancelled(opened, execution) : {missing: [], failure: toTagboatError(error)}
  }
}

/** Reads back what stays in the OCI API alone, within the time of its clients. Undefined if that is not enough. */
async function validateCancelled(
  {undoClient, content, memory}: OpenRepository,
  execution: Execution,
): Promise<Validation | undefined> {
  const client = undoClient()
  const list = async (): Promise<Listing> => ({kind: 'tags', tags: await client.tags()})
  try {
    return await validate({store: {list}, client, content, memory, execution})
  } catch {
    return undefined
  }
}
