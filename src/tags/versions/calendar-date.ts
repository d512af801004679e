import {nearest} from '../../inputs/syntax/nearest.ts'
import {utcDay} from './calendar-day.ts'

/** A day in one time zone, with its ISO 8601 week. */
interface CalendarDate {
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
