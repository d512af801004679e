import {isDefaultBranch, shortSha, type ValueSources} from './values.ts'
import type {Renderer, TemplatePlace} from './render.ts'
import type {TagRule} from './rule.ts'
import {effectivePattern, isFullVersion, isStable, namesFullVersion, versionValues} from './semver.ts'
import type {Rendered, TemplateValues} from './template.ts'
import type {TagKind} from './proposal.ts'

/** What one rule says about this event, before prefix, suffix and sanitising. */
export type Outcome =
  | {readonly kind: 'text'; readonly text: Rendered; readonly tagKind: TagKind | undefined; readonly latest: boolean}
  | {readonly kind: 'nothing'; readonly reason: string; readonly level: 'info' | 'warning'}
  /** A problem has been reported. */
  | {readonly kind: 'problem'}

export interface RuleSituation {
  readonly sources: ValueSources
  readonly values: TemplateValues
  readonly renderer: Renderer
  readonly place: TemplatePlace
}

export type TextRule = Exclude<TagRule, {kind: 'reference'}>

/** The text that a rule gives for this event, or the reason why it gives none. */
export function evaluateRule(rule: TextRule, situation: RuleSituation): Outcome {
  const {context} = situation.sources
  switch (rule.kind) {
    case 'schedule':
      return context.event === 'schedule' ? rendered(rule.pattern, situation) : nothing('the event is no schedule')
    case 'semver':
      return evaluateSemver(rule, situation)
    case 'edge':
      return evaluateEdge(rule, situation)
    case 'ref':
      return evaluateRef(rule, situation)
    case 'raw':
      return rendered(rule.value, situation)
    case 'sha':
      return evaluateSha(rule, situation)
    case 'env':
      return situation.sources.environment === ''
        ? nothing('the input `environment` is empty')
        : text(situation.sources.environment, {tagKind: 'floating'})
  }
}

function evaluateSemver(rule: Extract<TextRule, {kind: 'semver'}>, situation: RuleSituation): Outcome {
  const version = versionText(rule, situation)
  if (typeof version !== 'string') return version
  const values = versionValues(version)
  if (values === undefined) return nothing(`"${version}" is no semantic version`, 'warning')
  const pattern = effectivePattern(rule.pattern, values)
  const result = situation.renderer.render(pattern, new Map([...situation.values, ...values]), situation.place)
  if (result === undefined) return {kind: 'problem'}
  // An optional piece may be empty without the result being broken; the sanitiser's check below covers the rest.
  return {
    kind: 'text',
    text: result,
    tagKind: namesFullVersion(pattern) ? 'exact' : 'floating',
    latest: isStable(values),
  }
}

/** The rule's own `value`, else the Git tag. */
function versionText(rule: Extract<TextRule, {kind: 'semver'}>, situation: RuleSituation): string | Outcome {
  const {ref} = situation.sources.context
  if (rule.value === undefined || rule.value === '') {
    if (ref.kind === 'tag') return ref.name.replaceAll('/', '-')
    return rule.value === '' ? nothing('its value is empty', 'warning') : nothing('the event is no tag')
  }
  const value = situation.renderer.render(rule.value, situation.values, situation.place)
  if (value === undefined) return {kind: 'problem'}
  return value.text === '' ? nothing('its value is empty', 'warning') : value.text
}

function evaluateEdge(rule: Extract<TextRule, {kind: 'edge'}>, {sources: {context}}: RuleSituation): Outcome {
  if (context.ref.kind !== 'branch') return nothing('the event is no branch')
  if (rule.branch === undefined || rule.branch === '') {
    return isDefaultBranch(context) ? text('edge', {tagKind: 'floating'}) : nothing('this is not the default branch')
  }
  return context.ref.name === rule.branch
    ? text('edge', {tagKind: 'floating'})
    : nothing(`this is not the branch ${rule.branch}`)
}

function evaluateRef(rule: Extract<TextRule, {kind: 'ref'}>, {sources: {context}}: RuleSituation): Outcome {
  const wanted = rule.event === 'pr' ? 'pull' : rule.event
  if (context.ref.kind !== wanted)
    return nothing(`the event is no ${rule.event === 'pr' ? 'pull request' : rule.event}`)
  return text(context.ref.name, {latest: rule.event === 'tag'})
}

function evaluateSha(rule: Extract<TextRule, {kind: 'sha'}>, {sources}: RuleSituation): Outcome {
  if (sources.context.sha === '') return nothing('the event has no commit')
  return text(rule.format === 'long' ? sources.context.sha : shortSha(sources), {tagKind: 'exact'})
}

function rendered(template: string, {renderer, values, place}: RuleSituation): Outcome {
  const result = renderer.render(template, values, place)
  if (result === undefined) return {kind: 'problem'}
  return result.text === ''
    ? nothing('its value is empty', 'warning')
    : {kind: 'text', text: result, tagKind: undefined, latest: false}
}

function text(value: string, options: {readonly tagKind?: TagKind; readonly latest?: boolean}): Outcome {
  const tagKind = options.tagKind ?? (isFullVersion(value) ? 'exact' : 'floating')
  return {kind: 'text', text: {text: value, emptyNames: []}, tagKind, latest: options.latest ?? false}
}

function nothing(reason: string, level: 'info' | 'warning' = 'info'): Outcome {
  return {kind: 'nothing', reason, level}
}
