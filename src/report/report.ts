import type {Phase} from '../io/phases.ts'
import type {IssuedWarning} from '../io/workflow.ts'
import type {TagboatError} from '../errors/error.ts'
import {formatRepository, type Repository} from '../oci/reference.ts'
import type {OutcomeWords} from './outcome-words.ts'
import type {PlannedWork} from '../plan/explain-work.ts'
import type {Plan} from '../plan/plan.ts'
import type {RunResult} from '../run/run-result.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'

/** Reports whether a tag still does not exist, since this run did not create it. */
export function isNotCreated({outcome, after}: Pick<ExplainedRow, 'outcome' | 'after'>): boolean {
  return outcome === 'kept' && after === undefined
}

/** Counts of the tags that a run left alone: those that point to another image, and those that do not exist. */
export function countLeft(rows: readonly ExplainedRow[]): {readonly kept: number; readonly notCreated: number} {
  const left = rows.filter(({outcome}) => outcome === 'kept')
  const notCreated = left.filter(isNotCreated).length
  return {kept: left.length - notCreated, notCreated}
}

/** Commit and web pages of a run. A page is undefined if its address is not known. */
export interface RunOrigin {
  readonly sha: string
  readonly commitUrl: string | undefined
  readonly runUrl: string | undefined
}

/** Result of a run with its plan: the source of outputs, summary and final log line. */
export interface Report extends RunResult {
  readonly action: PublishingAction
  readonly plan: Plan
  readonly dryRun: boolean
  /** Requested platforms, as `linux/amd64`; absent or empty for those of the builder. */
  readonly platforms?: readonly string[]
  /** Work besides build and tags; absent if the inputs request none. */
  readonly work?: PlannedWork
  /** Web pages about the run; absent if unknown. */
  readonly origin?: RunOrigin
  /** Durations of the steps of the run. */
  readonly phases?: readonly Phase[]
  /** Time from the start of the run to the report, in milliseconds. */
  readonly durationMs?: number
  /** Words for the outcome. Default: those of a publication. */
  readonly words?: OutcomeWords
  /** Version of the run, if it is withdrawn. */
  readonly withdrawn?: string | undefined
  /** Method of `call` that replaces the build of an image: `check`, `outline`, … */
  readonly called?: string
  /** Warnings about inputs, plan and build, as the log shows them; those about single tags are in `rows`. */
  readonly warnings?: readonly IssuedWarning[]
  readonly failure?: TagboatError
}

export function countTags(count: number): string {
  return `${count} ${count === 1 ? 'tag' : 'tags'}`
}

/** Rows of the tags that point to something else than before the run. */
export function changedRows({rows = []}: Pick<Report, 'rows'>): readonly ExplainedRow[] {
  return rows.filter(({before, after}) => before !== after)
}

/** Reports whether the registries have new content: under a tag, or, for a stage, under its digest. */
export function wasPushed({staged, rows}: Report): boolean {
  if (rows === undefined) return staged?.existing === false
  return rows.some(
    ({outcome}) => outcome === 'new' || outcome === 'moved' || (outcome === 'unchanged' && staged?.existing === false),
  )
}

/** Report without the repositories that this run could not publish to: the outputs name only what was published. */
export function withoutUnpublished(report: Report): Report {
  const names = report.unpublished?.map(formatRepository) ?? []
  if (names.length === 0) return report
  const isThere = (repository: Repository): boolean => !names.includes(formatRepository(repository))
  const {plan} = report
  const tags = plan.tags.filter(({reference}) => isThere(reference.repository))
  const rows = report.rows?.filter(({reference}) => isThere(reference.repository))
  return {...report, rows, plan: {...plan, repositories: plan.repositories.filter(isThere), tags}}
}

/**
 * Plan for the outputs. If there is nothing to publish (a deleted branch, the tag of another component), it is empty: a
 * later step that does not check `skipped` would build or sign an image that does not exist.
 */
export function planForLaterSteps(plan: Plan): Plan {
  return plan.skip === undefined
    ? plan
    : {...plan, version: undefined, tags: [], tagNames: [], labels: [], annotations: []}
}
