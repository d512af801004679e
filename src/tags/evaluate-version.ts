import {excerpt} from '../context/version-files/excerpt.ts'
import type {RunVersion} from '../context/version-files/version-result.ts'
import {formatPlanReason} from '../reasons/plan-reasons.ts'
import type {SkippedRuleReason, TagNote} from '../reasons/rule-reasons.ts'
import {emptyExpressions} from './notes.ts'
import {matchTag, matchVersion, type RegexPattern} from './rules/match.ts'
import {versionWithin} from './versions/version-name.ts'
import {roleOfMatch, roleOfText, nothing, text, type Outcome, type RuleSituation, type TextRule} from './outcome.ts'
import {pep440Scheme} from './versions/pep440.ts'
import {dropsBuild, effectivePattern, namesBuild, semverScheme, wholeVersion} from './versions/semver.ts'

type RuleOf<K extends TextRule['kind']> = Extract<TextRule, {kind: K}>

/** A text that should be a version, and its origin. */
interface VersionText {
  readonly text: string
  readonly from?: string
  readonly remarks: readonly TagNote[]
}

/** Evaluates `type=semver` and `type=pep440`. */
export function evaluateVersion(rule: RuleOf<'semver' | 'pep440'>, situation: RuleSituation): Outcome {
  const found = textOrRun(rule.value, situation.sources.version, situation)
  if ('kind' in found) return found
  const matched = rule.match === undefined ? found : matchedPart(rule.match, found, situation)
  if ('kind' in matched) return matched
  // After `match`, whose expression applies to the text with its slashes, as in docker/metadata-action.
  const version = {...matched, text: matched.text.replaceAll('/', '-')}
  warnOfBuild(found.text, version.text, situation)
  return fillPattern(rule, version, situation)
}

/** Evaluates `type=file`: the version in a file of the checkout. */
export function evaluateFile(rule: RuleOf<'file'>, situation: RuleSituation): Outcome {
  const {path} = rule
  const result = situation.sources.files.get(path)
  if (result === undefined) return nothing({code: 'file-not-read', path}, 'warning')
  if (!result.ok) return {kind: 'refused', attribute: 'path', reason: result.reason, remedy: result.remedy}
  return fillPattern(rule, {text: result.version, from: result.where, remarks: []}, situation)
}

/** Evaluates `type=match` on the Git tag with its slashes, or on the `value` of the rule. */
export function evaluateMatch(rule: RuleOf<'match'>, situation: RuleSituation): Outcome {
  const {context, version, regex} = situation.sources
  const found = textOrRun(rule.value, context.ref.kind === 'tag' ? gitTag(context.ref.name) : version, situation)
  if ('kind' in found) return found
  const outcome = matchTag({pattern: rule.pattern, group: rule.group, text: found.text}, regex)
  switch (outcome.kind) {
    case 'text':
      if (roleOfText(outcome.text).kind === 'release') warnOfBuild(found.text, outcome.text, situation)
      return text(outcome.text, {
        role: roleOfMatch(outcome.text, found.text),
        latest: true,
        remarks: found.remarks,
      })
    case 'nothing':
      return nothing(outcome.reason, 'warning')
    case 'problem':
      return {kind: 'refused', attribute: 'pattern', reason: outcome.reason, remedy: outcome.remedy}
  }
}

/** Warns if an expression found a version without its build metadata. */
function warnOfBuild(whole: string, found: string, {onWarning}: RuleSituation): void {
  const build = versionWithin(whole)?.version.split('+', 2)[1]
  if (build === undefined || found.includes('+')) return
  onWarning(`"${found}" lacks "+${build}" of ${whole}: another build of this version would have the same tag`)
}

/** Evaluates `type=calver`. */
export function evaluateCalver(rule: RuleOf<'calver'>, situation: RuleSituation): Outcome {
  const {context, tagged, now} = situation.sources
  const value = rule.value === undefined || rule.value === '' ? rule.value : renderedValue(rule.value, situation)
  if (value !== undefined && typeof value !== 'string') return value
  const {pattern, timeZone} = rule
  const outcome = rule.tagOf({pattern, value, released: tagged, now, timeZone, runNumber: context.run.number})
  return outcome.kind === 'nothing'
    ? nothing(outcome.reason, outcome.level)
    : text(outcome.text, {
        role: outcome.exact ? {kind: 'release', scheme: 'calver', version: outcome.text} : {kind: 'newest-commit'},
        latest: outcome.latest,
        from: outcome.from,
      })
}

const emptyValue = {code: 'empty-attribute', attribute: 'value'} as const

/**
 * Text of the `value` of a rule, else the version of the run. An empty `value` is probably an input without a value: for a
 * Git tag it counts as missing, as in docker/metadata-action; for another event the rule gives nothing.
 */
function textOrRun(
  value: string | undefined,
  ofRun: RunVersion | undefined,
  situation: RuleSituation,
): VersionText | Outcome {
  if (value !== undefined && value !== '') {
    const rendered = renderedValue(value, situation)
    return typeof rendered === 'string' ? {text: rendered, remarks: []} : rendered
  }
  const isTag = situation.sources.context.ref.kind === 'tag'
  if (value === '' && (!isTag || ofRun === undefined)) return nothing(emptyValue, 'warning')
  if (ofRun === undefined) return nothing(noVersion(situation))
  // The plan names the origin of the version of the run once, so this note does not.
  return {text: ofRun.text, remarks: value === '' ? [{code: 'empty-value-replaced', from: ofRun.from}] : []}
}

/** Reason why the run has no version. */
function noVersion({sources: {context, searchesCommit}}: RuleSituation): SkippedRuleReason {
  if (context.ref.kind === 'tag') return {code: 'not-of-component'}
  return searchesCommit === true ? {code: 'no-version-tag', commit: context.sha} : {code: 'other-event', wanted: 'tag'}
}

/** Renders a `value` that is not empty. */
function renderedValue(value: string, {renderer, values, placeOf}: RuleSituation): string | Outcome {
  const rendered = renderer.render(value, values, placeOf('value'))
  if (rendered === undefined) return {kind: 'problem'}
  return rendered.text === '' ? nothing({code: 'empty-expression', ...emptyExpressions(rendered)}) : rendered.text
}

function gitTag(name: string): RunVersion {
  return {text: name, from: `the Git tag ${name}`}
}

function matchedPart(
  pattern: RegexPattern,
  found: VersionText,
  {sources, onWarning}: RuleSituation,
): VersionText | Outcome {
  const outcome = matchVersion(pattern, found.text, sources.regex)
  if (outcome.kind === 'problem')
    return {kind: 'refused', attribute: 'match', reason: outcome.reason, remedy: outcome.remedy}
  if (outcome.warning === undefined) return {...found, text: outcome.text}
  onWarning(formatPlanReason(outcome.warning))
  return {...found, text: outcome.text, remarks: [...found.remarks, outcome.warning]}
}

/** Fills the pattern of a rule with the parts of a version. */
function fillPattern(
  rule: Pick<RuleOf<'semver' | 'pep440' | 'file'>, 'kind' | 'pattern' | 'mutable'>,
  {text: written, from, remarks}: VersionText,
  {renderer, values, placeOf}: RuleSituation,
): Outcome {
  const scheme = rule.kind === 'pep440' ? pep440Scheme : semverScheme
  const parts = scheme.parts(written)
  if (parts === undefined) return notVersion(rule.kind, written)
  const latest = scheme.isStable(written)
  const pattern = effectivePattern(rule.pattern, !latest)
  const build = parts.get('build') ?? ''
  if (build !== '' && dropsBuild(pattern) && rule.mutable !== true) return droppedBuild(written, build)
  const version = (namesBuild(pattern) ? parts.get('version') : wholeVersion(parts)) ?? ''
  const result = renderer.render(pattern, new Map([...values, ...parts, ['version', version]]), placeOf('pattern'))
  if (result === undefined) return {kind: 'problem'}
  const prerelease = latest ? undefined : pattern === rule.pattern ? 'whole' : 'pieces'
  return {
    kind: 'text',
    text: result,
    role: scheme.role(pattern, parts),
    latest,
    pattern,
    remarks,
    ...(from !== undefined && {from}),
    ...(prerelease && {prerelease}),
  }
}

function notVersion(kind: 'semver' | 'pep440' | 'file', text: string): Outcome {
  return nothing({code: kind === 'pep440' ? 'not-pep440' : 'not-semver', text: excerpt(text)}, 'warning')
}

/** Refuses a pattern without the build metadata: two Git tags that differ only in it would get the same tag. */
function droppedBuild(version: string, build: string): Outcome {
  return {
    kind: 'refused',
    attribute: 'pattern',
    reason: `the tag would lack "+${build}" of ${version}, and another build of this version would have the same tag`,
    remedy:
      'Write {{version}} or {{raw}}, where a dash replaces the plus, add -{{build}}, or add mutable=true to let the tag move.',
  }
}
