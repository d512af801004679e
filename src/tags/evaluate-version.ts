import {calendarDate} from './calendar-date.ts'
import {calverTag} from './calver.ts'
import {matchTag, matchVersion, type RegexPattern} from './match.ts'
import {nothing, text, type Outcome, type RuleSituation, type TextRule} from './outcome.ts'
import {isExactPep440, isPep440Stable, pep440Pattern, pep440Values} from './pep440.ts'
import {effectivePattern, isStable, namesFullVersion, versionValues} from './semver.ts'

type RuleOf<K extends TextRule['kind']> = Extract<TextRule, {kind: K}>

/** A text that should hold a version, and where it was found. */
interface VersionText {
  readonly text: string
  readonly from: string | undefined
}

/** `type=semver` and `type=pep440`. */
export function evaluateVersion(rule: RuleOf<'semver' | 'pep440'>, situation: RuleSituation): Outcome {
  const found = versionText(rule.value, situation)
  if ('kind' in found) return found
  const matched = rule.match === undefined ? found : matchedPart(rule.match, found, situation)
  if ('kind' in matched) return matched
  return rule.kind === 'semver'
    ? semverOutcome(rule.pattern, matched, situation)
    : pep440Outcome(rule.pattern, matched, situation)
}

/** `type=file`: the version that a file of the checkout holds. */
export function evaluateFile({path, pattern}: RuleOf<'file'>, situation: RuleSituation): Outcome {
  const result = situation.sources.files.get(path)
  if (result === undefined) return nothing(`${path} was not read`, 'warning')
  if (!result.ok) return {kind: 'refused', reason: result.reason, remedy: result.remedy}
  return semverOutcome(pattern, {text: result.version, from: result.where}, situation)
}

/** `type=match`: on the Git tag with its slashes, or on the rule's value. */
export function evaluateMatch(rule: RuleOf<'match'>, situation: RuleSituation): Outcome {
  const {ref} = situation.sources.context
  const given = renderedValue(rule.value, situation)
  if (given !== undefined && typeof given !== 'string') return given
  const subject = given ?? (ref.kind === 'tag' ? ref.name : situation.sources.version?.text)
  if (subject === undefined) return nothing('the event is no tag')
  const outcome = matchTag({pattern: rule.pattern, group: rule.group, text: subject}, situation.sources.regex)
  switch (outcome.kind) {
    case 'text':
      return text(outcome.text, {latest: true})
    case 'nothing':
      return nothing(outcome.reason, 'warning')
    case 'problem':
      return {kind: 'refused', reason: outcome.reason, remedy: outcome.remedy}
  }
}

export function evaluateCalver(rule: RuleOf<'calver'>, situation: RuleSituation): Outcome {
  const {context, version, now} = situation.sources
  const given = renderedValue(rule.value, situation)
  if (given !== undefined && typeof given !== 'string') return given
  const date = calendarDate(now, rule.timeZone)
  if (date === undefined) return nothing(`unknown time zone ${rule.timeZone}`, 'warning')
  const tag = context.ref.kind === 'tag' ? (version?.text ?? context.ref.name) : undefined
  const outcome = calverTag({pattern: rule.pattern, value: given, tag, date, runNumber: context.run.number})
  return outcome.kind === 'nothing'
    ? nothing(outcome.reason, outcome.level)
    : text(outcome.text, {
        tagKind: outcome.exact ? 'exact' : 'floating',
        latest: outcome.latest,
        from: outcome.from,
      })
}

/** The rule's own `value`, else the version of the run. */
function versionText(value: string | undefined, situation: RuleSituation): VersionText | Outcome {
  const given = renderedValue(value, situation)
  if (given !== undefined) return typeof given === 'string' ? {text: given, from: undefined} : given
  const {version, context} = situation.sources
  // Where the run's version came from is said once, in the plan.
  if (version !== undefined) return {text: version.text.replaceAll('/', '-'), from: undefined}
  return nothing(context.ref.kind === 'tag' ? 'the tag is no version of this component' : 'the event is no tag')
}

/** A `value` that is written but comes out empty is an input that somebody forgot to fill, and no reason to guess. */
function renderedValue(
  value: string | undefined,
  {renderer, values, place}: RuleSituation,
): string | Outcome | undefined {
  if (value === undefined) return undefined
  const rendered = renderer.render(value, values, place)
  if (rendered === undefined) return {kind: 'problem'}
  return rendered.text === '' ? nothing('its value is empty', 'warning') : rendered.text
}

function matchedPart(
  pattern: RegexPattern,
  found: VersionText,
  {sources, onWarning}: RuleSituation,
): VersionText | Outcome {
  const outcome = matchVersion(pattern, found.text, sources.regex)
  if (outcome.kind === 'problem') return {kind: 'refused', reason: outcome.reason, remedy: outcome.remedy}
  if (outcome.warning !== undefined) onWarning(outcome.warning)
  return {text: outcome.text, from: found.from}
}

function semverOutcome(written: string, {text: version, from}: VersionText, situation: RuleSituation): Outcome {
  const values = versionValues(version)
  if (values === undefined) return nothing(`"${version}" is no semantic version`, 'warning')
  const pattern = effectivePattern(written, values)
  const result = situation.renderer.render(pattern, new Map([...situation.values, ...values]), situation.place)
  if (result === undefined) return {kind: 'problem'}
  const tagKind = namesFullVersion(pattern) ? 'exact' : 'floating'
  return {kind: 'text', text: result, tagKind, latest: isStable(values), ...(from === undefined ? {} : {from})}
}

function pep440Outcome(written: string, {text: version, from}: VersionText, situation: RuleSituation): Outcome {
  const values = pep440Values(version)
  if (values === undefined) return nothing(`"${version}" is no version of PEP 440`, 'warning')
  const pattern = pep440Pattern(written, version)
  const result = situation.renderer.render(pattern, new Map([...situation.values, ...values]), situation.place)
  if (result === undefined) return {kind: 'problem'}
  const tagKind = isExactPep440(pattern, values) ? 'exact' : 'floating'
  return {kind: 'text', text: result, tagKind, latest: isPep440Stable(version), ...(from === undefined ? {} : {from})}
}
