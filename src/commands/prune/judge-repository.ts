import {toTagboatError, type TagboatError} from '../../errors/error.ts'
import type {PruneInputs} from '../../inputs/prune/policy.ts'
import type {BoundedRegex} from '../../io/bounded-regex.ts'
import type {TagPlanner} from '../../plan/tag-planner.ts'
import type {ImageStore} from '../../prune/image-store.ts'
import type {RetentionNotice} from '../../reasons/retention-notices.ts'
import {decideRetention} from '../../retention/decide/decide.ts'
import {tooMuch} from '../../retention/decide/deletion-limit.ts'
import type {LiveRefs} from '../../retention/live-refs.ts'
import {planDeletion, type DeletionPlan} from '../../retention/plan-deletion.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import {requireReadable} from '../../retention/require-readable.ts'
import type {RetentionDecision} from '../../retention/tag-decision.ts'

/** Everything that the decisions about all repositories of a run depend on. */
export interface JudgeRequest {
  readonly inputs: PruneInputs
  readonly planner: TagPlanner
  readonly component: string | undefined
  readonly refs: LiveRefs
  /** Web address of the repository of `refs`. */
  readonly source: string | undefined
  /** Commits that deployments run. */
  readonly deployed: ReadonlySet<string>
  readonly regex: BoundedRegex
  readonly now: Date
}

/** Decisions about a repository. */
export interface Judgement {
  readonly decisions: readonly RetentionDecision[]
  readonly notices: readonly RetentionNotice[]
  /** Plans the deletion while these digests stay too. */
  readonly plan: (keptBesides: ReadonlySet<string>) => DeletionPlan
  /** Reason to delete nothing in this repository: `prune-too-much` or `prune-unreadable`. */
  readonly refusal: TagboatError | undefined
}

/** Decides which tags and images of a repository are deleted, and whether that may be done. */
export function judgeRepository(
  content: RepositoryContent,
  request: JudgeRequest,
  {deletesChildren}: Pick<ImageStore, 'deletesChildren'>,
): Judgement {
  const {decisions, notices} = decideRetention({...request, content})
  const {inputs} = request
  const planWith = (keptBesides: ReadonlySet<string>): DeletionPlan => {
    const whole = planDeletion({content, decisions, keptBesides, deletesChildren})
    return inputs.untag === 'never' ? {...whole, steps: whole.steps.filter(({kind}) => kind === 'image')} : whole
  }
  const first = planWith(new Set())
  const plan = (keptBesides: ReadonlySet<string>): DeletionPlan =>
    keptBesides.size === 0 ? first : planWith(keptBesides)
  const refusal = unreadable(first, content) ?? tooMuch({plan: first, content, decisions, inputs})
  return {decisions, notices, plan, refusal}
}

function unreadable(plan: DeletionPlan, {repository}: RepositoryContent): TagboatError | undefined {
  try {
    requireReadable(plan, repository)
    return undefined
  } catch (error) {
    return toTagboatError(error)
  }
}
