/** Duration in milliseconds, or the reason why a text is not one. */
type ParsedDuration =
  {readonly ok: true; readonly ms: number} | {readonly ok: false; readonly reason: string; readonly remedy: string}

const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** Lengths of the units by their names. A month has 30 days, and a year 365. */
const unitMs: ReadonlyMap<string, number> = new Map(
  (
    [
      [secondMs, 's', 'sec', 'second', 'seconds'],
      [minuteMs, 'min', 'minute', 'minutes'],
      [hourMs, 'h', 'hr', 'hour', 'hours'],
      [dayMs, 'd', 'day', 'days'],
      [7 * dayMs, 'w', 'week', 'weeks'],
      [30 * dayMs, 'month', 'months'],
      [365 * dayMs, 'y', 'yr', 'year', 'years'],
    ] as const
  ).flatMap(([ms, ...names]) => names.map((name): [string, number] => [name, ms])),
)

const maxMs = 100 * 365 * dayMs
const form = 'Write a number and a unit, such as 12h, 5 days, 2w, 3 months or 1 year.'

/**
 * Parses a duration: `5 days`, `2w`, `12h`, `1 year`, or a sum of several, such as `2w 3d`. `0` has no unit. An `m` is
 * refused: it is minutes in some programs and months in others. Never throws.
 */
export function parseDuration(text: string): ParsedDuration {
  if (text === '0') return {ok: true, ms: 0}
  const terms = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([A-Za-z]*)[\s,]*/g)]
  if (text === '' || terms.map(([whole]) => whole).join('') !== text)
    return refused(`"${text}" is not a duration`, form)
  let ms = 0
  for (const [, number = '', unit = ''] of terms) {
    if (unit === '') return refused(`"${number}" has no unit`, `Write ${number}d for days, or ${number}h for hours.`)
    if (unit === 'm' || unit === 'M')
      return refused(
        `"${unit}" may be minutes or months`,
        `Write ${number}min or ${number} ${number === '1' ? 'month' : 'months'}.`,
      )
    const length = unitMs.get(unit.toLowerCase())
    if (length === undefined) return refused(`"${unit}" is not a unit of time`, form)
    ms += Number(number) * length
  }
  return ms <= maxMs ? {ok: true, ms: Math.round(ms)} : refused('it is longer than 100 years', form)
}

function refused(reason: string, remedy: string): ParsedDuration {
  return {ok: false, reason, remedy}
}
