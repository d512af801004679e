import type {RetentionReason} from '../../reasons/retention-reasons.ts'
import {isPlainVersion} from '../classes/version-tags.ts'
import type {RetentionDecision} from '../tag-decision.ts'
import type {Candidate} from './candidate.ts'
import {livingReason, type RefSources} from './living-refs.ts'
import type {DeletionRule, KeptNumber} from './rules.ts'
import {byVersion, groupOf, hasVersion} from './version-groups.ts'

/** Result of one rule for one tag or image that it selects. */
export type RuleVerdict = Pick<RetentionDecision, 'verdict' | 'reason'>

interface RuleSituation extends RefSources {
  readonly candidates: readonly Candidate[]
  readonly now: Date
  /** Reports whether a candidate stays whatever the policy deletes. */
  readonly isGuarded: (candidate: Candidate) => boolean
}

/** Applies a rule to everything that it selects by class and pattern. */
export function judgeRule(rule: DeletionRule, situation: RuleSituation): ReadonlyMap<Candidate, RuleVerdict> {
  const verdicts = new Map<Candidate, RuleVerdict>()
  const selected: Candidate[] = []
  const deletable: Candidate[] = []
  for (const candidate of situation.candidates) {
    if (!selects(rule, candidate)) continue
    const living = keptByName(rule, candidate) ?? (rule.isGone ? livingReason(candidate, situation) : undefined)
    if (living === undefined) selected.push(candidate)
    const reason = living ?? youngReason(rule, candidate, situation.now)
    if (reason === undefined && !situation.isGuarded(candidate)) deletable.push(candidate)
    verdicts.set(candidate, reason === undefined ? deletion(rule, candidate, situation.now) : {verdict: 'keep', reason})
  }
  for (const kept of rule.kept) {
    for (const candidate of newest(kept, rule, kept.among === 'selected' ? selected : deletable))
      verdicts.set(candidate, {
        verdict: 'keep',
        reason: {code: 'among-newest', keep: kept.count, ageMs: ageOf(candidate, situation.now)},
      })
  }
  return verdicts
}

/** Reports whether a rule is about a candidate. A rule with a pattern alone is about tags of each class. */
export function selects(
  {type, matches, isOwnOnly}: DeletionRule,
  {tag, class: name, mayBeOfOther}: Candidate,
): boolean {
  const isOfType = type === 'match' ? tag !== undefined && name !== 'referrer' && name !== 'orphan' : name === type
  if (isOwnOnly && mayBeOfOther) return false
  return isOfType && (matches === undefined || (tag !== undefined && matches.has(tag)))
}

/** Full versions go only by a rule for versions: a glob may match them by accident. */
function keptByName({type}: DeletionRule, {tag, class: name}: Candidate): RetentionReason | undefined {
  const isVersion = name === 'release' || isPlainVersion(tag ?? '')
  return type === 'match' && isVersion ? {code: 'version-tag'} : undefined
}

function youngReason(rule: DeletionRule, candidate: Candidate, now: Date): RetentionReason | undefined {
  const requiredMs = rule.minimumAge(candidate)
  if (requiredMs === 0) return undefined
  const ageMs = ageOf(candidate, now)
  if (ageMs === undefined) return {code: 'age-unknown'}
  return ageMs < requiredMs ? {code: 'too-young', ageMs, requiredMs} : undefined
}

function ageOf({date}: Candidate, now: Date): number | undefined {
  return date === undefined ? undefined : now.getTime() - date
}

function deletion(rule: DeletionRule, candidate: Candidate, now: Date): RuleVerdict {
  return {verdict: 'delete', reason: deletionReason(rule, candidate, ageOf(candidate, now))}
}

function deletionReason(
  {type, isGone, matches, kept: [kept]}: DeletionRule,
  candidate: Candidate,
  ageMs: number | undefined,
): RetentionReason {
  if (type === 'orphan') return {code: 'subject-gone', ageMs}
  if (type === 'untagged') return {code: 'unused', ageMs}
  if (isGone) return goneReason(candidate)
  if (kept !== undefined && kept.count > 0) return {code: 'superseded', keep: kept.count, ageMs}
  const pattern = type === 'match' ? matches?.get(candidate.tag ?? '') : undefined
  return pattern === undefined ? {code: 'old-enough', ageMs} : {code: 'named-by-pattern', pattern, ageMs}
}

function goneReason({class: name, owner}: Candidate): RetentionReason {
  if (owner?.kind === 'pull') return {code: 'pull-closed', number: owner.number}
  if (name === 'cache') return {code: 'cache-unused'}
  return {code: 'branch-gone', branch: owner?.kind === 'branch' ? owner.branch : undefined}
}

/** The newest of each group that are whole. Tags of one image, and tags of one version, count as one. */
function newest(
  {count, per}: KeptNumber,
  {type}: DeletionRule,
  candidates: readonly Candidate[],
): readonly Candidate[] {
  const whole = candidates.filter(({isBroken}) => !isBroken)
  if (type === 'release' || type === 'prerelease') {
    const groups = Map.groupBy(whole.filter(hasVersion), (one) => groupOf(one, per))
    return [...groups.values()].flatMap((group) => {
      const ranks = ranked(group.toSorted(byVersion), (a, b) => byVersion(a, b) === 0)
      return ranks.slice(0, count).flat()
    })
  }
  const images = [...Map.groupBy(whole, ({digest}) => digest)].map(([digest, tags]) => {
    return {digest, tags, date: Math.max(...tags.map(({date}) => date ?? Number.POSITIVE_INFINITY))}
  })
  // An unknown age counts as the youngest.
  const sorted = images.sort((a, b) => (a.date === b.date ? (a.digest < b.digest ? -1 : 1) : b.date - a.date))
  return sorted.slice(0, count).flatMap(({tags}) => tags)
}

/** Groups of equal neighbours. */
function ranked<T>(sorted: readonly T[], areEqual: (a: T, b: T) => boolean): readonly (readonly T[])[] {
  const ranks: T[][] = []
  for (const one of sorted) {
    const last = ranks.at(-1)
    if (last?.[0] !== undefined && areEqual(last[0], one)) last.push(one)
    else ranks.push([one])
  }
  return ranks
}
