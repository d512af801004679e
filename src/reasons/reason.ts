import {builderReasons, type BuilderReasons} from './builder-reasons.ts'
import {cacheReasons, type CacheReasons} from './cache-reasons.ts'
import type {CommitReasons} from './commit-reasons.ts'
import type {FloatingReasons} from './floating-reasons.ts'
import {decisionReasons, promoteReasons, type PromoteReasons} from './promote-reasons.ts'
import {planReasons, type PlanReasons} from './plan-reasons.ts'
import {formatWith, type ReasonIn, type ReasonTable} from './reason-table.ts'
import type {ReleaseReasons} from './release-reasons.ts'

type Values = PlanReasons &
  ReleaseReasons &
  FloatingReasons &
  CommitReasons &
  PromoteReasons &
  BuilderReasons &
  CacheReasons

/** Reason of a decision, with a code and values. Decisions and tests use these; `formatReason` makes the sentence. */
export type Reason = ReasonIn<Values>
export type ReasonCode = keyof Values
export type ReasonOf<Code extends ReasonCode> = Extract<Reason, {code: Code}>

const table: ReasonTable<Values> = {
  ...planReasons,
  ...decisionReasons,
  ...promoteReasons,
  ...builderReasons,
  ...cacheReasons,
}

/** Sentence of a reason: for the log, the job summary, errors and outputs. */
export function formatReason(reason: Reason): string {
  return formatWith(table, reason)
}
