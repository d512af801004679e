import type {Digest} from '../oci/digest.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {DecisionReason, PromoteReason} from '../reasons/promote-reasons.ts'
import type {TargetTag, TagDecision} from './decide/tag-decision.ts'

/**
 * Outcome of one tag. `new`: it did not exist; `moved`: it pointed to another digest; `unchanged`: it pointed to this
 * digest before; `kept`: it points to another digest on purpose; `failed`: it could not be pushed or verified;
 * `restored`: it was rolled back after a failure.
 */
export type PromoteOutcome = 'new' | 'moved' | 'unchanged' | 'kept' | 'failed' | 'restored'

/** Reason why a tag was pushed or kept, or an event of the tag during the promote. */
export type RowReason = DecisionReason | PromoteReason

export interface PromoteRow {
  readonly reference: TagRef
  readonly before: Digest | undefined
  /** Digest at the last read; undefined if the tag does not exist. */
  readonly after: Digest | undefined
  readonly outcome: PromoteOutcome
  readonly reason: RowReason
  readonly level: TagDecision['level']
}

/** Journal entry of one tag: what the promote read, and what it has done. */
export interface Entry {
  readonly tag: TargetTag
  before: Digest | undefined
  after: Digest | undefined
  outcome: PromoteOutcome
  reason: RowReason
  level: TagDecision['level']
  /** Digests that this run has pushed, or may have pushed: a response can be lost. */
  readonly pushed: Set<Digest>
  /** Digests that this run has replaced. A registry may still show them for a time. */
  readonly replaced: Set<Digest>
  /** Last digest that the registry accepted. */
  accepted: Digest | undefined
  /** Set if another run moved the tag before this run sent its PUT. */
  overtaken: boolean
  /** Image of a newer commit that the tag has pointed to. A replica that lags behind may still show an older one. */
  newerCommit: Digest | undefined
  /** Image of a newer commit that replaces the one that this run pushed. */
  overtakenBy: Digest | undefined
  /** Set if this run moves the tag to a higher version than its own, which another run should have done. */
  movedToHighest: boolean
  /** Set if this run deleted the tag. */
  removed: boolean
}

/** One entry per tag, in the order of the plan. */
export type Journal = readonly Entry[]

export function newJournal(tags: readonly TargetTag[]): Journal {
  return tags.map((tag) => ({
    tag,
    before: undefined,
    after: undefined,
    outcome: 'kept',
    reason: {code: 'not-reached'},
    level: 'info',
    pushed: new Set(),
    replaced: new Set(),
    accepted: undefined,
    overtaken: false,
    newerCommit: undefined,
    overtakenBy: undefined,
    movedToHighest: false,
    removed: false,
  }))
}

export function entryOf(journal: Journal, {reference}: TargetTag): Entry {
  const name = formatTagRef(reference)
  const entry = journal.find(({tag}) => formatTagRef(tag.reference) === name)
  if (entry === undefined) throw new TypeError(`${name} is not in the plan`)
  return entry
}

/** Records the digest of a tag before the decision. */
export function recordCurrent(entry: Entry, current: Digest | undefined): void {
  entry.before = current
  entry.after = current
}

/** Records a decision. A tag that will be pushed counts as kept until then. */
export function recordDecision(entry: Entry, {before, reason, level}: TagDecision, target: Digest): void {
  entry.before = before
  entry.after = before
  entry.reason = reason
  entry.level = level
  entry.outcome = before === target ? 'unchanged' : 'kept'
}

/**
 * Reports whether a read of a tag is older than a digest that the registry has accepted or shown: the registry shows a
 * PUT only after some time, or a replica lags behind.
 */
export function isOutdated(entry: Entry, current: Digest | undefined): boolean {
  const {accepted, before, pushed, replaced} = entry
  const latest = accepted ?? (wasUpToDate(entry) ? before : undefined)
  return (
    latest !== undefined &&
    current !== latest &&
    (current === undefined || current === before || pushed.has(current) || replaced.has(current))
  )
}

/** Reports whether the tag pointed to the target before this run pushed anything. */
function wasUpToDate({outcome}: Entry): boolean {
  return outcome === 'unchanged'
}

/** Reports whether a tag should point to the target of this run: it was pushed, or it was up to date. */
export function isPublished(entry: Entry): boolean {
  return entry.pushed.size > 0 || entry.accepted !== undefined || wasUpToDate(entry)
}

/** Records that a tag points to what this run decided. */
export function recordVerified(entry: Entry, current: Digest): void {
  entry.after = current
  entry.outcome = entry.before === undefined ? 'new' : entry.before === current ? 'unchanged' : 'moved'
}

/** Records that a tag points to something else on purpose. */
export function recordKept(entry: Entry, current: Digest | undefined, reason: PromoteReason): void {
  entry.after = current
  entry.outcome = 'kept'
  entry.reason = reason
  entry.level = 'notice'
}

export function rowsOf(journal: Journal): readonly PromoteRow[] {
  return journal.map(({tag, before, after, outcome, reason, level}) => ({
    reference: tag.reference,
    before,
    after,
    outcome,
    reason,
    level,
  }))
}
