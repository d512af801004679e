import type {BoundedRegex} from '../../io/bounded-regex.ts'
import type {RunVersion, VersionResult} from '../../context/version-files/version-result.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {GitContext, Ref} from '../../context/git-context.ts'
import {shortHash} from '../sanitize.ts'
import type {ExpressionFunction, TemplateEngine, TemplateValues} from './template.ts'

/** Facts of the run from which rules and expressions take their values. */
export interface ValueSources {
  readonly context: GitContext
  readonly engine: TemplateEngine
  /** Time when the run was planned. */
  readonly now: Date
  /** Name of the target environment; empty if the run has none. */
  readonly environment: string
  /** Number of digits of `{{sha}}` and `type=sha`. */
  readonly shortShaLength: number
  /** Version of the run; undefined: it has none. */
  readonly version: RunVersion | undefined
  /** The Git tags of the commit were searched for a version. Default: they were not. */
  readonly searchesCommit?: boolean
  /** Version of the Git tag or release that started the run, whatever the input `version` is. */
  readonly tagged: RunVersion | undefined
  /** Versions in files, by the attribute `path` of a rule. */
  readonly files: ReadonlyMap<string, VersionResult>
  readonly regex: BoundedRegex
  readonly uniqueBranchTags: boolean
}

/**
 * Expressions for prefix, suffix, value, enable, labels and annotations: those of docker/metadata-action (its README,
 * "Global expressions"), and is_not_default_branch, env, pr, run and short_ref_hash.
 */
const texts: Readonly<Record<string, (sources: ValueSources) => string>> = {
  branch: ({context}) => refName(context.ref, 'branch'),
  tag: ({context}) => refName(context.ref, 'tag'),
  sha: shortSha,
  base_ref: ({context}) => context.baseRef ?? '',
  is_default_branch: ({context}) => String(isDefaultBranch(context)),
  is_not_default_branch: ({context}) => String(!isDefaultBranch(context)),
  env: ({environment}) => environment,
  pr: ({context}) => (context.pull === undefined ? '' : String(context.pull.number)),
  run: ({context}) => context.run.number,
  short_ref_hash: ({context}) => (context.fullRef === '' ? '' : shortHash(context.fullRef)),
}

/** Expressions with a format: `{{date 'YYYYMMDD' tz='UTC'}}`. */
const dates: Readonly<Record<string, (sources: ValueSources) => Date | undefined>> = {
  date: ({now}) => now,
  commit_date: ({context: {commitDate}}) => (commitDate === undefined ? undefined : new Date(commitDate)),
}

/** Values of the expressions for this run. */
export function globalValues(sources: ValueSources): TemplateValues {
  return valuesOf(
    (read) => read(sources),
    (read) => read(sources),
    sources.engine,
  )
}

/** Names of the expressions with any value, to check texts before the event is read. */
export function anyValues(engine: TemplateEngine): TemplateValues {
  return valuesOf(
    () => 'any',
    () => new Date(0),
    engine,
  )
}

function valuesOf(
  text: (read: (sources: ValueSources) => string) => string,
  date: (read: (sources: ValueSources) => Date | undefined) => Date | undefined,
  engine: TemplateEngine,
): TemplateValues {
  return new Map<string, string | ExpressionFunction>([
    ...Object.entries(texts).map(([name, read]) => [name, text(read)] as const),
    ...Object.entries(dates).map(([name, read]) => [name, dateExpression(name, date(read), engine)] as const),
  ])
}

/** First digits of the commit's SHA. */
export function shortSha({context, shortShaLength}: ValueSources): string {
  return context.sha.slice(0, shortShaLength)
}

/**
 * Reports whether the event is of the default branch itself, and not of a tag, pull request or created ref that points
 * to it. GitHub runs schedules only on the default branch ("Events that trigger workflows"), so a schedule is on it even
 * if the payload does not name it.
 */
export function isDefaultBranch({event, ref, repository}: GitContext): boolean {
  if (ref.kind !== 'branch') return false
  return repository.defaultBranch === undefined ? event === 'schedule' : ref.name === repository.defaultBranch
}

function refName(ref: Ref, kind: 'branch' | 'tag'): string {
  return ref.kind === kind ? ref.name : ''
}

function dateExpression(name: string, date: Date | undefined, engine: TemplateEngine): ExpressionFunction {
  return ([format, second], named) => {
    if (format === undefined || format === '')
      throw new Error(`{{${name}}} needs a format, such as {{${name} 'YYYYMMDD'}}`)
    const unknown = [...named.keys()].find((argument) => argument !== 'tz')
    if (second !== undefined || unknown !== undefined)
      throw new Error(
        `{{${name}}} takes a format and tz=, but not ${unknown === undefined ? `"${second}"` : `${unknown}=`}`,
      )
    return date === undefined ? '' : engine.formatDate(date, format, named.get('tz') ?? 'UTC')
  }
}

const defaultShortShaLength = 7

/** Reads `DOCKER_METADATA_SHORT_SHA_LENGTH` as docker/metadata-action does: 1 to 64 digits. Default: 7. */
export function readShortShaLength(
  variables: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): number {
  const text = variables['DOCKER_METADATA_SHORT_SHA_LENGTH'] ?? ''
  if (text === '') return defaultShortShaLength
  const length = Number(text)
  if (Number.isInteger(length) && length >= 1 && length <= 64) return length
  problems.add({
    input: 'DOCKER_METADATA_SHORT_SHA_LENGTH',
    message: `"${text}" is not a number of digits`,
    remedy: 'Set a whole number from 1 to 64, or remove the variable.',
  })
  return defaultShortShaLength
}
