import {TagboatError, toTagboatError} from '../errors/error.ts'
import type {Digest} from '../oci/digest.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {DecisionReason, PromoteReason} from '../reasons/promote-reasons.ts'
import {formatReason} from '../reasons/reason.ts'
import type {TargetTag, TagDecision} from './decide/tag-decision.ts'

/**
 * What became of a reference. `new`: it did not exist; `moved`: it held something else; `unchanged`: it held this already;
 * `kept`: it holds something else, and rightly so; `failed`: it could not be given, or is not proven; `restored`: it was
 * given and, as the rest failed, taken back.
 */
export type PromoteOutcome = 'new' | 'moved' | 'unchanged' | 'kept' | 'failed' | 'restored'

/** Why a tag was pushed or kept, or what happened to it meanwhile. */
export type RowReason = DecisionReason | PromoteReason

export interface PromoteRow {
  readonly reference: TagRef
  readonly before: Digest | undefined
  /** As it was last read; undefined: it does not exist. */
  readonly after: Digest | undefined
  readonly outcome: PromoteOutcome
  readonly reason: RowReason
  readonly level: TagDecision['level']
}

/** What a promote knows and has done of one tag. */
export interface Entry {
  readonly tag: TargetTag
  before: Digest | undefined
  after: Digest | undefined
  outcome: PromoteOutcome
  reason: RowReason
  level: TagDecision['level']
  /** Everything that this run put there, or may have put: an answer can be lost on its way. */
  readonly written: Set<Digest>
  /** Everything that this run replaced: a registry may show it a little longer. */
  readonly replaced: Set<Digest>
  /** The last digest that the registry said it took. */
  put: Digest | undefined
  /** Whether another run moved the tag before this run's PUT was sent. */
  overtaken: boolean
  /** The image of a newer commit that the tag was seen with: a replica that lags behind may still show an older one. */
  newer: Digest | undefined
  /** The image of a newer commit that this run put there over its own. */
  overtakenBy: Digest | undefined
  /** Whether it is given a higher version than this run's, which another run should have left there. */
  movedToHighest: boolean
  /** Whether this run took the tag away. */
  removed: boolean
}

/** An entry for each tag, in order of the plan. */
export type Journal = readonly Entry[]

export function newJournal(tags: readonly TargetTag[]): Journal {
  return tags.map((tag) => ({
    tag,
    before: undefined,
    after: undefined,
    outcome: 'kept',
    reason: {code: 'not-reached'},
    level: 'info',
    written: new Set(),
    replaced: new Set(),
    put: undefined,
    overtaken: false,
    newer: undefined,
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

/** What was read before anything is decided. */
export function recordCurrent(entry: Entry, held: Digest | undefined): void {
  entry.before = held
  entry.after = held
}

/** A decision as it was made; what is to be put counts as kept until it is put. */
export function recordDecision(entry: Entry, {before, reason, level}: TagDecision, target: Digest): void {
  entry.before = before
  entry.after = before
  entry.reason = reason
  entry.level = level
  entry.outcome = before === target ? 'unchanged' : 'kept'
}

/**
 * Whether what was read of a tag is older than what the registry took or showed before: it shows a PUT later, or by another
 * replica.
 */
export function isOutdated(entry: Entry, held: Digest | undefined): boolean {
  const {put, before, written, replaced} = entry
  const known = put ?? (wasUpToDate(entry) ? before : undefined)
  return (
    known !== undefined &&
    held !== known &&
    (held === undefined || held === before || written.has(held) || replaced.has(held))
  )
}

/** Whether the tag held what it is to hold before this run put anything. */
function wasUpToDate({outcome}: Entry): boolean {
  return outcome === 'unchanged'
}

/** Whether a tag is to hold what this run decided: it was put, or found, or put by another run in between. */
export function isPublished(entry: Entry): boolean {
  return entry.written.size > 0 || entry.put !== undefined || wasUpToDate(entry)
}

/** What was read of a tag that this run has put. */
export function recordVerified(entry: Entry, held: Digest): void {
  entry.after = held
  entry.outcome = entry.before === undefined ? 'new' : entry.before === held ? 'unchanged' : 'moved'
}

/** What was read of a tag that holds something else, and rightly so. */
export function recordKept(entry: Entry, held: Digest | undefined, reason: PromoteReason): void {
  entry.after = held
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

/** `ghcr.io/owner/app:1.2: moved, sha256:… → sha256:…` */
function formatRow({reference, before, after, outcome, reason}: PromoteRow): string {
  const change = before === after ? (after ?? 'nothing') : `${before ?? 'nothing'} → ${after ?? 'nothing'}`
  return `${formatTagRef(reference)}: ${outcome}, ${change} (${formatReason(reason)})`
}

/** A failure with what became of every reference. */
export function failureWith(thrown: unknown, journal: Journal, isCancelled: boolean): TagboatError {
  const rows = rowsOf(journal).map(formatRow)
  if (isCancelled) return new TagboatError('cancelled', {evidence: rows, cause: thrown})
  const {code, message, evidence, remedy} = toTagboatError(thrown)
  return new TagboatError(code, {message, evidence: [...evidence, ...rows], remedy, cause: thrown})
}

/** What is wrong with several references at once: one name for it where it is one thing. */
export function combined(thrown: readonly unknown[]): TagboatError {
  const errors = thrown.map(toTagboatError)
  const [first] = errors
  const evidence = [...new Set(errors.flatMap((error) => [...error.evidence]))]
  if (first === undefined || errors.some(({code}) => code !== first.code)) {
    const lines = errors.map(({message, code}) => `${message} [${code}]`)
    return new TagboatError('publish-incomplete', {evidence: [...new Set(lines), ...evidence], cause: first})
  }
  return new TagboatError(first.code, {message: first.message, evidence, remedy: first.remedy, cause: first})
}
