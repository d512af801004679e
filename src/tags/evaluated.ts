import type {SkippedRuleReason} from '../reasons/rule-reasons.ts'
import type {TextRole, Version} from './tag-role.ts'
import type {Outcome, TextRule} from './outcome.ts'
import type {TagRule} from './rules/rule.ts'
import type {Rendered} from './templates/template.ts'
import type {RenderedAffixes} from './version-affixes.ts'
import {haveSameNumbers} from './versions/version-order.ts'

/** Outcome of a rule with a text. */
export type TextOutcome = Extract<Outcome, {kind: 'text'}>

/** Text of a rule with its prefix and suffix. */
export type FullText = Rendered & {readonly affixes: RenderedAffixes}

/** Result of one rule, independent of the others. */
export type Evaluated =
  | {readonly kind: 'text'; readonly rule: TextRule; readonly outcome: TextOutcome; readonly full: FullText}
  | {readonly kind: 'reference'; readonly rule: Extract<TagRule, {kind: 'reference'}>}
  | {
      readonly kind: 'skipped'
      readonly rule: TagRule
      readonly reason: SkippedRuleReason
      readonly level: 'info' | 'warning'
    }
  /** The rule has a problem, which is reported. */
  | {readonly kind: 'problem'}

/**
 * Reason to skip a pattern whose parts a pre-release replaced: another rule with the same prefix and suffix gives the whole
 * version, and the pre-release would get a second tag with another spelling.
 */
export function repeatedReason(
  {outcome, full}: {readonly outcome: TextOutcome; readonly full: FullText},
  all: readonly Evaluated[],
): SkippedRuleReason | undefined {
  if (outcome.prerelease !== 'pieces') return undefined
  const whole = all.find(
    (other) =>
      other.kind === 'text' &&
      other.outcome.prerelease === 'whole' &&
      areOfOneVersion(other.outcome.role, outcome.role) &&
      other.full.affixes.prefix === full.affixes.prefix &&
      other.full.affixes.suffix === full.affixes.suffix,
  )
  return whole?.kind === 'text' ? {code: 'whole-prerelease', tag: whole.full.text} : undefined
}

/** Reports whether two texts have the same version, also if its schemes spell it differently. */
function areOfOneVersion(a: TextRole, b: TextRole): boolean {
  const [first, second] = [versionIn(a), versionIn(b)]
  if (first === undefined || second === undefined) return first === second
  return first.scheme === second.scheme ? first.version === second.version : haveSameNumbers(first, second)
}

/** Version of a role; undefined if it has none. */
export function versionIn(role: TextRole): Version | undefined {
  return 'version' in role ? {scheme: role.scheme, version: role.version} : undefined
}

/** Role for `mutable=true`: a full version or a commit becomes a floating tag. */
export function movable<T extends TextRole>(role: T): T | {readonly kind: 'newest-commit'} {
  return role.kind === 'release' || role.kind === 'commit' ? {kind: 'newest-commit'} : role
}
