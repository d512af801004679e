import type {TextLine} from './line.ts'
import type {Renderer, TemplatePlace} from './render.ts'
import {versionValues} from './semver.ts'
import {literalText, type Rendered, type TemplateValues} from './template.ts'
import type {TagRule} from './rule.ts'
import type {ValueSources} from './values.ts'

/** What one rule says about this event, before prefix, suffix and sanitising. */
export type Outcome =
  | {
      readonly kind: 'text'
      readonly text: Rendered
      readonly line: TextLine
      readonly latest: boolean
      /** Where the text came from, when the rule does not say it. */
      readonly from?: string
      /** What a reader should know of the tag besides. */
      readonly remarks?: readonly string[]
    }
  | {readonly kind: 'nothing'; readonly reason: string; readonly level: 'info' | 'warning'}
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
export function lineOfText(value: string): Exclude<TextLine, {kind: 'version'}> {
  const version = versionValues(value)?.get('version')
  return version === undefined ? {kind: 'newest'} : {kind: 'release', scheme: 'semver', version}
}

export function nothing(reason: string, level: 'info' | 'warning' = 'info'): Outcome {
  return {kind: 'nothing', reason, level}
}

/**
 * What `latest` beside this text is about: the version of the rule, else that of the run, which such a rule has cut its text
 * out of.
 */
export function aboutVersion({line, latest}: Extract<Outcome, {kind: 'text'}>, version: string | undefined): TextLine {
  const isVersion = line.kind === 'release' || line.kind === 'version'
  return isVersion || !latest || version === undefined ? line : lineOfText(version)
}
