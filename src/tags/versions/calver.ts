import type {RunVersion} from '../../context/version-files/version-result.ts'
import type {SkippedRuleReason} from '../../reasons/rule-reasons.ts'
import {calendarDate, weeksInYear} from './calendar-date.ts'
import {isDay} from './calendar-day.ts'
import type {CalverPart, CalverPattern, CalverToken, PatternPiece} from './calver-pattern.ts'

export type ParsedPattern = Extract<CalverPattern, {ok: true}>

/** Parts of a calendar version. `year` has all its digits; with a week it is the ISO 8601 year of the week. */
export interface CalverParts extends Partial<Readonly<Record<Exclude<CalverPart, 'modifier'>, number>>> {
  readonly year: number
  /** Text such as `rc1` or `dev`, or empty. */
  readonly modifier: string
}

export interface CalverRequest {
  readonly pattern: ParsedPattern
  /** Rendered `value` of the rule; undefined if it has none. */
  readonly value: string | undefined
  /** Version of the Git tag or release that started the run. */
  readonly released: RunVersion | undefined
  /** Time of the run. */
  readonly now: Date
  readonly timeZone: string
  /** `github.run_number`. */
  readonly runNumber: string
}

type CalverOutcome =
  | {
      readonly kind: 'text'
      readonly text: string
      /** Origin of the version for the plan: `the Git tag v2024.01.3`, `the date and run number 42`. */
      readonly from: string
      /** The tag is exact: no other run gives this text. */
      readonly exact: boolean
      /** `latest=auto` adds `latest`: the version is a release without a modifier. */
      readonly latest: boolean
    }
  | {readonly kind: 'nothing'; readonly reason: SkippedRuleReason; readonly level: 'info' | 'warning'}

export type CalverTagger = (request: CalverRequest) => CalverOutcome

/**
 * Calendar version (https://calver.org) for `type=calver`, from the first of these sources:
 *
 * 1. `value`, if the rule has one: it must fit the pattern.
 * 2. The Git tag that started the run, if it fits the pattern, with or without a `v`.
 * 3. The date of the run, and GitHub's run number for MICRO: it grows with every workflow run, and stays the same if a run
 *    is repeated. MAJOR and MINOR have no such source, so a pattern with them gives nothing. The version has no modifier,
 *    and no separator before it.
 */
export function calverTag(request: CalverRequest): CalverOutcome {
  const {pattern, value, released} = request
  if (value !== undefined && value !== '') {
    const parts = parseCalver(value, pattern)
    return parts === undefined
      ? nothing({code: 'calver-mismatch', value}, 'warning')
      : release(parts, pattern, `the value ${value}`)
  }
  const parts = released === undefined ? undefined : parseCalver(released.text, pattern)
  if (released !== undefined && parts !== undefined) return release(parts, pattern, released.from)
  return value === '' ? nothing({code: 'empty-attribute', attribute: 'value'}, 'warning') : dated(request)
}

/**
 * Parses a version of this pattern, with or without a `v`; undefined for another text, or for a day or week that does not
 * exist. Short years count from 2000. `formatCalver` returns the same text without the `v`.
 */
export function parseCalver(text: string, {pieces}: ParsedPattern): CalverParts | undefined {
  const found = new RegExp(`^[vV]?${expressionOf(pieces)}$`).exec(text)?.groups
  if (found === undefined) return undefined
  const numbers = new Map<CalverPart, number>()
  for (const piece of pieces) {
    const digits = piece.kind === 'token' ? found[piece.part] : undefined
    if (piece.kind !== 'token' || piece.part === 'modifier' || digits === undefined) continue
    const number = Number(digits) + (piece.token === 'YY' || piece.token === '0Y' ? 2000 : 0)
    if (!Number.isSafeInteger(number)) return undefined
    numbers.set(piece.part, number)
  }
  const parts = {...Object.fromEntries(numbers), year: numbers.get('year') ?? 0, modifier: found['modifier'] ?? ''}
  return isPossible(parts) ? parts : undefined
}

/** Formats a version. Without a modifier, it has no separator before the modifier either. */
export function formatCalver(parts: CalverParts, {pieces}: ParsedPattern): string {
  return pieces
    .map((piece, index) => {
      if (piece.kind === 'separator') return isBeforeModifier(pieces, index) && parts.modifier === '' ? '' : piece.text
      return piece.part === 'modifier' ? parts.modifier : formatNumber(piece.token, parts[piece.part] ?? 0)
    })
    .join('')
}

function dated({pattern, now, timeZone, runNumber}: CalverRequest): CalverOutcome {
  const missing = (['major', 'minor'] as const).find((part) => pattern.parts.has(part))
  if (missing !== undefined) return nothing({code: 'calver-without-value', part: missing.toUpperCase()}, 'info')
  const counted = pattern.parts.has('micro')
  if (counted && !/^\d{1,15}$/.test(runNumber)) return nothing({code: 'no-run-number'}, 'warning')
  const date = calendarDate(now, timeZone)
  if (date === undefined) return nothing({code: 'unknown-time-zone', timeZone}, 'warning')
  const year = pattern.parts.has('week') ? date.weekYear : date.year
  const text = formatCalver({...date, year, micro: Number(runNumber), modifier: ''}, pattern)
  const from = counted ? `the date and run number ${runNumber}` : 'the date'
  return {kind: 'text', text, from, exact: counted, latest: false}
}

function release(parts: CalverParts, pattern: ParsedPattern, from: string): CalverOutcome {
  return {kind: 'text', text: formatCalver(parts, pattern), from, exact: true, latest: parts.modifier === ''}
}

function formatNumber(token: CalverToken, number: number): string {
  if (token === 'YY' || token === '0Y') return padded(number - 2000, token)
  return token === 'YYYY' ? String(number).padStart(4, '0') : padded(number, token)
}

function padded(number: number, token: CalverToken): string {
  return token.startsWith('0') ? String(number).padStart(2, '0') : String(number)
}

/** Regular expressions for the numbers of each token: short numbers have no leading zero. */
const digitsOf: Readonly<Record<CalverToken, string>> = {
  YYYY: '[0-9]{4}',
  YY: '(?:0|[1-9][0-9]{0,2})',
  '0Y': '(?:[0-9]{2}|[1-9][0-9]{2})',
  MM: '[1-9][0-9]?',
  '0M': '[0-9]{2}',
  WW: '[1-9][0-9]?',
  '0W': '[0-9]{2}',
  DD: '[1-9][0-9]?',
  '0D': '[0-9]{2}',
  MAJOR: '(?:0|[1-9][0-9]*)',
  MINOR: '(?:0|[1-9][0-9]*)',
  MICRO: '(?:0|[1-9][0-9]*)',
  MODIFIER: '[A-Za-z][A-Za-z0-9]*(?:[._-][A-Za-z0-9]+)*',
}

function expressionOf(pieces: readonly PatternPiece[]): string {
  return pieces
    .map((piece, index) => {
      if (piece.kind === 'separator') return isBeforeModifier(pieces, index) ? '' : escapeText(piece.text)
      const group = `(?<${piece.part}>${digitsOf[piece.token]})`
      if (piece.part !== 'modifier') return group
      const before = pieces[index - 1]
      return `(?:${before?.kind === 'separator' ? escapeText(before.text) : ''}${group})?`
    })
    .join('')
}

function isBeforeModifier(pieces: readonly PatternPiece[], index: number): boolean {
  const next = pieces[index + 1]
  return next?.kind === 'token' && next.part === 'modifier'
}

function escapeText(text: string): string {
  return text.replaceAll('.', '\\.')
}

function isPossible({year, month, week, day}: CalverParts): boolean {
  if (month !== undefined && (month < 1 || month > 12)) return false
  if (week !== undefined && (week < 1 || week > weeksInYear(year))) return false
  // Without a month, any day of a month with 31 days is possible.
  return day === undefined || isDay(year, month ?? 1, day)
}

function nothing(reason: SkippedRuleReason, level: 'info' | 'warning'): CalverOutcome {
  return {kind: 'nothing', reason, level}
}
