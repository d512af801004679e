import {TagboatError} from '../errors/error.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {Builder} from './inspect.ts'
import {rewritesTimes} from './outputs.ts'

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
