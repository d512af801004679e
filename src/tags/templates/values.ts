import type {BoundedRegex} from '../../io/bounded-regex.ts'
import type {RunVersion, VersionResult} from '../../context/version-files/version-result.ts'
import type {Problems} from '../../inputs/problem.ts'
import type {GitContext, Ref} from '../../context/git-context.ts'
import {shortHash} from '../sanitize.ts'
import type {ExpressionFunction, TemplateEngine, TemplateValues} from './template.ts'

export interface ValueSources {
  readonly context: GitContext
  readonly engine: TemplateEngine
  /** When this run was planned. */
  readonly now: Date
  /** Name of the target environment; empty without one. */
  readonly environment: string
  /** Digits of `{{sha}}` and of `type=sha`. */
  readonly shortShaLength: number
  /** Version of the run, for rules that need one. */
  readonly version: RunVersion | undefined
  /** What the Git tag or release says that started the run, whatever the input `version` says. */
  readonly tagged: RunVersion | undefined
  /** What the files say that rules name, by the text of `path`. */
  readonly files: ReadonlyMap<string, VersionResult>
  readonly regex: BoundedRegex
  readonly uniqueBranchTags: boolean
}

/**
 * The expressions that may stand in prefix, suffix, value, enable, labels and annotations: those of
 * docker/metadata-action (its README, "Global expressions"), and ours: is_not_default_branch, env, pr, run,
 * short_ref_hash.
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

/** Those that take a format: `{{date 'YYYYMMDD' tz='UTC'}}`. */
const dates: Readonly<Record<string, (sources: ValueSources) => Date | undefined>> = {
  date: ({now}) => now,
  commit_date: ({context: {commitDate}}) => (commitDate === undefined ? undefined : new Date(commitDate)),
}

export function globalValues(sources: ValueSources): TemplateValues {
  return valuesOf(
    (read) => read(sources),
    (read) => read(sources),
    sources.engine,
  )
}

/** Every name with a value that stands for all of them: what an event has to say is not known yet, or does not matter. */
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

export function shortSha({context, shortShaLength}: ValueSources): string {
  return context.sha.slice(0, shortShaLength)
}

/**
 * True only on the branch itself: not for a tag, a pull request or a created ref that points at it. GitHub runs schedules
 * on the default branch alone ("Events that trigger workflows"): there it is known even where nobody names it.
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
        `{{${name}}} takes a format and tz, and not ${unknown === undefined ? `"${second}"` : `${unknown}=`}`,
      )
    return date === undefined ? '' : engine.formatDate(date, format, named.get('tz') ?? 'UTC')
  }
}

const defaultShortShaLength = 7

/** `DOCKER_METADATA_SHORT_SHA_LENGTH`, as docker/metadata-action takes it: 1 to 64 digits; 7 when it is not set. */
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
    message: `"${text}" is no number of digits`,
    remedy: 'Set a whole number from 1 to 64, or remove the variable.',
  })
  return defaultShortShaLength
}
