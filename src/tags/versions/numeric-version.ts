import {isDay} from './calendar-day.ts'

/**
 * A version of numbers that is not a semantic version: `2026.02.0`, `1.2.3.4`, `24.04`, `2026-01-02`, with or without a
 * modifier (`2026.02.0-rc1`).
 */
interface NumericVersion {
  readonly numbers: readonly bigint[]
  readonly separator: '.' | '-' | ''
  /** Text after the numbers, with its separator: `-rc1`, or empty. */
  readonly modifier: string
}

/** Parses a version of numbers, with or without a `v`; undefined for another text. */
export function numericVersion(text: string): NumericVersion | undefined {
  const date = /^[vV]?(\d{4})(-?)(\d\d)\2(\d\d)((?:[._+-]?[A-Za-z0-9][\w.+-]*)?)$/.exec(text)
  const [, year = '', dash = '', month = '', day = '', end = ''] = date ?? []
  if (isCalendarDay(year, month, day) && !/^\d/.test(end)) {
    return {numbers: [year, month, day].map(BigInt), separator: dash === '-' ? '-' : '', modifier: end}
  }
  const [, head, modifier = ''] = /^[vV]?(\d+(?:\.\d+)+)((?:[.+_-]?[A-Za-z_+-][\w.+-]*)?)$/.exec(text) ?? []
  return head === undefined ? undefined : {numbers: head.split('.').map(BigInt), separator: '.', modifier}
}

/** Reports whether a text has at least three numbers and names one release; `1.2.3.x` is a version line. */
export function isNumericRelease(text: string): boolean {
  const version = numericVersion(text)
  return version !== undefined && version.numbers.length >= 3 && !/^[._-]?x$/i.test(version.modifier)
}

/** Reports whether a text is a day, which may be that of a run or of a release: `2026.01.02`, `2026-01-02`, `20260102`. */
export function isDayName(text: string): boolean {
  const [, year = '', , month = '', day = ''] = /^[vV]?(\d{4})([.-]?)(\d\d?)\2(\d\d?)$/.exec(text) ?? []
  return isCalendarDay(year, month, day)
}

/** Reports whether a version begins with a year of four digits, or with a whole day: `2026.02.0`, `20260102`. */
export function beginsWithYear(text: string): boolean {
  return /^[vV]?(?:\d+!)?(?:19[7-9]|2[01]\d)\d(?:\d{4})?(?!\d)/.test(text)
}

/** Compares two versions. A missing number is 0; a version with a modifier is lower than the one without. */
export function compareNumeric(a: string, b: string): number {
  const [first, second] = [numericVersion(a) ?? noNumbers, numericVersion(b) ?? noNumbers]
  return compareNumbers(first.numbers, second.numbers) || compareModifiers(first.modifier, second.modifier)
}

const noNumbers: NumericVersion = {numbers: [], separator: '', modifier: ''}

function compareNumbers(first: readonly bigint[], second: readonly bigint[]): number {
  for (let index = 0; index < Math.max(first.length, second.length); index += 1) {
    const [one, other] = [first[index] ?? 0n, second[index] ?? 0n]
    if (one !== other) return one > other ? 1 : -1
  }
  return 0
}

function compareModifiers(first: string, second: string): number {
  if (first === '' || second === '') return Number(first === '') - Number(second === '')
  return Math.sign(first.localeCompare(second, 'en', {numeric: true}))
}

/**
 * Reports whether a text is a year and a month (`2026.02`, `24.04`), or its second number begins with a zero. Such a text
 * names a release, while `1.2` may be the version line of 1.2.3.
 */
export function isYearAndMonth(text: string): boolean {
  const [, first = '', second = ''] = /^[vV]?(\d+)\.(\d+)(?!\d|\.\d)/.exec(text) ?? []
  const isYear = /^(?:19[7-9]\d|2[01]\d\d|[23]\d)$/.test(first)
  return (
    /^0\d/.test(second) || (isYear && /^(?:[1-9]|1[0-2])$/.test(second) && (first.length === 4 || second.length === 2))
  )
}

function isCalendarDay(year: string, month: string, day: string): boolean {
  return /^(?:19[7-9]|2[01]\d)\d$/.test(year) && isDay(Number(year), Number(month), Number(day))
}
