import type {RegexAnswer} from '../io/bounded-regex.ts'

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
