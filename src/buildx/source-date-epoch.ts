import type {BuildArgument, BuildInputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {TagboatError} from '../errors/error.ts'
import type {Builder} from './inspect.ts'
import {rewritesTimes} from './outputs.ts'

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

/**
 * First version of BuildKit with `rewrite-timestamp`: https://github.com/moby/buildkit/blob/master/docs/build-repro.md
 */
const leastBuildKit = [0, 13] as const

/**
 * Requires a builder that can rewrite the times of files, unless its version is unknown.
 * @throws TagboatError `builder-unsuited`
 */
export function requireReproducible({name, driver, staging, nodes}: Builder, inputs: BuildInputs): void {
  if (!rewritesTimes(inputs)) return
  const old = nodes.find(({buildkit}) => isOld(buildkit))
  const lack =
    driver === 'docker' && staging === 'none'
      ? 'its engine has no containerd image store'
      : old === undefined
        ? undefined
        : `BuildKit ${old.buildkit ?? ''} does not have \`rewrite-timestamp\`, which needs ${leastBuildKit.join('.')}`
  if (lack === undefined) return
  const setting = inputs.reproducible ? '`reproducible: true`' : '`rewrite-timestamp` in `outputs`'
  throw new TagboatError('builder-unsuited', {
    message: `The builder "${name}" cannot rewrite the times of files, which ${setting} needs.`,
    evidence: [`driver ${driver}: ${lack}`],
  })
}

/** Reports whether a version such as `v0.12.5` is too old; distributions may build `v0.0.0+unknown`. */
function isOld(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version ?? '') ?? []
  if (major === undefined || minor === undefined) return false
  const known = Number(major) > 0 || Number(minor) > 0
  return known && Number(major) === leastBuildKit[0] && Number(minor) < leastBuildKit[1]
}
