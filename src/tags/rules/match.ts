import type {ReasonOf} from '../../reasons/reason.ts'
import {explainRegexFailure} from '../../context/regex-failure.ts'
import type {BoundedRegex, RegexAnswer} from '../../io/bounded-regex.ts'

export type {BoundedRegex, RegexAnswer}

/** A regular expression as a rule has it. */
export interface RegexPattern {
  readonly source: string
  readonly flags: string
}

/** What is wrong with an attribute; the column is 1-based in its value. */
export interface AttributeProblem {
  readonly ok: false
  readonly column: number
  readonly reason: string
  readonly remedy: string
}

/**
 * The `pattern` of `type=match`: a regular expression as it is (`v(.*)`), or between slashes with flags (`/v(.*)/i`), as
 * docker/metadata-action takes it. Only read here, not run.
 */
export function parsePattern(text: string): ({readonly ok: true} & RegexPattern) | AttributeProblem {
  const delimited = /^\/(.+)\/([^/]*)$/s.exec(text)
  const [, source = text, flags = ''] = delimited ?? []
  if (source === '') return problem(1, 'the pattern is empty', 'Write a regular expression, such as pattern=v(.*).')
  const wrongFlag = flags.search(/[^dgimsuvy]|(.)(?=.*\1)/)
  if (wrongFlag !== -1) return flagProblem(flags, text.length - flags.length + wrongFlag + 1)
  const reason = syntaxError(source, flags)
  return reason === undefined ? {ok: true, source, flags} : problem(1, `the pattern does not parse (${reason})`, remedy)
}

/** The `match` of `type=semver` and `type=pep440`: there docker/metadata-action knows no slashes and flags. */
export function parseVersionMatch(text: string): ({readonly ok: true} & RegexPattern) | AttributeProblem {
  if (text === '') return problem(1, 'the expression is empty', 'Write a regular expression, such as match=v(.*).')
  const reason = syntaxError(text, '')
  return reason === undefined
    ? {ok: true, source: text, flags: ''}
    : problem(1, `the expression does not parse (${reason})`, remedy)
}

/** The `group` of `type=match`; left empty it is 0, the whole match. */
export function parseGroup(text: string): {readonly ok: true; readonly group: number} | AttributeProblem {
  return /^\d{0,3}$/.test(text)
    ? {ok: true, group: Number(text)}
    : problem(
        1,
        `group "${text}" is no whole number`,
        'Write the number of a group: 1 is the first, 0 the whole match.',
      )
}

export interface MatchRequest {
  readonly pattern: RegexPattern
  readonly group: number
  /** The rule's `value`, or the name of the Git tag with its slashes: `p1/v(.*)` is meant to find `p1/v1.2.3`. */
  readonly text: string
}

type MatchReason = ReasonOf<'no-match' | 'empty-match' | 'unmatched-group' | 'missing-group'>

export type MatchOutcome =
  /** `matched` is what the whole expression found, for the explanation. */
  | {readonly kind: 'text'; readonly text: string; readonly matched: string}
  /** Not the rule's text after all; worth a warning, as in docker/metadata-action. */
  | {readonly kind: 'nothing'; readonly reason: MatchReason}
  | {readonly kind: 'problem'; readonly reason: string; readonly remedy: string}

/** `type=match`: the part of a tag or value that a group of the expression finds. */
export function matchTag({pattern, group, text}: MatchRequest, regex: BoundedRegex): MatchOutcome {
  const answer = regex.match(pattern.source, pattern.flags, text)
  const shown = formatPattern(pattern)
  if (answer.kind === 'none') return nothing({code: 'no-match', pattern: shown, text})
  if (answer.kind !== 'match') return runProblem(pattern, text, answer)
  const found = answer.groups[group]
  if (found === undefined) return nothing(missingGroup(shown, group, answer.groups.length - 1))
  if (found === '') return nothing({code: 'empty-match', pattern: shown, text})
  return {kind: 'text', text: found, matched: answer.groups[0] ?? found}
}

/**
 * `match` of `type=semver` and `type=pep440`: the first group, or the whole match of an expression that has none. When it
 * does not match, docker/metadata-action goes on with the whole text; so does `text` here, with a warning.
 */
export function matchVersion(
  pattern: RegexPattern,
  text: string,
  regex: BoundedRegex,
):
  | {readonly kind: 'text'; readonly text: string; readonly warning: ReasonOf<'match-ignored'> | undefined}
  | Extract<MatchOutcome, {kind: 'problem'}> {
  const answer = regex.match(pattern.source, pattern.flags, text)
  if (answer.kind === 'none')
    return {kind: 'text', text, warning: {code: 'match-ignored', pattern: formatPattern(pattern), text}}
  if (answer.kind !== 'match') return runProblem(pattern, text, answer)
  return {kind: 'text', text: answer.groups[1] ?? answer.groups[0] ?? text, warning: undefined}
}

/** `/v(.*)/i`, whichever way it was written. */
export function formatPattern({source, flags}: RegexPattern): string {
  return `/${source}/${flags}`
}

const remedy = 'Escape characters that shall stand for themselves with a backslash, such as \\( or \\+.'

function runProblem(
  pattern: RegexPattern,
  text: string,
  answer: Extract<RegexAnswer, {kind: 'too-slow' | 'failed'}>,
): Extract<MatchOutcome, {kind: 'problem'}> {
  const {reason, remedy: advice} = explainRegexFailure(answer)
  return {kind: 'problem', reason: `${formatPattern(pattern)} on "${text}" ${reason}`, remedy: advice}
}

function missingGroup(pattern: string, group: number, count: number): MatchReason {
  return group <= count ? {code: 'unmatched-group', pattern, group} : {code: 'missing-group', pattern, group, count}
}

/** A constructor reads an expression and runs nothing. Undefined when it is one. */
function syntaxError(source: string, flags: string): string | undefined {
  try {
    new RegExp(source, flags)
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return message.slice(message.lastIndexOf(': ') + 1).trim()
  }
}

function flagProblem(flags: string, column: number): AttributeProblem {
  return problem(
    column,
    `"${flags}" are no flags of a regular expression`,
    'Flags are of d, g, i, m, s, u, v and y, each once; a pattern that is meant to begin with a slash begins with \\/.',
  )
}

function problem(column: number, reason: string, advice: string): AttributeProblem {
  return {ok: false, column, reason, remedy: advice}
}

function nothing(reason: MatchReason): MatchOutcome {
  return {kind: 'nothing', reason}
}

/**
 * The `pattern` of `type=semver`, `type=pep440` and `type=file`. No tag holds a brace or a quote, so that one outside of
 * an expression is a slip: `{version}`, `'{{version}}'`. What stands in the expressions is looked at by the engine.
 */
export function parseVersionPattern(text: string): {readonly ok: true; readonly pattern: string} | AttributeProblem {
  if (text === '') return {ok: false, column: 1, reason: 'the pattern is empty', remedy: versionPatternRemedy}
  const literal = text.replace(/\{\{\{.{0,300}?\}\}\}|\{\{.{0,300}?\}\}/gs, (expression) =>
    ' '.repeat(expression.length),
  )
  const at = literal.search(/[{}'"]/)
  // An expression that is not closed is told by the engine.
  if (at === -1 || literal.includes('{{')) return {ok: true, pattern: text}
  const reason = `${literal.charAt(at)} stands outside of an expression`
  return {
    ok: false,
    column: at + 1,
    reason,
    remedy: 'Write {{version}}: two braces on each side, and no quotes around it.',
  }
}

export const versionPatternRemedy = 'Write a pattern, such as pattern={{version}} or pattern={{major}}.{{minor}}.'
