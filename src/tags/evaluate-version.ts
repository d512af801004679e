import {excerpt, type RunVersion} from '../context/version-files/version-result.ts'
import {calendarDate} from './versions/calendar-date.ts'
import {calverTag} from './versions/calver.ts'
import {formatReason} from '../reasons/reason.ts'
import type {TagNote} from '../reasons/rule-reasons.ts'
import {emptyExpressions} from './notes.ts'
import {matchTag, matchVersion, type RegexPattern} from './rules/match.ts'
import {versionWithin} from './versions/version-name.ts'
import {lineOfMatch, lineOfText, nothing, text, type Outcome, type RuleSituation, type TextRule} from './outcome.ts'
import {isPep440Stable, pep440Line, pep440Pattern, pep440Values} from './versions/pep440.ts'
import type {TextLine} from './tag-role.ts'
import {
  dropsBuild,
  effectivePattern,
  isStable,
  namesBuild,
  semverLine,
  versionValues,
  wholeVersion,
} from './versions/semver.ts'

type RuleOf<K extends TextRule['kind']> = Extract<TextRule, {kind: K}>

/** A text that should hold a version, and where it was found. */
interface VersionText {
  readonly text: string
  readonly from?: string
  readonly remarks: readonly TagNote[]
}

/** `type=semver` and `type=pep440`. */
export function evaluateVersion(rule: RuleOf<'semver' | 'pep440'>, situation: RuleSituation): Outcome {
  const found = textOrRun(rule.value, situation.sources.version, situation)
  if ('kind' in found) return found
  const matched = rule.match === undefined ? found : matchedPart(rule.match, found, situation)
  if ('kind' in matched) return matched
  // Only here: the expression of `match` is written for the text with its slashes, as in docker/metadata-action.
  const version = {...matched, text: matched.text.replaceAll('/', '-')}
  warnOfBuild(found.text, version.text, situation)
  return rule.kind === 'semver'
    ? semverOutcome(rule, version, situation)
    : pep440Outcome(rule.pattern, version, situation)
}

/** `type=file`: the version that a file of the checkout holds. */
export function evaluateFile(rule: RuleOf<'file'>, situation: RuleSituation): Outcome {
  const {path} = rule
  const result = situation.sources.files.get(path)
  if (result === undefined) return nothing({code: 'file-not-read', path}, 'warning')
  if (!result.ok) return {kind: 'refused', attribute: 'path', reason: result.reason, remedy: result.remedy}
  return semverOutcome(rule, {text: result.version, from: result.where, remarks: []}, situation)
}

/** `type=match`: on the Git tag with its slashes, or on the rule's value. */
export function evaluateMatch(rule: RuleOf<'match'>, situation: RuleSituation): Outcome {
  const {context, version, regex} = situation.sources
  const found = textOrRun(rule.value, context.ref.kind === 'tag' ? gitTag(context.ref.name) : version, situation)
  if ('kind' in found) return found
  const outcome = matchTag({pattern: rule.pattern, group: rule.group, text: found.text}, regex)
  switch (outcome.kind) {
    case 'text':
      if (lineOfText(outcome.text).kind === 'release') warnOfBuild(found.text, outcome.text, situation)
      return text(outcome.text, {
        line: lineOfMatch(outcome.text, found.text),
        latest: true,
        remarks: found.remarks,
      })
    case 'nothing':
      return nothing(outcome.reason, 'warning')
    case 'problem':
      return {kind: 'refused', attribute: 'pattern', reason: outcome.reason, remedy: outcome.remedy}
  }
}

/** An expression that cuts a version out of a text may well leave something behind the plus. */
function warnOfBuild(whole: string, found: string, {onWarning}: RuleSituation): void {
  const build = versionWithin(whole)?.version.split('+', 2)[1]
  if (build === undefined || found.includes('+')) return
  onWarning(`"${found}" lacks "+${build}" of ${whole}: another build of this version would have the same tag`)
}

export function evaluateCalver(rule: RuleOf<'calver'>, situation: RuleSituation): Outcome {
  const {context, tagged, now} = situation.sources
  const given = rule.value === undefined || rule.value === '' ? rule.value : renderedValue(rule.value, situation)
  if (given !== undefined && typeof given !== 'string') return given
  const date = calendarDate(now, rule.timeZone)
  if (date === undefined) return nothing({code: 'unknown-time-zone', timeZone: rule.timeZone}, 'warning')
  const {number: runNumber} = context.run
  const outcome = calverTag({pattern: rule.pattern, value: given, released: tagged, date, runNumber})
  return outcome.kind === 'nothing'
    ? nothing(outcome.reason, outcome.level)
    : text(outcome.text, {
        line: outcome.exact ? {kind: 'release', scheme: 'calver', version: outcome.text} : {kind: 'newest'},
        latest: outcome.latest,
        from: outcome.from,
      })
}

const emptyValue = {code: 'empty-attribute', attribute: 'value'} as const

/**
 * The rule's own `value`, else what the run has. A `value` that is written but empty is an input that somebody forgot to
 * fill: for a Git tag it counts as not written, as docker/metadata-action has it, and elsewhere nothing is guessed.
 */
function textOrRun(
  value: string | undefined,
  ofRun: RunVersion | undefined,
  situation: RuleSituation,
): VersionText | Outcome {
  if (value !== undefined && value !== '') {
    const given = renderedValue(value, situation)
    return typeof given === 'string' ? {text: given, remarks: []} : given
  }
  const isTag = situation.sources.context.ref.kind === 'tag'
  if (value === '' && (!isTag || ofRun === undefined)) return nothing(emptyValue, 'warning')
  if (ofRun === undefined) return nothing(isTag ? {code: 'not-of-component'} : {code: 'other-event', wanted: 'tag'})
  // Where the run's version came from is said once, in the plan.
  return {text: ofRun.text, remarks: value === '' ? [{code: 'empty-value-replaced', from: ofRun.from}] : []}
}

/** A `value` that is written. */
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
  onWarning(formatReason(outcome.warning))
  return {...found, text: outcome.text, remarks: [...found.remarks, outcome.warning]}
}

type Written = Pick<RuleOf<'semver' | 'file'>, 'pattern' | 'mutable'>

function semverOutcome(rule: Written, found: VersionText, situation: RuleSituation): Outcome {
  const values = versionValues(found.text)
  if (values === undefined) return nothing({code: 'not-semver', text: excerpt(found.text)}, 'warning')
  const pattern = effectivePattern(rule.pattern, !isStable(values))
  const build = values.get('build') ?? ''
  if (build !== '' && dropsBuild(pattern) && rule.mutable !== true) return droppedBuild(found.text, build)
  const version = namesBuild(pattern) ? values.get('version') : wholeVersion(values)
  return versionOutcome(found, situation, {
    written: rule.pattern,
    pattern,
    values: new Map([...values, ['version', version ?? '']]),
    line: semverLine(pattern, values),
    isStable: isStable(values),
  })
}

function pep440Outcome(written: string, found: VersionText, situation: RuleSituation): Outcome {
  const values = pep440Values(found.text)
  if (values === undefined) return nothing({code: 'not-pep440', text: excerpt(found.text)}, 'warning')
  const pattern = pep440Pattern(written, found.text)
  const line = pep440Line(pattern, values)
  return versionOutcome(found, situation, {written, pattern, values, line, isStable: isPep440Stable(found.text)})
}

interface VersionFacts {
  /** The pattern of the rule. */
  readonly written: string
  /** The one that holds for this version. */
  readonly pattern: string
  readonly values: ReadonlyMap<string, string>
  readonly line: TextLine
  readonly isStable: boolean
}

function versionOutcome(
  {from, remarks}: Omit<VersionText, 'text'>,
  {renderer, values, placeOf}: RuleSituation,
  facts: VersionFacts,
): Outcome {
  const {pattern, written, line, isStable: latest} = facts
  const result = renderer.render(pattern, new Map([...values, ...facts.values]), placeOf('pattern'))
  if (result === undefined) return {kind: 'problem'}
  const prerelease = latest ? undefined : pattern === written ? 'whole' : 'pieces'
  return {
    kind: 'text',
    text: result,
    line,
    latest,
    pattern,
    remarks,
    ...(from !== undefined && {from}),
    ...(prerelease && {prerelease}),
  }
}

/** Two Git tags that differ behind the plus alone would share the tag. */
function droppedBuild(version: string, build: string): Outcome {
  return {
    kind: 'refused',
    attribute: 'pattern',
    reason: `the tag would lack "+${build}" of ${version}, and another build of this version would have the same tag`,
    remedy:
      'Write {{version}} or {{raw}}, in which a dash takes the place of the plus, add -{{build}}, or add mutable=true to let the tag move.',
  }
}
