import type {BuilderName} from '../buildx/progress.ts'
import type {BuildMetadata} from '../buildx/metadata.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Plan} from '../plan/plan.ts'
import type {ReadBack} from '../promote/read-back.ts'

export interface BuildReport {
  readonly metadata: BuildMetadata | undefined
  readonly imageId: string
  readonly builder: BuilderName | undefined
  /** From the start of the build to the end of the push. */
  readonly durationMs: number
}

/** What a run did: the source of outputs and summary. */
export interface Report {
  readonly plan: Plan
  readonly dryRun: boolean
  /** Absent in a dry run, and when there was nothing to build. */
  readonly build?: BuildReport
  /** Present when something was pushed. */
  readonly published?: ReadBack
  readonly failure?: TagboatError
}

/** Whether the registries hold something new: also where reading it back failed, or was cancelled. */
export function wasPushed({plan, build}: Report): boolean {
  return build !== undefined && plan.push.do
}

/**
 * The plan as later steps may act on it. Where there is nothing to publish (a branch that is gone, the tag of another
 * component), nothing is offered to them either: a step that does not ask for `skipped` would build or sign what is not
 * there. The log shows what the rules would have given.
 */
export function offeredPlan(plan: Plan): Plan {
  return plan.skip === undefined
    ? plan
    : {...plan, version: undefined, tags: [], tagNames: [], labels: [], annotations: []}
}
