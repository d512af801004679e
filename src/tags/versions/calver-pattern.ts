import {suggestion} from '../../inputs/syntax/nearest.ts'

/** Tokens of https://calver.org ("Scheme"). */
export const calverTokens = [
  'YYYY',
  'YY',
  '0Y',
  'MM',
  '0M',
  'WW',
  '0W',
  'DD',
  '0D',
  'MAJOR',
  'MINOR',
  'MICRO',
  'MODIFIER',
] as const

export type CalverToken = (typeof calverTokens)[number]
export type CalverPart = 'year' | 'month' | 'week' | 'day' | 'major' | 'minor' | 'micro' | 'modifier'

/** A token, or the separators between two of them. */
export type PatternPiece =
  | {readonly kind: 'token'; readonly token: CalverToken; readonly part: CalverPart}
  | {readonly kind: 'separator'; readonly text: string}

export type CalverPattern =
  | {readonly ok: true; readonly pieces: readonly PatternPiece[]; readonly parts: ReadonlySet<CalverPart>}
  /** The column is 1-based in the pattern. */
  | {readonly ok: false; readonly column: number; readonly reason: string; readonly remedy: string}

type Failure = Extract<CalverPattern, {ok: false}>

/**
 * Parses a pattern such as `YYYY.0M.MICRO`: tokens, and between them the separators `.`, `-` and `_`, which a tag may
 * contain. Refuses patterns whose versions could not be parsed again: with other words, one part twice, adjacent numbers
 * of variable width, or weeks and months. Never throws.
 */
export function parseCalverPattern(text: string): CalverPattern {
  const pieces: PatternPiece[] = []
  for (let at = 0; at < text.length;) {
    const [separators = ''] = /^[._-]*/.exec(text.slice(at)) ?? []
    const length = separators === '' ? readToken(text, at, pieces) : separators.length
    if (typeof length !== 'number') return length
    if (separators !== '') pieces.push({kind: 'separator', text: separators})
    at += length
  }
  return complete(text, pieces)
}

/** Part of a version by its token. */
export const partOf: Readonly<Record<CalverToken, CalverPart>> = {
  YYYY: 'year',
  YY: 'year',
  '0Y': 'year',
  MM: 'month',
  '0M': 'month',
  WW: 'week',
  '0W': 'week',
  DD: 'day',
  '0D': 'day',
  MAJOR: 'major',
  MINOR: 'minor',
  MICRO: 'micro',
  MODIFIER: 'modifier',
}

/** Tokens whose numbers have a fixed number of digits. */
const fixedWidth: ReadonlySet<CalverToken> = new Set(['YYYY', '0Y', '0M', '0W', '0D'])

/** Adds the token at an offset to `pieces`. Returns its length, or the problem. */
function readToken(text: string, at: number, pieces: PatternPiece[]): number | Failure {
  const token = calverTokens.find((known) => text.startsWith(known, at))
  if (token === undefined) return unknownToken(text, at)
  const part = partOf[token]
  const problem =
    misplaced(pieces, token) ?? duplicate(pieces, token) ?? tooClose(pieces, token) ?? mixedWeek(pieces, part)
  if (problem !== undefined) return {ok: false, column: at + 1, ...problem}
  pieces.push({kind: 'token', token, part})
  return token.length
}

function unknownToken(text: string, at: number): Failure {
  const rest = text.slice(at)
  const end = rest.search(endOfWord)
  const word = end === -1 ? rest : rest.slice(0, end)
  return {
    ok: false,
    column: at + 1,
    reason: `unknown calendar token "${word}"`,
    remedy: `${suggestion(word, calverTokens)} Add other text with prefix= or suffix=.`,
  }
}

/** A separator or a token after the first character of a word. */
const endOfWord = new RegExp(`(?!^)(?:[._-]|${calverTokens.join('|')})`)

type PatternProblem = Pick<Failure, 'reason' | 'remedy'>

function misplaced(pieces: readonly PatternPiece[], token: CalverToken): PatternProblem | undefined {
  return token === 'MODIFIER' && pieces.length === 0
    ? {
        reason: 'a version cannot begin with MODIFIER',
        remedy: 'Write it after a number, such as YYYY-MODIFIER.',
      }
    : undefined
}

function duplicate(pieces: readonly PatternPiece[], token: CalverToken): PatternProblem | undefined {
  const earlier = pieces.find((piece) => piece.kind === 'token' && piece.part === partOf[token])
  if (earlier?.kind !== 'token') return undefined
  const names = earlier.token === token ? `${token} is repeated` : `${earlier.token} and ${token} are the same part`
  return {reason: `the pattern has two ${partOf[token]}s: ${names}`, remedy: 'Keep one of them.'}
}

/** Refuses `MMDD`, which is 111 on January 11th and on November 1st. A modifier begins with a letter, so it may follow. */
function tooClose(pieces: readonly PatternPiece[], token: CalverToken): PatternProblem | undefined {
  const before = pieces.at(-1)
  if (before?.kind !== 'token' || token === 'MODIFIER' || fixedWidth.has(before.token)) return undefined
  return {
    reason: `${before.token} has a variable width, and ${token} follows without a separator`,
    remedy: `Write a dot between them, or use a token of fixed width: ${[...fixedWidth].join(', ')}.`,
  }
}

/** Refuses weeks beside months and days: ISO weeks cross months, and around New Year they belong to another year. */
function mixedWeek(pieces: readonly PatternPiece[], part: CalverPart): PatternProblem | undefined {
  const excluded: readonly CalverPart[] = part === 'week' ? ['month', 'day'] : ['week']
  if (!['week', 'month', 'day'].includes(part)) return undefined
  return pieces.some((piece) => piece.kind === 'token' && excluded.includes(piece.part))
    ? {reason: 'the pattern has both a week and a month or day', remedy: 'Use weeks, or months and days.'}
    : undefined
}

function complete(text: string, pieces: readonly PatternPiece[]): CalverPattern {
  const parts = new Set(pieces.flatMap((piece) => (piece.kind === 'token' ? [piece.part] : [])))
  if (!parts.has('year')) {
    const remedy = 'Begin with one of YYYY, YY and 0Y, such as YYYY.0M.MICRO.'
    return {ok: false, column: 1, reason: 'the pattern has no year', remedy}
  }
  const dangling = pieces[0]?.kind === 'separator' ? 1 : pieces.at(-1)?.kind === 'separator' ? text.length : undefined
  return dangling === undefined
    ? {ok: true, pieces, parts}
    : {ok: false, column: dangling, reason: 'the pattern begins or ends with a separator', remedy: 'Remove it.'}
}
