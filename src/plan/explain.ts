import type {GitContext} from '../context/git-context.ts'
import {excerpt} from '../context/version-files/excerpt.ts'
import {withoutAddressSecrets} from '../errors/addresses.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {PromoteSource} from '../inputs/promote-inputs.ts'
import type {PublishingAction} from '../inputs/spec/action-names.ts'
import {formatPlatform} from '../oci/platform.ts'
import {formatRepository, formatTagRef} from '../oci/reference.ts'
import type {SkipReason} from '../reasons/push-reasons.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import {tagKind} from '../tags/tag-role.ts'
import {ruleText} from '../tags/rules/rule.ts'
import {isBestEffort} from './best-effort.ts'
import type {Plan, PlannedTag} from './plan.ts'

/** Plan as the log shows it, in parts, of which the log folds some. */
interface ExplainedPlan {
  /** Event, ref and commit. */
  readonly title: string
  /** Line for each tag: its name, kind and rule. */
  readonly tags: readonly string[]
  /** Everything besides the tags and the labels. */
  readonly sections: readonly string[]
  /** Labels as `key=value`; none for a promote, which builds nothing. */
  readonly labels: readonly string[]
}

/** Explains the plan, also of a dry run. A promote builds nothing: its sources are listed instead. */
export function explainPlan(
  plan: Plan,
  context: GitContext,
  {inputs, action}: {readonly inputs: Inputs; readonly action: PublishingAction},
): ExplainedPlan {
  const isPromote = action === 'promote'
  const work = isPromote ? promoteSections(inputs) : section('build', buildRows(inputs))
  const {skip} = plan
  const hasTags = skip === undefined
  return {
    title: `Plan for ${occasion(context)}`,
    tags: hasTags ? tagRows(plan) : [],
    sections: [
      ...section('publish', [`${plan.push.do ? 'yes' : 'no'}: ${formatPlanReason(plan.push.reason)}`]),
      ...(hasTags ? [...imageSections(plan), ...work] : skippedSections(plan, skip)),
    ],
    labels: isPromote || !hasTags ? [] : plan.labels.map(({key, value}) => `${key}=${value}`),
  }
}

function imageSections(plan: Plan): readonly string[] {
  return [
    ...section('version', plan.version === undefined ? [] : [plan.version]),
    ...section(
      'version for rules',
      plan.versionSource === undefined ? [] : [`${excerpt(plan.versionSource.text)}, from ${plan.versionSource.from}`],
    ),
    ...section(
      'images',
      plan.repositories.map((one) => `${formatRepository(one)}${isBestEffort(plan, one) ? ' (not required)' : ''}`),
    ),
    ...section(
      'rules that gave no tag',
      plan.skippedRules.map(({source, reason}) => `${ruleText(source)}: ${formatPlanReason(reason)}`),
    ),
  ]
}

function promoteSections({promote, build}: Inputs): readonly string[] {
  const platforms = build.platforms.length === 0 ? [] : [`platforms ${build.platforms.map(formatPlatform).join(', ')}`]
  return [...section('promote', promote.sources.map(sourceText)), ...section('requires', platforms)]
}

function sourceText(source: PromoteSource): string {
  if (source.kind === 'tag') return formatTagRef(source.reference)
  return source.repository === undefined ? source.digest : `${formatRepository(source.repository)}@${source.digest}`
}

/** Sections of a run that publishes nothing, so that it has no tags. */
function skippedSections({repositories}: Plan, reason: SkipReason): readonly string[] {
  return [
    ...section('images', repositories.map(formatRepository)),
    ...section('tags', [`none: ${formatPlanReason(reason)}`]),
  ]
}

/** Event, ref and commit of a run: `push of refs/tags/v1.2.3, commit 860c190`. */
export function occasion({eventName, fullRef, sha}: GitContext): string {
  const ref = fullRef === '' ? eventName : `${eventName} of ${fullRef}`
  return sha === '' ? ref : `${ref}, commit ${sha.slice(0, 7)}`
}

/** Rows of the tags, one per tag for all images, and of the references that `tags` contains. */
function tagRows({tags, repositories}: Plan): readonly string[] {
  const first = repositories[0]
  const named = tags.filter(({reference}) => first !== undefined && reference.repository === first)
  const whole = tags.filter(({reference}) => !repositories.includes(reference.repository))
  const rows = [
    ...named.map((tag) => ({name: tag.reference.tag, tag})),
    ...whole.map((tag) => ({name: formatTagRef(tag.reference), tag})),
  ]
  const width = Math.max(0, ...rows.map(({name}) => name.length))
  return rows.map(
    ({name, tag}) => `${name.padEnd(width)}  ${tagKind(tag.role).padEnd('floating'.length)}  ${ruleAndNotes(tag)}`,
  )
}

function ruleAndNotes({source, notes}: PlannedTag): string {
  return [ruleText(source), ...notes.map(formatPlanReason)].join('; ')
}

function buildRows({build, builder}: Inputs): readonly string[] {
  const {context, file, target, platforms, cache, cacheFrom, cacheTo, load} = build
  const mirrors = builder.mirrors.map(({registry, location}) => `${registry}=${location}`)
  return [
    `context ${withoutAddressSecrets(context)}`,
    ...(file === undefined ? [] : [`file ${withoutAddressSecrets(file)}`]),
    ...(target === undefined ? [] : [`target ${target}`]),
    `platforms ${platforms.length === 0 ? "the builder's own" : platforms.map(formatPlatform).join(', ')}`,
    ...(cache === 'off' ? [] : [`cache ${cache}`]),
    ...cacheFrom.map((one) => `cache from ${cacheType(one)}`),
    ...cacheTo.map((one) => `cache to ${cacheType(one)}`),
    ...(mirrors.length === 0 ? [] : [`mirrors ${mirrors.join(', ')}`]),
    ...(load ? ['load into the Docker engine'] : []),
  ]
}

/** Type of a cache. Its other attributes may contain credentials. */
function cacheType(entry: string): string {
  return /(?:^|,)type=([^,]*)/.exec(entry)?.[1] ?? 'registry'
}

function section(title: string, rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? [] : [`  ${title}`, ...rows.map((row) => `    ${row}`)]
}
