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

/** Problem of a matrix for which GitHub fails the job; undefined if it has none. */
export function matrixProblem(matrix: Readonly<Record<string, unknown>>): string | undefined {
  const {include} = matrix
  const axes = Object.fromEntries(Object.entries(matrix).filter(([name]) => name !== 'include' && name !== 'exclude'))
  const empty = Object.entries(axes).find(([, values]) => Array.isArray(values) && values.length === 0)
  if (empty !== undefined) return `the list of ${empty[0]} is empty, for which GitHub fails the job`
  if (Object.keys(axes).length > 0 || listOf(include).length > 0) return undefined
  return 'it has no values, for which GitHub fails the job'
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null || value === '') return []
  return Array.isArray(value) ? value : [value]
}
