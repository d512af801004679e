import {nearest} from '../../inputs/syntax/nearest.ts'

/** A day in one time zone, with its ISO 8601 week. */
export interface CalendarDate {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  /** 1 to 31. */
  readonly day: number
  /** 1 to 53; weeks begin on Monday, and the first week has the first Thursday of the year. */
  readonly week: number
  /** Year of the week: 2021-01-01 is in week 53 of 2020. */
  readonly weekYear: number
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * Day of a time in a zone of the IANA database (https://www.iana.org/time-zones), such as `UTC`. Undefined for an
 * unknown zone.
 */
export function calendarDate(moment: Date, timeZone: string): CalendarDate | undefined {
  const parts = dateParts(moment, timeZone)
  if (parts === undefined) return undefined
  const {year, month, day} = parts
  return {year, month, day, ...isoWeek(year, month, day)}
}

/** Remedy for an unknown time zone: `Berlin` and `Europe/Berln` suggest Europe/Berlin. */
export function timeZoneRemedy(timeZone: string): string {
  const known = Intl.supportedValuesOf('timeZone')
  const city = known.find((name) => name.toLowerCase().endsWith(`/${timeZone.toLowerCase()}`))
  const suggested = city ?? nearest(timeZone, known)
  return suggested === undefined ? 'Use a name such as Europe/Berlin.' : `Did you mean "${suggested}"?`
}

/** Reports whether the calendar has this day: 2024-02-29, and not 2023-02-29. */
export function isDay(year: number, month: number, day: number): boolean {
  const date = utcDay(year, month, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Number of ISO weeks of a year, 52 or 53: December 28th is always in the last one. */
export function weeksInYear(year: number): number {
  return isoWeek(year, 12, 28).week
}

/** ISO week of a day. The Thursday of a week is in the year of the week. */
function isoWeek(year: number, month: number, day: number): Pick<CalendarDate, 'week' | 'weekYear'> {
  const date = utcDay(year, month, day)
  const weekday = (date.getUTCDay() + 6) % 7
  const thursday = new Date(date.getTime() + (3 - weekday) * dayMs)
  const weekYear = thursday.getUTCFullYear()
  const days = Math.round((thursday.getTime() - utcDay(weekYear, 1, 1).getTime()) / dayMs)
  return {week: Math.floor(days / 7) + 1, weekYear}
}

/** Midnight of a day in UTC. `Date.UTC` would read a year below 100 as 19xx. */
function utcDay(year: number, month: number, day: number): Date {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date
}

function dateParts(moment: Date, timeZone: string): Pick<CalendarDate, 'year' | 'month' | 'day'> | undefined {
  if (timeZone === 'UTC')
    return {year: moment.getUTCFullYear(), month: moment.getUTCMonth() + 1, day: moment.getUTCDate()}
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    })
    const parts = new Map(format.formatToParts(moment).map(({type, value}) => [type, Number(value)]))
    return {year: parts.get('year') ?? 0, month: parts.get('month') ?? 0, day: parts.get('day') ?? 0}
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
