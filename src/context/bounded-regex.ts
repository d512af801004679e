/** What came of trying a regular expression on a text. */
export type RegexAnswer =
  /** As `String.prototype.match` gives it: the whole match, then the groups; a group that took no part is undefined. */
  | {readonly kind: 'match'; readonly groups: readonly (string | undefined)[]}
  | {readonly kind: 'none'}
  /** Stopped: it would have gone on for much longer, perhaps for ever. */
  | {readonly kind: 'too-slow'; readonly limitMs: number}
  /** Not a regular expression of https://tc39.es/ecma262/#sec-patterns, or too much for the engine. */
  | {readonly kind: 'failed'; readonly reason: string}

/**
 * Runs a regular expression that a user wrote, and gives up after a while: patterns such as `(a+)+$` take a time that
 * doubles with every character. Never throws.
 */
export interface BoundedRegex {
  match(source: string, flags: string, text: string): RegexAnswer
}

/** For messages: what is the matter with an expression that gave no verdict, and what to do about it. */
export function explainRegexFailure(answer: Extract<RegexAnswer, {kind: 'too-slow' | 'failed'}>): {
  readonly reason: string
  readonly remedy: string
} {
  return answer.kind === 'too-slow'
    ? {
        reason: `was stopped after ${answer.limitMs} ms`,
        remedy: 'Repeat nothing that is repeated already, as (a+)+ does, and begin it with ^ where it can.',
      }
    : {reason: `does not work (${answer.reason})`, remedy: 'Write it as JavaScript reads it, without quotes around it.'}
}
