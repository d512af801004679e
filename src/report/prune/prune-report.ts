import type {TagboatError} from '../../errors/error.ts'
import type {Repository} from '../../oci/reference.ts'
import type {ExecutedStep} from '../../prune/execution/execution.ts'
import type {PruneSkip} from '../../reasons/prune-skips.ts'
import type {DeletionPlan} from '../../retention/plan-deletion.ts'
import type {RepositoryContent} from '../../retention/repository-content.ts'
import type {RetentionDecision} from '../../retention/tag-decision.ts'

/** Decisions about a repository, and their execution. */
export interface JudgedRepository {
  readonly repository: Repository
  /** Whether a failure in this repository is a warning. */
  readonly isBestEffort: boolean
  readonly content: RepositoryContent
  /** Set if the registry has no such repository. */
  readonly isMissing?: true
  readonly decisions: readonly RetentionDecision[]
  readonly plan: DeletionPlan
  /** Texts of the lines of the policy, by their numbers. Absent without a policy. */
  readonly lines?: ReadonlyMap<number, string>
  /** Results of the steps. Absent if nothing was to be deleted: in a dry run, or after a refusal. */
  readonly results?: readonly ExecutedStep[]
  /** Reason why nothing, or not everything, was deleted. */
  readonly failure?: TagboatError
  /** Last day on which the registry restores the deleted images; absent if it does not restore them. */
  readonly restorableUntil?: Date
}

/** Reports whether the run refuses to delete anything in this repository. */
export function isRefused({failure, results}: Pick<JudgedRepository, 'failure' | 'results'>): boolean {
  return failure !== undefined && results === undefined
}

/** Repository that could not be judged. */
export interface UnjudgedRepository {
  readonly repository: Repository
  readonly isBestEffort: boolean
  readonly failure: TagboatError
}

/** Result of a run of the prune action. */
export interface PruneReport {
  readonly dryRun: boolean
  readonly skip?: PruneSkip | undefined
  readonly judged: readonly JudgedRepository[]
  readonly unjudged: readonly UnjudgedRepository[]
  readonly durationMs: number
  /** Lifecycle policy as JSON. */
  readonly lifecyclePolicy?: string | undefined
}
