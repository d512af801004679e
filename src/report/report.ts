import type {IssuedWarning} from '../io/workflow.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Plan} from '../plan/plan.ts'
import type {RunResult} from '../run/run-result.ts'
import type {ActionName} from '../inputs/spec/spec.ts'
import {formatReason} from '../reasons/reason.ts'
import type {PromoteRow} from '../promote/journal.ts'

/** What happened to a reference, with the reason as a person reads it. */
export interface ReportRow extends Omit<PromoteRow, 'reason'> {
  readonly code: PromoteRow['reason']['code']
  readonly reason: string
}

export function reportRows(rows: readonly PromoteRow[]): readonly ReportRow[] {
  return rows.map(({reason, ...row}) => ({...row, code: reason.code, reason: formatReason(reason)}))
}

/** Whether a tag that did not exist was not created. */
export function isNotCreated({outcome, after}: Pick<ReportRow, 'outcome' | 'after'>): boolean {
  return outcome === 'kept' && after === undefined
}

/** What a run did: the source of outputs and summary. */
export interface Report extends Omit<RunResult, 'rows'> {
  readonly action: ActionName
  readonly plan: Plan
  readonly dryRun: boolean
  /** `check`, `outline`, …: what was asked of the build instead of an image. */
  readonly called?: string
  /** Result of each reference; present when the run moves tags. */
  readonly rows?: readonly ReportRow[]
  /** Warnings about inputs, plan and build, as the log shows them; those about single tags are in `rows`. */
  readonly warnings?: readonly IssuedWarning[]
  readonly failure?: TagboatError
}

/** Whether the registries hold something new: under a tag, or, of a stage, by its digest. */
export function wasPushed({staged, rows}: Report): boolean {
  if (rows === undefined) return staged?.existing === false
  return rows.some(
    ({outcome}) => outcome === 'new' || outcome === 'moved' || (outcome === 'unchanged' && staged?.existing === false),
  )
}

/**
 * The plan as later steps may act on it. Where there is nothing to publish (a branch that is gone, the tag of another
 * component), nothing is offered to them either: a step that does not ask for `skipped` would build or sign what is not
 * there.
 */
export function offeredPlan(plan: Plan): Plan {
  return plan.skip === undefined
    ? plan
    : {...plan, version: undefined, tags: [], tagNames: [], labels: [], annotations: []}
}
