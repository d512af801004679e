import type {TagRef} from '../../oci/reference.ts'
import type {CalverTagger, ParsedPattern} from '../versions/calver.ts'
import type {RegexPattern} from './match.ts'

/** Source of a rule, which the plan shows beside each tag. */
export interface RuleSource {
  /** `tags`: a line of the input. `outputs`: a name in an output that pushes. `default`: the default strategy. */
  readonly origin: 'tags' | 'outputs' | 'default'
  /** 1-based line of the input; for `default`, the position in the strategy. */
  readonly line: number
  /** Text of the line. */
  readonly text: string
}

/** Formats a source for the log: `type=sha (tags, line 3)`. */
export function ruleText({origin, line, text}: RuleSource): string {
  return origin === 'default' ? `${text} (default strategy)` : `${text} (${origin}, line ${line})`
}

interface RuleCommon {
  readonly source: RuleSource
  /** 1-based columns of the values in the line, by the name of the attribute. */
  readonly columns: Readonly<Record<string, number>>
  /** Rules with a higher priority come first. */
  readonly priority: number
  /** `true`, `false`, or an expression that renders to one of them. */
  readonly enable: string
  /** Replaces the prefix of `flavor`; undefined: `flavor` applies. May contain expressions. */
  readonly prefix: string | undefined
  readonly suffix: string | undefined
  /** A full version of this rule is a floating tag: `mutable=true`. */
  readonly mutable?: boolean
}

export type TagRule = RuleCommon &
  (
    | {readonly kind: 'schedule'; readonly pattern: string}
    | {
        readonly kind: 'semver' | 'pep440'
        readonly pattern: string
        readonly value: string | undefined
        /** Expression that finds the version in the text. */
        readonly match: RegexPattern | undefined
      }
    | {
        readonly kind: 'match'
        readonly pattern: RegexPattern
        readonly group: number
        readonly value: string | undefined
      }
    | {
        readonly kind: 'calver'
        readonly pattern: ParsedPattern
        readonly value: string | undefined
        readonly timeZone: string
        /** Evaluates the rule. Its code is loaded with the reader of such rules. */
        readonly tagOf: CalverTagger
      }
    /** A semantic version from a file: `PATH` or `PATH#REGEX`. */
    | {readonly kind: 'file'; readonly path: string; readonly pattern: string}
    | {readonly kind: 'edge'; readonly branch: string | undefined}
    | {readonly kind: 'ref'; readonly event: 'branch' | 'tag' | 'pr'}
    | {readonly kind: 'raw'; readonly value: string; readonly literal: boolean}
    | {readonly kind: 'sha'; readonly format: 'short' | 'long'}
    | {readonly kind: 'env'}
    | {readonly kind: 'reference'; readonly reference: TagRef}
  )

/** Kinds that can be written as `type=…`, in the order of the documentation. */
export const ruleKinds = [
  'schedule',
  'semver',
  'pep440',
  'match',
  'calver',
  'file',
  'edge',
  'ref',
  'raw',
  'sha',
  'env',
] as const

export type WrittenKind = (typeof ruleKinds)[number]

/** Reports whether a rule of this kind makes its tag from a version. */
export function isVersionKind(kind: TagRule['kind']): boolean {
  return kind === 'semver' || kind === 'pep440' || kind === 'calver' || kind === 'file' || kind === 'match'
}

/** Default priorities, as in docker/metadata-action. The tag with the highest is the version of the image. */
export const defaultPriority: Readonly<Record<WrittenKind, number>> = {
  schedule: 1000,
  semver: 900,
  pep440: 900,
  calver: 900,
  file: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  env: 200,
  sha: 100,
}

/** Attributes of each kind besides `commonAttributes`. */
export const kindAttributes: Readonly<Record<WrittenKind, readonly string[]>> = {
  schedule: ['pattern', 'mutable'],
  semver: ['pattern', 'value', 'match', 'mutable'],
  pep440: ['pattern', 'value', 'match', 'mutable'],
  match: ['pattern', 'group', 'value', 'mutable'],
  calver: ['pattern', 'value', 'tz', 'mutable'],
  file: ['path', 'pattern', 'mutable'],
  edge: ['branch'],
  ref: ['event', 'mutable'],
  raw: ['value', 'mutable'],
  sha: ['format'],
  env: [],
}

/** Language of the attribute `pattern`: expressions, with or without those of a version, or another language. */
export const patternLanguage: Readonly<Record<WrittenKind, 'expressions' | 'semver' | 'pep440' | 'other'>> = {
  schedule: 'expressions',
  semver: 'semver',
  pep440: 'pep440',
  match: 'other',
  calver: 'other',
  file: 'semver',
  edge: 'other',
  ref: 'other',
  raw: 'other',
  sha: 'other',
  env: 'other',
}

export const commonAttributes = ['type', 'enable', 'priority', 'prefix', 'suffix'] as const
