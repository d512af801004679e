import {isRecord} from './record.ts'

/** Values of one run of a job. */
export type Leg = Readonly<Record<string, unknown>>

/** Runs of a job by the values of its matrix, with `include` and `exclude`, in the order of GitHub. */
export function matrixLegs({include, exclude, ...axes}: Readonly<Record<string, unknown>>): readonly Leg[] {
  const combined = Object.entries(axes).reduce<readonly Leg[]>(
    (legs, [name, values]) => legs.flatMap((leg) => listOf(values).map((value) => ({...leg, [name]: value}))),
    [{}],
  )
  const excluded = listOf(exclude).filter(isRecord)
  const kept = combined.filter((leg) => !excluded.some((one) => matches(one, leg)))
  return withIncluded(Object.keys(axes).length === 0 ? [] : kept, listOf(include).filter(isRecord), Object.keys(axes))
}

/** Adds the entries of `include`: to each run whose values they do not change, or else as a run of their own. */
function withIncluded(legs: readonly Leg[], included: readonly Leg[], axes: readonly string[]): readonly Leg[] {
  const own: Leg[] = []
  const extended = legs.map((leg) => ({...leg}))
  for (const entry of included) {
    const shared = Object.fromEntries(Object.entries(entry).filter(([name]) => axes.includes(name)))
    const fitting = extended.filter((leg) => matches(shared, leg))
    if (fitting.length === 0) own.push(entry)
    for (const leg of fitting) Object.assign(leg, entry)
  }
  return [...extended, ...own]
}

function matches(part: Leg, leg: Leg): boolean {
  return Object.entries(part).every(([name, value]) => JSON.stringify(leg[name]) === JSON.stringify(value))
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return []
  return Array.isArray(value) ? value : [value]
}
