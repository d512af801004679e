import type {GitContext} from '../context/git-context.ts'
import type {Flavor} from '../inputs/inputs.ts'
import type {Frame, Naming, TagLine, TextLine, Version} from './tag-role.ts'
import type {TagRule} from './rules/rule.ts'
import {referencesName} from './templates/template.ts'
import {isOneVersion, isSaidVersion, numbersOf, saidVersions} from './versions/version-order.ts'

type Affixes = Pick<Flavor, 'prefix' | 'suffix'>

/** Expressions that say which event, commit or moment a text is of: such a tag follows commits. */
const eventNames = ['branch', 'tag', 'sha', 'base_ref', 'pr', 'run', 'short_ref_hash', 'date', 'commit_date']

/**
 * Whether the text of a rule that is for no version holds what an expression says of the event. It may look like a version, as a
 * day does, and is none. On a Git tag, `{{tag}}` is the version that it looks like, and the commit beside it is that of the tag.
 */
export function isOfEvent(rule: TagRule, flavor: Affixes, {ref}: Pick<GitContext, 'ref'>): boolean {
  const written = writtenIn(rule, flavor)
  const says = (name: string): boolean => written.some((template) => referencesName(template, name))
  const ofTag = ref.kind === 'tag' && says('tag') ? ['tag', 'sha', 'short_ref_hash'] : []
  return eventNames.some((name) => !ofTag.includes(name) && says(name))
}

/** The texts with expressions that make a rule's text. What `type=match` finds is looked at by itself. */
function writtenIn(rule: TagRule, {prefix, suffix}: Affixes): readonly string[] {
  if (rule.kind === 'match') return [rule.value ?? '']
  if (rule.kind !== 'raw' && rule.kind !== 'schedule') return []
  return [rule.kind === 'raw' ? rule.value : rule.pattern, rule.prefix ?? prefix, rule.suffix ?? suffix]
}

/** Whether the text of a rule is a name that the user chose, and neither of the event nor of a version. */
export function isUsersName(rule: TagRule, {prefix, suffix}: Affixes): boolean {
  if (rule.kind !== 'raw' && rule.kind !== 'env' && rule.kind !== 'match') return false
  const written = [rule.kind === 'raw' ? rule.value : '', rule.prefix ?? prefix, rule.suffix ?? suffix]
  return !eventNames.some((name) => written.some((template) => referencesName(template, name)))
}

/** A floating line with what the name promises that the user wrote. */
export function withNaming<T extends TextLine>(line: T, text: string, context: Pick<GitContext, 'ref' | 'sha'>): T {
  const named = line.kind === 'newest' ? namingOf(text, context) : undefined
  return named === undefined ? line : {...line, named}
}

/** What a name that the user wrote promises; undefined where it is that of the event's branch or commit. */
function namingOf(text: string, {ref, sha}: Pick<GitContext, 'ref' | 'sha'>): Naming | undefined {
  const isBranch = ref.kind === 'branch' && withoutPunctuation(text).includes(withoutPunctuation(ref.name))
  const isCommit = sha !== '' && wordsOf(text).some((word) => word.length >= 7 && sha.startsWith(word))
  if (isBranch || isCommit) return undefined
  return wordsOf(text.toLowerCase()).some((word) => word === 'latest' || word === 'stable') ? 'highest' : 'own'
}

/** A floating tag whose name the user wrote. */
export interface NamedTag {
  readonly tag: string
  readonly named: Naming
  /** The name without what variant and environment add. */
  readonly name?: string
  /** How the exact tags beside it are written; empty: as the name is, with the version in the place of a word. */
  readonly exact?: readonly Frame[]
}

/** What the tag promises where this version is published. */
export function namedLine({tag, named, name = tag, exact = []}: NamedTag, {scheme, version}: Version): TagLine {
  const numbers = numbersOf({scheme, version})
  // A name with the whole version in it is of this version alone.
  if (numbers === undefined || holds(name, version.replace(/^[vV]/, '').replaceAll('+', '-'))) return {kind: 'newest'}
  const frames = exact.length > 0 ? exact : framesOfName(tag)
  const line = {kind: 'version', scheme, version, exact: frames} as const
  if (holds(name, `${numbers.major}.${numbers.minor}`)) return {...line, level: 'minor', named: 'highest'}
  if (holds(name, numbers.major)) return {...line, level: 'major', named: 'highest'}
  return {...line, level: 'all', named}
}

/** Those of the frames that fit a name best: `-alpine` for `latest-alpine`. All of them where none fits. */
export function framesFitting(tag: string, frames: readonly Frame[]): readonly Frame[] {
  const fitting = frames.filter(
    ({prefix, suffix}) => tag.startsWith(prefix.replace(/[vV]$/, '')) && tag.endsWith(suffix),
  )
  const longest = Math.max(...fitting.map(lengthOf))
  return fitting.length === 0 ? frames : fitting.filter((frame) => lengthOf(frame) === longest)
}

/**
 * The line of a tag that the user named, for an image that says its version: where the run has none, or one that the image is
 * not of. Every other tag keeps its line.
 */
export function lineOfImage(tag: string, line: TagLine, said: string | undefined): TagLine {
  if (!isNamed(line) || (line.kind === 'version' && isSaidVersion(said, line.version))) return line
  const version = oneVersion(saidVersions(said ?? ''))
  if (version === undefined) return line
  return namedLine({tag, named: line.named, exact: 'exact' in line ? line.exact : []}, version)
}

/** The version that several are: the same numbers, with and without more behind them. Undefined where they differ. */
export function oneVersion(versions: readonly Version[]): Version | undefined {
  const [first] = versions
  return first !== undefined && versions.every((other) => isOneVersion(first, other)) ? first : undefined
}

export function isNamed<T extends TagLine | TextLine>(line: T): line is T & {readonly named: Naming} {
  return 'named' in line
}

/** The version in the place of each word of the name. */
function framesOfName(tag: string): readonly Frame[] {
  return [...tag.matchAll(/[^-]+/g)].map(({0: word, index}) => ({
    prefix: tag.slice(0, index),
    suffix: tag.slice(index + word.length),
  }))
}

function lengthOf({prefix, suffix}: Frame): number {
  return prefix.length + suffix.length
}

/** Whether a number stands in a name, by itself: `1.2` is in `v1.2-slim`, and not in `1.2.3`. */
function holds(name: string, number: string): boolean {
  const escaped = number.replaceAll(/[^A-Za-z0-9]/g, '\\$&')
  return new RegExp(`(?:^|[^0-9A-Za-z.]|^v|[^0-9A-Za-z.]v)${escaped}(?![0-9A-Za-z]|\\.[0-9])`, 'i').test(name)
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^0-9A-Za-z]+/)
}

/** Words between dashes, so that one is found in another as a whole. */
function withoutPunctuation(text: string): string {
  return `-${wordsOf(text).join('-')}-`
}
