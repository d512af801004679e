import type {BoundedRegex} from '../context/bounded-regex.ts'
import type {RunVersion} from '../context/version-result.ts'
import type {VersionResult} from '../context/version-result.ts'
import type {Problems} from '../inputs/problem.ts'
import type {GitContext, Ref} from '../context/git-context.ts'
import {shortHash} from './sanitize.ts'
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
  /** What the files say that rules name, by the text of `path`. */
  readonly files: ReadonlyMap<string, VersionResult>
  readonly regex: BoundedRegex
  readonly uniqueBranchTags: boolean
}

/**
 * The expressions that may stand in prefix, suffix, value, enable, labels and annotations: those of
 * docker/metadata-action (its README, "Global expressions"), and ours: env, pr, run, short_ref_hash.
 */
export function globalValues(sources: ValueSources): TemplateValues {
  const {context, environment} = sources
  const isDefault = isDefaultBranch(context)
  return new Map<string, string | ExpressionFunction>([
    ['branch', refName(context.ref, 'branch')],
    ['tag', refName(context.ref, 'tag')],
    ['sha', shortSha(sources)],
    ['base_ref', context.baseRef ?? ''],
    ['is_default_branch', String(isDefault)],
    ['is_not_default_branch', String(!isDefault)],
    ['date', dateExpression('date', sources.now, sources.engine)],
    ['commit_date', dateExpression('commit_date', commitDate(context), sources.engine)],
    ['env', environment],
    ['pr', context.pull === undefined ? '' : String(context.pull.number)],
    ['run', context.run.number],
    ['short_ref_hash', context.fullRef === '' ? '' : shortHash(context.fullRef)],
  ])
}

export function shortSha({context, shortShaLength}: ValueSources): string {
  return context.sha.slice(0, shortShaLength)
}

/** True only on the branch itself: not for a tag, a pull request or a created ref that points at it. */
export function isDefaultBranch({ref, repository}: GitContext): boolean {
  return ref.kind === 'branch' && ref.name === repository.defaultBranch
}

function refName(ref: Ref, kind: 'branch' | 'tag'): string {
  return ref.kind === kind ? ref.name : ''
}

function commitDate({commitDate: text}: GitContext): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}

function dateExpression(name: string, date: Date | undefined, engine: TemplateEngine): ExpressionFunction {
  return ([format], named) => {
    if (format === undefined || format === '')
      throw new Error(`{{${name}}} needs a format, such as {{${name} 'YYYYMMDD'}}`)
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
