import type {SkippedRuleReason, TagNote} from '../reasons/rule-reasons.ts'
import {bare, frameOf, type Frame, type TextLine} from './tag-role.ts'
import type {Renderer, TemplatePlace} from './templates/render.ts'
import {fullVersionIn, versionValues} from './versions/semver.ts'
import {releaseNamed, versionWithin} from './versions/version-name.ts'
import {literalText, type Rendered, type TemplateValues} from './templates/template.ts'
import type {TagRule} from './rules/rule.ts'
import type {ValueSources} from './templates/values.ts'

/** What one rule says about this event, before prefix, suffix and sanitising. */
export type Outcome =
  | {
      readonly kind: 'text'
      readonly text: Rendered
      readonly line: TextLine
      readonly latest: boolean
      /** Of a version that is not the text itself: the pattern that gave the text. */
      readonly pattern?: string
      /** Of a pre-release: whether the rule's pattern asks for the whole version, or has got it in the place of its pieces. */
      readonly prerelease?: 'whole' | 'pieces'
      /** Where the text came from, when the rule does not say it. */
      readonly from?: string
      /** What a reader should know of the tag besides. */
      readonly remarks?: readonly TagNote[]
    }
  | {readonly kind: 'nothing'; readonly reason: SkippedRuleReason; readonly level: 'info' | 'warning'}
  /** Reported by the renderer already. */
  | {readonly kind: 'problem'}
  /** To be reported by the caller, at the attribute of the rule. */
  | {
      readonly kind: 'refused'
      readonly attribute: 'match' | 'path' | 'pattern'
      readonly reason: string
      readonly remedy: string
    }

export interface RuleSituation {
  readonly sources: ValueSources
  readonly values: TemplateValues
  readonly renderer: Renderer
  /** Where an attribute of the rule has its value. */
  readonly placeOf: (attribute: string) => TemplatePlace
  /** Something that works, but perhaps not as meant. */
  readonly onWarning: (reason: string) => void
}

/** A rule whose tags belong to the images; the others name their repository themselves. */
export type TextRule = Exclude<TagRule, {kind: 'reference'}>

export function text(
  value: string,
  options: Partial<Pick<Extract<Outcome, {kind: 'text'}>, 'line' | 'latest' | 'from' | 'remarks'>>,
): Outcome {
  return {
    kind: 'text',
    text: literalText(value),
    line: options.line ?? lineOfText(value),
    latest: options.latest ?? false,
    ...(options.from === undefined ? {} : {from: options.from}),
    ...(options.remarks === undefined ? {} : {remarks: options.remarks}),
  }
}

/** A text that no rule for versions gave: it may be a full version all the same. */
export function lineOfText(value: string, isGitTag = false): Exclude<TextLine, {kind: 'version'}> {
  const version = releaseNamed(value, isGitTag)
  return version === undefined ? {kind: 'newest'} : {kind: 'release', ...version}
}

/** What an expression has cut out of a text: a full version, the number of a line of the text's version, or something else. */
export function lineOfMatch(found: string, text: string): TextLine {
  const line = lineOfText(found, true)
  const values = versionValues(fullVersionIn(text) ?? '')
  const [version = '', major = '', minor = ''] = ['version', 'major', 'minor'].map((piece) => values?.get(piece))
  if (line.kind === 'release' || version === '') return line
  const number = found.replace(/^v/i, '')
  const level = number === major ? 'major' : number === `${major}.${minor}` ? 'minor' : undefined
  return level === undefined ? line : {kind: 'version', scheme: 'semver', version, level}
}

/** Where the text of an exact version has it; of every other text, nothing stands around what counts. */
export function innerFrame({line, pattern}: Extract<Outcome, {kind: 'text'}>): Frame | undefined {
  return line.kind === 'release' && pattern !== undefined ? frameOf(pattern) : bare
}

export function nothing(reason: SkippedRuleReason, level: 'info' | 'warning' = 'info'): Outcome {
  return {kind: 'nothing', reason, level}
}

/**
 * What `latest` beside this text is about: the version of the rule, else that of the run, which such a rule has cut its text
 * out of.
 */
export function aboutVersion({line, latest}: Extract<Outcome, {kind: 'text'}>, version: string | undefined): TextLine {
  const isVersion = line.kind === 'release' || line.kind === 'version'
  const ofRun = isVersion || !latest || version === undefined ? undefined : versionWithin(version)
  return ofRun === undefined ? line : {kind: 'release', ...ofRun}
}
