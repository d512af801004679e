import type {ReasonOf} from '../reasons/reason.ts'
import type {Affix, TextLine, Version} from './tag-role.ts'
import type {Outcome} from './outcome.ts'
import type {TagRule} from './rules/rule.ts'
import type {Rendered} from './templates/template.ts'
import {isOneVersion} from './versions/version-order.ts'

export type TextOutcome = Extract<Outcome, {kind: 'text'}>
/** A text with what stands around it. */
export type Full = Rendered & {readonly affix: Affix}

/** What a rule gives by itself, before it is known what others give. */
export interface Evaluated {
  readonly rule: TagRule
  /** Undefined: the rule is a whole reference. */
  readonly outcome: Outcome | undefined
  readonly full?: Full | undefined
}

/**
 * Why the pieces of a pattern give nothing for a pre-release: a rule with the same around it has asked for the whole version, and
 * there would be two spellings of it.
 */
export function repeatedReason(
  {outcome, full}: {readonly outcome: TextOutcome; readonly full: Full},
  all: readonly Evaluated[],
): ReasonOf<'whole-prerelease'> | undefined {
  if (outcome.prerelease !== 'pieces') return undefined
  const whole = all.find(
    (other) =>
      other.outcome?.kind === 'text' &&
      other.outcome.prerelease === 'whole' &&
      areOfOneVersion(other.outcome.line, outcome.line) &&
      other.full?.affix.prefix === full.affix.prefix &&
      other.full.affix.suffix === full.affix.suffix,
  )
  return whole?.full === undefined ? undefined : {code: 'whole-prerelease', tag: whole.full.text}
}

/** Schemes write a version in ways of their own. */
function areOfOneVersion(a: TextLine, b: TextLine): boolean {
  const [first, second] = [versionIn(a), versionIn(b)]
  if (first === undefined || second === undefined) return first === second
  return first.scheme === second.scheme ? first.version === second.version : isOneVersion(first, second)
}

/** The version that a line is about. */
export function versionIn(line: TextLine): Version | undefined {
  return 'version' in line ? {scheme: line.scheme, version: line.version} : undefined
}

/** A full version that is meant to move. */
export function movable<T extends TextLine>(line: T): T | {readonly kind: 'newest'} {
  return line.kind === 'release' ? {kind: 'newest'} : line
}
