import type {BuildArgument, BuildInputs} from '../inputs/inputs.ts'
import type {Problems} from '../inputs/problem.ts'
import {TagboatError} from '../errors/error.ts'
import type {Builder} from './inspect.ts'
import {rewritesTimes} from './outputs.ts'

/** Build argument and variable of the convention: https://reproducible-builds.org/docs/source-date-epoch/ */
const epochName = 'SOURCE_DATE_EPOCH'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The time that the user has set, in seconds, as Buildx reads it: the last of `build-args`, where a bare name stands for
 * the variable of the step, then that variable alone. Undefined: none is set.
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
  const message = `${epochName} is "${text}", and has to be whole seconds since 1970`
  problems.add({input: 'build-args', message, remedy: 'Leave it out to take the time of the commit.'})
  return undefined
}

/** What Buildx is to be told: nothing that the user has written already. */
export function epochArgument(
  {buildArgs}: Pick<BuildInputs, 'buildArgs'>,
  seconds: number | undefined,
): readonly BuildArgument[] {
  const isWritten = buildArgs.some(({key, value}) => key === epochName && value !== undefined && value !== '')
  return seconds === undefined || isWritten ? [] : [{key: epochName, value: String(seconds)}]
}

/** The first that knows `rewrite-timestamp`: https://github.com/moby/buildkit/blob/master/docs/build-repro.md */
const leastBuildKit = [0, 13] as const

/**
 * @throws TagboatError `builder-unsuited` when the builder cannot rewrite the times of files. One that does not say its
 * version is given the benefit of the doubt.
 */
export function requireReproducible({name, driver, staging, nodes}: Builder, inputs: BuildInputs): void {
  if (!rewritesTimes(inputs)) return
  const old = nodes.find(({buildkit}) => isOld(buildkit))
  const lack =
    driver === 'docker' && staging === 'none'
      ? 'its engine has no containerd image store'
      : old === undefined
        ? undefined
        : `BuildKit ${old.buildkit ?? ''} does not know \`rewrite-timestamp\`, which came with ${leastBuildKit.join('.')}`
  if (lack === undefined) return
  const wish = inputs.reproducible ? '`reproducible: true`' : '`rewrite-timestamp` in `outputs`'
  throw new TagboatError('builder-unsuited', {
    message: `The builder "${name}" cannot rewrite the times of files, and ${wish} needs that.`,
    evidence: [`driver ${driver}: ${lack}`],
  })
}

/** `v0.12.5` and the like; a build of a distribution may call itself `v0.0.0+unknown`. */
function isOld(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version ?? '') ?? []
  if (major === undefined || minor === undefined) return false
  const known = Number(major) > 0 || Number(minor) > 0
  return known && Number(major) === leastBuildKit[0] && Number(minor) < leastBuildKit[1]
}
