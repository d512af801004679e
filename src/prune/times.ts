/**
 * Parses a time of a web API: RFC 3339, such as `2026-01-02T03:04:05.678Z`. Undefined if it is none, or the zero
 * time of Go (`0001-01-01T00:00:00Z`), which means "unknown".
 */
export function parseTime(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value) || value.startsWith('0001-')) return undefined
  const time = new Date(value)
  return Number.isNaN(time.getTime()) ? undefined : time
}

/** Latest of the times that are known. */
export function latestOf(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [time.getTime()]))
  return known.length === 0 ? undefined : new Date(Math.max(...known))
}

/** Reports whether the time of an image is later than the one that was listed before: it was pushed again. */
export function isLater(now: Date | undefined, listed: Date | undefined): boolean {
  return now !== undefined && listed !== undefined && now > listed
}
