import type {SkippedRuleReason, TagNote} from '../reasons/rule-reasons.ts'
import type {TextRole} from './tag-role.ts'
import type {Renderer, TemplatePlace} from './templates/render.ts'
import {fullVersionIn, versionValues} from './versions/semver.ts'
import {releaseNamed, versionWithin} from './versions/version-name.ts'
import {literalText, type Rendered, type TemplateValues} from './templates/template.ts'
import type {TagRule} from './rules/rule.ts'
import type {ValueSources} from './templates/values.ts'

/** Result of one rule for this event, before prefix and suffix are added. */
export type Outcome =
  | {
      readonly kind: 'text'
      readonly text: Rendered
      readonly role: TextRole
      readonly latest: boolean
      /** Pattern that the version was rendered with; undefined: the text is not from a pattern. */
      readonly pattern?: string
      /** Set for a pre-release. `whole`: the pattern contains the whole version; `pieces`: it replaced parts of it. */
      readonly prerelease?: 'whole' | 'pieces'
      /** Origin of the version, if the rule does not show it. */
      readonly from?: string
      /** Notes about the tag for the plan. */
      readonly remarks?: readonly TagNote[]
    }
  | {readonly kind: 'nothing'; readonly reason: SkippedRuleReason; readonly level: 'info' | 'warning'}
  /** A problem that the renderer has reported. */
  | {readonly kind: 'problem'}
  /** A problem that the caller reports, at an attribute of the rule. */
  | {
      readonly kind: 'refused'
      readonly attribute: 'match' | 'path' | 'pattern'
      readonly reason: string
      readonly remedy: string
    }

/** Values and call-backs for the evaluation of a rule. */
export interface RuleSituation {
  readonly sources: ValueSources
  readonly values: TemplateValues
  readonly renderer: Renderer
  /** Place of the value of an attribute. */
  readonly placeOf: (attribute: string) => TemplatePlace
  /** Logs something that works, but perhaps not as intended. */
  readonly onWarning: (reason: string) => void
}

/** A rule for tags of `images`; a whole reference has its own repository. */
export type TextRule = Exclude<TagRule, {kind: 'reference'}>

/** Outcome of a rule with a text. Default role: that of `roleOfText`. */
export function text(
  value: string,
  options: Partial<Pick<Extract<Outcome, {kind: 'text'}>, 'role' | 'latest' | 'from' | 'remarks'>>,
): Outcome {
  return {
    kind: 'text',
    text: literalText(value),
    role: options.role ?? roleOfText(value),
    latest: options.latest ?? false,
    ...(options.from === undefined ? {} : {from: options.from}),
    ...(options.remarks === undefined ? {} : {remarks: options.remarks}),
  }
}

/** Role of a text from a rule that is not for versions: a full version is a release anyway. */
export function roleOfText(value: string, isGitTag = false): Exclude<TextRole, {kind: 'version-line'}> {
  const version = releaseNamed(value, isGitTag)
  return version === undefined ? {kind: 'newest-commit'} : {kind: 'release', ...version}
}

/** Role of the text that an expression found: a full version, a number of a version line, or another text. */
export function roleOfMatch(found: string, text: string): TextRole {
  const role = roleOfText(found, true)
  const values = versionValues(fullVersionIn(text) ?? '')
  const [version = '', major = '', minor = ''] = ['version', 'major', 'minor'].map((piece) => values?.get(piece))
  if (role.kind === 'release' || version === '') return role
  const number = found.replace(/^v/i, '')
  const level = number === major ? 'major' : number === `${major}.${minor}` ? 'minor' : undefined
  return level === undefined ? role : {kind: 'version-line', scheme: 'semver', version, level}
}

/** Outcome of a rule that gives no tag. */
export function nothing(reason: SkippedRuleReason, level: 'info' | 'warning' = 'info'): Outcome {
  return {kind: 'nothing', reason, level}
}

/** Role of a text with its version for `latest`: that of the rule, else of the run, if the rule found its text there. */
export function aboutVersion({role, latest}: Extract<Outcome, {kind: 'text'}>, version: string | undefined): TextRole {
  const isVersion = role.kind === 'release' || role.kind === 'version-line'
  const ofRun = isVersion || !latest || version === undefined ? undefined : versionWithin(version)
  return ofRun === undefined ? role : {kind: 'release', ...ofRun}
}
