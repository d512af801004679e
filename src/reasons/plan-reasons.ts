import {pushReasons, type PushReason, type PushReasons} from './push-reasons.ts'
import {formatWith, type ReasonTable} from './reason-table.ts'
import {
  skippedRuleReasons,
  tagNotes,
  type SkippedRuleReason,
  type SkippedRuleReasons,
  type TagNote,
  type TagNotes,
} from './rule-reasons.ts'
import {versionReasons, type VersionReason, type VersionReasons} from './version-reasons.ts'

export type PlanReasons = PushReasons & SkippedRuleReasons & TagNotes & VersionReasons

/** Reasons of a plan. */
type PlanReason = PushReason | SkippedRuleReason | TagNote | VersionReason

export const planReasons: ReasonTable<PlanReasons> = {
  ...pushReasons,
  ...skippedRuleReasons,
  ...tagNotes,
  ...versionReasons,
}

/** Sentence of a reason of a plan. A dry run loads these tables only; `formatReason` has all of them. */
export function formatPlanReason(reason: PlanReason): string {
  return formatWith(planReasons, reason)
}
