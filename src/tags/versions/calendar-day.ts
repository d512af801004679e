/** Reports whether the calendar has this day: 2024-02-29, and not 2023-02-29. */
export function isDay(year: number, month: number, day: number): boolean {
  const date = utcDay(year, month, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Midnight of a day in UTC. `Date.UTC` would read a year below 100 as 19xx. */
export function utcDay(year: number, month: number, day: number): Date {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date
}
