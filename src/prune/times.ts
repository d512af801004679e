/** Latest of the times that are known. */
export function latestOf(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [time.getTime()]))
  return known.length === 0 ? undefined : new Date(Math.max(...known))
}

/** Reports whether the time of an image is later than the one that was listed before: it was pushed again. */
export function isLater(now: Date | undefined, listed: Date | undefined): boolean {
  return now !== undefined && listed !== undefined && now > listed
}
