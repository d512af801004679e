import type {RegexAnswer} from '../io/bounded-regex.ts'

/** Reason and remedy for a regular expression that could not be evaluated. */
export function explainRegexFailure(answer: Extract<RegexAnswer, {kind: 'too-slow' | 'failed'}>): {
  readonly reason: string
  readonly remedy: string
} {
  return answer.kind === 'too-slow'
    ? {
        reason: `was stopped after ${answer.limitMs} ms`,
        remedy: 'Avoid nested repetition such as (a+)+, and start it with ^ if possible.',
      }
    : {
        reason: `does not work (${answer.reason})`,
        remedy: 'Write it in the syntax of JavaScript, without quotes around it.',
      }
}
