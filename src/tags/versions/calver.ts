import type {RunVersion} from '../../context/version-files/version-result.ts'
import type {SkippedRuleReason} from '../../reasons/rule-reasons.ts'
import {isDay, weeksInYear, type CalendarDate} from './calendar-date.ts'
import type {CalverPart, CalverPattern, CalverToken, PatternPiece} from './calver-pattern.ts'

export type ParsedPattern = Extract<CalverPattern, {ok: true}>

/** The parts of a calendar version. `year` is in full, and with a week the year that ISO 8601 counts the week in. */
export interface CalverParts extends Partial<Readonly<Record<Exclude<CalverPart, 'modifier'>, number>>> {
  readonly year: number
  /** Text such as `rc1` or `dev`; empty without one. */
  readonly modifier: string
}

export interface CalverRequest {
  readonly pattern: ParsedPattern
  /** The rule's `value`, rendered; undefined when it has none. */
  readonly value: string | undefined
  /** What the Git tag or release that started the run says, and where it stands. */
  readonly released: RunVersion | undefined
  /** When the run was planned, in the rule's time zone. */
  readonly date: CalendarDate
  /** `github.run_number`. */
  readonly runNumber: string
}

export type CalverOutcome =
  | {
      readonly kind: 'text'
      readonly text: string
      /** For the explanation: `the Git tag v2024.01.3`, `the date and run number 42`. */
      readonly from: string
      /** No other run gives this text, so it names one content for ever. */
      readonly exact: boolean
      /** A release by its own name, and no modifier: what `latest=auto` looks for. */
      readonly latest: boolean
    }
  | {readonly kind: 'nothing'; readonly reason: SkippedRuleReason; readonly level: 'info' | 'warning'}

/**
 * `type=calver`: a version of the calendar (https://calver.org). Where its numbers come from, first that fits:
 *
 * 1. `value`, when the rule has one: it must fit the pattern;
 * 2. the Git tag that started the run, when it fits the pattern (`v2024.01.3` does, without its v);
 * 3. the date of the run for the year, month, week and day, and GitHub's run number for MICRO: it grows with every run of
 *    the workflow, and stays when a run is started again. MAJOR and MINOR are nobody's to guess, so a pattern with them
 *    gives nothing here. There is no modifier then, and the separator before it is left out.
 */
export function calverTag({pattern, value, released, date, runNumber}: CalverRequest): CalverOutcome {
  if (value !== undefined && value !== '') {
    const parts = parseCalver(value, pattern)
    return parts === undefined
      ? nothing({code: 'calver-mismatch', value}, 'warning')
      : release(parts, pattern, `the value ${value}`)
  }
  const parts = released === undefined ? undefined : parseCalver(released.text, pattern)
  if (released !== undefined && parts !== undefined) return release(parts, pattern, released.from)
  return value === ''
    ? nothing({code: 'empty-attribute', attribute: 'value'}, 'warning')
    : dated(pattern, date, runNumber)
}

/**
 * The parts of a version of this pattern; undefined when the text is none. A `v` in front is left out; short years are
 * those since 2000; days and weeks that no calendar has do not fit. What comes back formats to the text again.
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

/** The text of a version. Without a modifier, the separator before it is left out too. */
export function formatCalver(parts: CalverParts, {pieces}: ParsedPattern): string {
  return pieces
    .map((piece, index) => {
      if (piece.kind === 'separator') return isBeforeModifier(pieces, index) && parts.modifier === '' ? '' : piece.text
      return piece.part === 'modifier' ? parts.modifier : formatNumber(piece.token, parts[piece.part] ?? 0)
    })
    .join('')
}

function dated(pattern: ParsedPattern, date: CalendarDate, runNumber: string): CalverOutcome {
  const missing = (['major', 'minor'] as const).find((part) => pattern.parts.has(part))
  if (missing !== undefined) return nothing({code: 'calver-without-value', part: missing.toUpperCase()}, 'info')
  const counted = pattern.parts.has('micro')
  if (counted && !/^\d{1,15}$/.test(runNumber)) return nothing({code: 'no-run-number'}, 'warning')
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

/** Digits as a token writes them: short numbers have no zero in front. */
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
  // Without a month any day of a long one will do; leap days count when the year says so.
  return day === undefined || isDay(year, month ?? 1, day)
}

function nothing(reason: SkippedRuleReason, level: 'info' | 'warning'): CalverOutcome {
  return {kind: 'nothing', reason, level}
}
