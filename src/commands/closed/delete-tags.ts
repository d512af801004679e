import {toTagboatError} from '../../errors/error.ts'
import type {Inputs} from '../../inputs/inputs.ts'
import type {Io} from '../../io/io.ts'
import type {Repository} from '../../oci/reference.ts'
import {execute} from '../../prune/execute.ts'
import type {JudgedRepository, UnjudgedRepository} from '../../report/prune/prune-report.ts'
import {branchWithoutUse, decideClosed} from '../../retention/closed/decide-closed.ts'
import type {ClosedRef} from '../../retention/closed/closed-ref.ts'
import type {OwnTag} from '../../retention/closed/own-tags.ts'
import type {LiveRefs} from '../../retention/live-refs.ts'
import {planDeletion, type DeletionPlan} from '../../retention/plan-deletion.ts'
import {requireReadable} from '../../retention/require-readable.ts'
import {branchCacheTags} from '../../stage/cache/branch-caches.ts'
import {deleteImages} from '../prune/delete-images.ts'
import type {OpenRepository} from '../prune/open-repository.ts'
import type {RunResources} from '../prune/store-resources.ts'
import {openTags} from './open-tags.ts'

/** Tags to delete, and what decides about them. */
interface ClosedRequest {
  readonly closed: ClosedRef
  readonly own: readonly OwnTag[]
  readonly refs: LiveRefs
  /** Web address of the repository of the closed ref. */
  readonly source: string
  readonly inputs: Inputs
  readonly resources: RunResources
  readonly bestEffort: readonly Repository[]
}

/**
 * Deletes the tags of a closed ref in a repository, or decides about them in a dry run. Undefined if none of them exists.
 * Rejects only if the run is cancelled.
 */
export async function deleteTags(
  repository: Repository,
  request: ClosedRequest,
  io: Io,
): Promise<JudgedRepository | UnjudgedRepository | undefined> {
  const isBestEffort = request.bestEffort.includes(repository)
  try {
    const caches = cachesOf(repository, request)
    const wanted = new Set([...request.own.map(({tag}) => tag), ...caches])
    const opened = await openTags(repository, wanted, request.resources)
    return opened && (await deleteOpened(opened, {...request, caches, isBestEffort}, io))
  } catch (error) {
    io.signal.throwIfAborted()
    return {repository, isBestEffort, failure: toTagboatError(error)}
  }
}

/** Tags of the build caches of the branch, if nothing uses them any more. */
function cachesOf(repository: Repository, {closed, refs, inputs}: ClosedRequest): readonly string[] {
  const branch = branchWithoutUse(closed, refs)
  const {target, platforms} = inputs.build
  const scope = {repository, target, platforms, variant: inputs.image.variant?.name}
  return branch === undefined ? [] : branchCacheTags(scope, branch)
}

interface OpenRequest extends ClosedRequest {
  readonly caches: readonly string[]
  readonly isBestEffort: boolean
}

async function deleteOpened(
  opened: OpenRepository,
  request: OpenRequest,
  {signal}: Pick<Io, 'signal'>,
): Promise<JudgedRepository> {
  const {content} = opened
  const {repository} = content
  const decisions = decideClosed(content, request)
  const plan = (keptBesides: ReadonlySet<string>): DeletionPlan => planDeletion({content, decisions, keptBesides})
  const judged = {repository, isBestEffort: request.isBestEffort, content, decisions, plan: plan(new Set())}
  requireReadable(judged.plan, repository)
  if (request.inputs.publish.dryRun) return judged
  // Only a whole repository shows what appeared in it meanwhile.
  const {execution, validation} = content.isComplete
    ? await deleteImages(opened, {plan}, {validates: true, signal})
    : {
        execution: await execute({...opened, plan, signal, neededMeanwhile: async () => Promise.resolve(new Set())}),
        validation: undefined,
      }
  const failure = execution.failure ?? validation?.failure
  return {...judged, plan: execution.plan, results: execution.steps, ...(failure !== undefined && {failure})}
}
