import {suggestion} from '../../inputs/syntax/nearest.ts'

/** The tokens of https://calver.org ("Scheme"). */
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
 * Reads `YYYY.0M.MICRO`: tokens, and between them `.`, `-` and `_`, the separators that a tag may hold. Refused is what
 * could not be read back from a version: other words, a part named twice, numbers of changing width side by side, weeks
 * beside months. Pure, and never throws.
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

/** The part of a version that a token stands for. */
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

/** Tokens whose numbers all have the same count of digits. */
const fixedWidth: ReadonlySet<CalverToken> = new Set(['YYYY', '0Y', '0M', '0W', '0D'])

/** Adds the token at this offset; its length, or what is wrong with it. */
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
    remedy: `${suggestion(word, calverTokens)} Text before or after the version goes into prefix= or suffix=.`,
  }
}

/** A separator or a token, but not where the word itself begins. */
const endOfWord = new RegExp(`(?!^)(?:[._-]|${calverTokens.join('|')})`)

type Complaint = Pick<Failure, 'reason' | 'remedy'>

function misplaced(pieces: readonly PatternPiece[], token: CalverToken): Complaint | undefined {
  return token === 'MODIFIER' && pieces.length === 0
    ? {
        reason: 'a version cannot begin with MODIFIER',
        remedy: 'Put it behind a number, such as YYYY.0M.MICRO-MODIFIER.',
      }
    : undefined
}

function duplicate(pieces: readonly PatternPiece[], token: CalverToken): Complaint | undefined {
  const earlier = pieces.find((piece) => piece.kind === 'token' && piece.part === partOf[token])
  if (earlier?.kind !== 'token') return undefined
  const same = earlier.token === token ? 'once more' : `though ${earlier.token} does already`
  return {reason: `${token} names the ${partOf[token]} ${same}`, remedy: 'Name each part once.'}
}

/** `MMDD` would give 111 for January 11th and for November 1st. A modifier begins with a letter, and is told apart. */
function tooClose(pieces: readonly PatternPiece[], token: CalverToken): Complaint | undefined {
  const before = pieces.at(-1)
  if (before?.kind !== 'token' || token === 'MODIFIER' || fixedWidth.has(before.token)) return undefined
  return {
    reason: `${before.token} has no fixed width, and ${token} follows without a separator`,
    remedy: `Put a dot between them, or use tokens of fixed width: ${[...fixedWidth].join(', ')}.`,
  }
}

/** ISO weeks do not fit into months, and the year that they count in is another one around New Year. */
function mixedWeek(pieces: readonly PatternPiece[], part: CalverPart): Complaint | undefined {
  const excluded: readonly CalverPart[] = part === 'week' ? ['month', 'day'] : ['week']
  if (!['week', 'month', 'day'].includes(part)) return undefined
  return pieces.some((piece) => piece.kind === 'token' && excluded.includes(piece.part))
    ? {reason: 'a week stands beside a month or day', remedy: 'Use weeks, or months and days.'}
    : undefined
}

function complete(text: string, pieces: readonly PatternPiece[]): CalverPattern {
  const parts = new Set(pieces.flatMap((piece) => (piece.kind === 'token' ? [piece.part] : [])))
  if (!parts.has('year')) {
    const remedy = 'Begin with one of YYYY, YY and 0Y, such as YYYY.0M.MICRO.'
    return {ok: false, column: 1, reason: 'the pattern names no year', remedy}
  }
  const dangling = pieces[0]?.kind === 'separator' ? 1 : pieces.at(-1)?.kind === 'separator' ? text.length : undefined
  return dangling === undefined
    ? {ok: true, pieces, parts}
    : {ok: false, column: dangling, reason: 'a separator has nothing to separate', remedy: 'Leave it out.'}
}
