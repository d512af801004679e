import {errorMessage} from '../../errors/error.ts'
import type {ReasonOf} from '../../reasons/reason.ts'
import {explainRegexFailure} from '../../context/regex-failure.ts'
import type {BoundedRegex, RegexAnswer} from '../../io/bounded-regex.ts'

/** A regular expression of a rule. */
export interface RegexPattern {
  readonly source: string
  readonly flags: string
}

/** A problem of an attribute; the column is 1-based in its value. */
interface AttributeProblem {
  readonly ok: false
  readonly column: number
  readonly reason: string
  readonly remedy: string
}

/**
 * Parses the `pattern` of `type=match`: a regular expression (`v(.*)`), or one between slashes with flags (`/v(.*)/i`), as
 * in docker/metadata-action. Does not run it.
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

/** Parses the `match` of `type=semver` and `type=pep440`, without slashes and flags, as in docker/metadata-action. */
export function parseVersionMatch(text: string): ({readonly ok: true} & RegexPattern) | AttributeProblem {
  if (text === '') return problem(1, 'the expression is empty', 'Write a regular expression, such as match=v(.*).')
  const reason = syntaxError(text, '')
  return reason === undefined
    ? {ok: true, source: text, flags: ''}
    : problem(1, `the expression does not parse (${reason})`, remedy)
}

/** Parses the `group` of `type=match`. Default: 0, the whole match. */
export function parseGroup(text: string): {readonly ok: true; readonly group: number} | AttributeProblem {
  return /^\d{0,3}$/.test(text)
    ? {ok: true, group: Number(text)}
    : problem(
        1,
        `group "${text}" is not a whole number`,
        'Write the number of a group: 1 is the first, 0 the whole match.',
      )
}

interface MatchRequest {
  readonly pattern: RegexPattern
  readonly group: number
  /** The `value` of the rule, or the name of the Git tag with its slashes: `p1/v(.*)` matches `p1/v1.2.3`. */
  readonly text: string
}

type MatchReason = ReasonOf<'no-match' | 'empty-match' | 'unmatched-group' | 'missing-group'>

export type MatchOutcome =
  /** `text` is that of the group, `matched` that of the whole expression. */
  | {readonly kind: 'text'; readonly text: string; readonly matched: string}
  /** The rule gives no tag and warns, as in docker/metadata-action. */
  | {readonly kind: 'nothing'; readonly reason: MatchReason}
  | {readonly kind: 'problem'; readonly reason: string; readonly remedy: string}

/** Text of a group of the expression in a tag or value, for `type=match`. */
export function matchTag({pattern, group, text}: MatchRequest, regex: Pick<BoundedRegex, 'match'>): MatchOutcome {
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
 * Applies the `match` of `type=semver` and `type=pep440`: returns its first group, or the whole match without groups. If
 * it does not match, the result is the whole text, as in docker/metadata-action, with a warning.
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

/** Formats an expression between slashes with its flags: `/v(.*)/i`. */
export function formatPattern({source, flags}: RegexPattern): string {
  return `/${source}/${flags}`
}

const remedy = 'Escape special characters that are meant literally, such as \\( or \\+.'

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

/** Syntax error of a regular expression; undefined if it has none. The constructor parses it and runs nothing. */
function syntaxError(source: string, flags: string): string | undefined {
  try {
    new RegExp(source, flags)
    return undefined
  } catch (error) {
    const message = errorMessage(error)
    return message.slice(message.lastIndexOf(': ') + 1).trim()
  }
}

function flagProblem(flags: string, column: number): AttributeProblem {
  return problem(
    column,
    `"${flags}" are not flags of a regular expression`,
    'Use d, g, i, m, s, u, v and y, each once. Begin a pattern that starts with a slash with \\/.',
  )
}

function problem(column: number, reason: string, advice: string): AttributeProblem {
  return {ok: false, column, reason, remedy: advice}
}

function nothing(reason: MatchReason): MatchOutcome {
  return {kind: 'nothing', reason}
}

/**
 * Parses the `pattern` of `type=semver`, `type=pep440` and `type=file`. A tag cannot contain a brace or a quote, so one
 * outside of an expression is a mistake: `{version}`, `'{{version}}'`. The template engine checks the expressions.
 */
export function parseVersionPattern(text: string): {readonly ok: true; readonly pattern: string} | AttributeProblem {
  if (text === '') return {ok: false, column: 1, reason: 'the pattern is empty', remedy: versionPatternRemedy}
  const literal = text.replace(/\{\{\{.{0,300}?\}\}\}|\{\{.{0,300}?\}\}/gs, (expression) =>
    ' '.repeat(expression.length),
  )
  const at = literal.search(/[{}'"]/)
  // The engine reports an expression that is not closed.
  if (at === -1 || literal.includes('{{')) return {ok: true, pattern: text}
  const reason = `${literal.charAt(at)} is outside of an expression`
  return {
    ok: false,
    column: at + 1,
    reason,
    remedy: 'Write {{version}}, with two braces on each side and without quotes.',
  }
}

export const versionPatternRemedy = 'Write a pattern, such as pattern={{version}} or pattern={{major}}.{{minor}}.'
