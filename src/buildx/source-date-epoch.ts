import type {BuildArgument, BuildInputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'

/** Name of the build argument and the variable: https://reproducible-builds.org/docs/source-date-epoch/ */
const epochName = 'SOURCE_DATE_EPOCH'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Time that the user set, in seconds, as Buildx reads it: the last one of `build-args`, where a name without a value
 * takes that of the step's variable, or else the variable; undefined if neither is set.
 */
export function writtenEpoch(
  buildArgs: readonly BuildArgument[],
  variables: Variables,
  problems: Problems,
): number | undefined {
  const variable = variables[epochName]
  const values = buildArgs.flatMap(({key, value}) => (key === epochName ? [value ?? variable] : []))
  const text = values.findLast((value) => value !== undefined) ?? variable
  if (text === undefined || text === '') return undefined
  if (/^\d{1,11}$/.test(text)) return Number(text)
  const message = `${epochName} is "${text}"; it must be whole seconds since 1970`
  const remedy = 'Write whole seconds, such as the output of `git log -1 --pretty=%ct`, or remove it.'
  problems.add({input: 'build-args', message, remedy})
  return undefined
}

/** Build argument with the time, unless the input `build-args` sets one. */
export function epochArgument(
  {buildArgs}: Pick<BuildInputs, 'buildArgs'>,
  seconds: number | undefined,
): readonly BuildArgument[] {
  const isWritten = buildArgs.some(({key, value}) => key === epochName && value !== undefined && value !== '')
  return seconds === undefined || isWritten ? [] : [{key: epochName, value: String(seconds)}]
}
