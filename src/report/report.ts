import type {BuildRecord} from '../buildx/progress/build-record.ts'
import type {BuilderName} from '../buildx/progress/progress.ts'
import type {IssuedWarning} from '../io/workflow.ts'
import type {BuildMetadata} from '../buildx/metadata.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Plan} from '../plan/plan.ts'
import type {ActionName} from '../inputs/spec/spec.ts'
import type {Digest} from '../oci/digest.ts'
import {formatReason} from '../reasons/reason.ts'
import type {PromoteRow} from '../promote/journal.ts'
import type {PublishedImage} from '../promote/read-back.ts'

export interface BuildReport {
  readonly metadata: BuildMetadata | undefined
  readonly imageId: string
  readonly builder: BuilderName | undefined
  /** From the start of the build to the end of the push. */
  readonly durationMs: number
  readonly record?: BuildRecord
  /** What a `call` other than `build` found, as Buildx prints it. */
  readonly found?: string | undefined
}

export interface StagedReport {
  readonly digest: Digest
  readonly images: readonly PublishedImage[]
  /** It was there before this run. */
  readonly existing: boolean
  /** What Buildx would have said of it, for an image that was there, and for a build with files besides, of which it says less. */
  readonly known?: KnownImage
}

/** The outputs `metadata` and `imageid`. */
export interface KnownImage {
  readonly metadata: string
  readonly imageId: string
}

/** The image to which sizes are compared. */
export interface FormerImage {
  /** The tag that held it. */
  readonly tag: string
  readonly images: readonly PublishedImage[]
}

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
export interface Report {
  readonly action: ActionName
  readonly plan: Plan
  readonly dryRun: boolean
  /** `check`, `outline`, …: what was asked of the build instead of an image. */
  readonly called?: string
  /** What the engine of the runner has of the image, and under which names: one line. */
  readonly loaded?: string
  /** Absent in a dry run, and when there was nothing to build. */
  readonly build?: BuildReport
  /** Present when the registries hold the image by its digest: staged by this run, or there before. */
  readonly staged?: StagedReport
  /** What became of each reference; present when tags were to be given. */
  readonly rows?: readonly ReportRow[]
  /** References that were pushed, but not proven, with the reason. */
  readonly unread?: readonly {readonly reference: string; readonly reason: string}[]
  /** What a tag held that this run moved; absent where there was nothing, or it could not be read. */
  readonly former?: FormerImage
  /** Warnings about inputs, plan and build, as the log shows them; those about single tags are in `rows`. */
  readonly warnings?: readonly IssuedWarning[]
  readonly failure?: TagboatError
}

/** Adds to the report what has been done, as soon as it has. */
export type Note = (done: Partial<Report>) => void

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
