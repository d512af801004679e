import {matchesStars} from '../inputs/syntax/stars.ts'
import {TagboatError} from '../errors/error.ts'
import type {TagPattern} from '../inputs/prune/policy.ts'
import type {BoundedRegex} from '../io/bounded-regex.ts'

/** Tags that a pattern matches as a whole. A regular expression is read as if it had `^` and `$`. */
export function wholeMatches(
  {kind, text}: TagPattern,
  tags: readonly string[],
  regex: BoundedRegex,
): ReadonlySet<string> {
  return kind === 'regex' ? regexMatches(`^(?:${text})$`, text, tags, regex) : globMatches(text, tags)
}

/** Tags that a pattern matches: a glob the whole tag, a regular expression any part of it. */
export function partialMatches(
  {kind, text}: TagPattern,
  tags: readonly string[],
  regex: BoundedRegex,
): ReadonlySet<string> {
  return kind === 'regex' ? regexMatches(text, text, tags, regex) : globMatches(text, tags)
}

function globMatches(glob: string, tags: readonly string[]): ReadonlySet<string> {
  return new Set(tags.filter((tag) => matchesGlob(glob, tag)))
}

/** @throws TagboatError `input-invalid` for an expression that does not end in time. */
function regexMatches(
  source: string,
  written: string,
  tags: readonly string[],
  regex: BoundedRegex,
): ReadonlySet<string> {
  const answer = regex.matchAll(source, '', tags)
  if (answer.kind === 'matches') return new Set(tags.filter((_, index) => answer.matches[index] !== undefined))
  const why = answer.kind === 'too-slow' ? `was stopped after ${answer.limitMs} ms` : `does not work (${answer.reason})`
  throw new TagboatError('input-invalid', {
    message: 'A regular expression for tags could not be evaluated.',
    evidence: [`/${written}/ ${why}`],
    remedy: 'Write a simpler expression, without nested repetition such as (a+)+. Nothing was deleted.',
  })
}

/** Reports whether a glob matches a whole text: `*` matches any text, `?` one character. */
export function matchesGlob(glob: string, text: string): boolean {
  return matchesStars(glob, text, (expected, character) => expected === '?' || expected === character)
}
