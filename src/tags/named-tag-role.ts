import type {GitContext} from '../context/git-context.ts'
import type {Flavor} from '../inputs/inputs.ts'
import type {NamePromise, TagRole, TextRole, Version, VersionAffixes} from './tag-role.ts'
import type {TagRule} from './rules/rule.ts'
import {referencesName} from './templates/template.ts'
import {affixesAroundWords} from './version-affixes.ts'
import {haveSameNumbers, mayBeVersion, numbersOf, parseStatedVersions} from './versions/version-order.ts'

type FlavorAffixes = Pick<Flavor, 'prefix' | 'suffix'>

/** Expressions for the event, its commit or its time: a tag with one of them follows commits. */
const eventNames = ['branch', 'tag', 'sha', 'base_ref', 'pr', 'run', 'short_ref_hash', 'date', 'commit_date']

/**
 * Reports whether the text of a rule that is not for versions contains an expression for the event. The text may look like
 * a version, as a day does, but is not one. On a Git tag, `{{tag}}` is the version that it looks like, and the commit
 * beside it is that of the tag.
 */
export function isOfEvent(rule: TagRule, flavor: FlavorAffixes, {ref}: Pick<GitContext, 'ref'>): boolean {
  const templates = templatesOf(rule, flavor)
  const isReferenced = (name: string): boolean => templates.some((template) => referencesName(template, name))
  const ofTag = ref.kind === 'tag' && isReferenced('tag') ? ['tag', 'sha', 'short_ref_hash'] : []
  return eventNames.some((name) => !ofTag.includes(name) && isReferenced(name))
}

/** Templates of the text of a rule. The text that `type=match` finds does not count. */
function templatesOf(rule: TagRule, {prefix, suffix}: FlavorAffixes): readonly string[] {
  if (rule.kind === 'match') return [rule.value ?? '']
  if (rule.kind !== 'raw' && rule.kind !== 'schedule') return []
  return [rule.kind === 'raw' ? rule.value : rule.pattern, rule.prefix ?? prefix, rule.suffix ?? suffix]
}

/** Reports whether the text of a rule is a name that the user chose, and not made from the event or a version. */
export function isUserNamedRule(rule: TagRule, {prefix, suffix}: FlavorAffixes): boolean {
  if (rule.kind !== 'raw' && rule.kind !== 'env' && rule.kind !== 'match') return false
  const templates = [rule.kind === 'raw' ? rule.value : '', rule.prefix ?? prefix, rule.suffix ?? suffix]
  return !eventNames.some((name) => templates.some((template) => referencesName(template, name)))
}

/** Adds the promise of a name that the user chose to the role of a floating tag. */
export function withPromise<T extends TextRole>(role: T, text: string, context: Pick<GitContext, 'ref'>): T {
  const promise = role.kind === 'newest-commit' ? promiseOf(text, context) : undefined
  return promise === undefined ? role : {...role, promise}
}

/**
 * Role of a text: that of a commit tag if one of its words is the commit of the image, whole or shortened, as in
 * `sha-860c190-alpine`.
 */
export function withCommit<T extends TextRole>(
  role: T,
  text: string,
  {sha}: Pick<GitContext, 'sha'>,
): T | {readonly kind: 'commit'} {
  if (role.kind !== 'newest-commit' || sha === '') return role
  return wordsOf(text).some((word) => word.length >= 7 && sha.startsWith(word)) ? {kind: 'commit'} : role
}

/** Promise of a name that the user chose; undefined if it contains the branch of the event. */
function promiseOf(text: string, {ref}: Pick<GitContext, 'ref'>): NamePromise | undefined {
  const isBranch = ref.kind === 'branch' && withoutPunctuation(text).includes(withoutPunctuation(ref.name))
  if (isBranch) return undefined
  return wordsOf(text.toLowerCase()).some((word) => word === 'latest' || word === 'stable') ? 'highest' : 'not-lower'
}

/** A floating tag with a name that the user chose. */
interface NamedTag {
  readonly tag: string
  readonly promise: NamePromise
  /** Name without variant and environment. Default: the tag. */
  readonly name?: string
  /** Affixes of the exact tags beside it. Default: the version may replace each word of the tag. */
  readonly affixes?: readonly VersionAffixes[]
}

/** Role of a tag with a name that the user chose, if this version is published. */
export function roleOfNamedTag({tag, promise, name = tag, affixes = []}: NamedTag, version: Version): TagRole {
  const numbers = numbersOf(version)
  // A name with the whole version belongs to this version only.
  const whole = version.version.replace(/^[vV]/, '').replaceAll('+', '-')
  if (numbers === undefined || containsNumber(name, whole)) return {kind: 'newest-commit'}
  const line = {
    kind: 'version-line',
    scheme: version.scheme,
    version: version.version,
    affixes: affixes.length > 0 ? affixes : affixesAroundWords(tag),
  } as const
  if (containsNumber(name, `${numbers.major}.${numbers.minor}`)) return {...line, level: 'minor', promise: 'highest'}
  if (containsNumber(name, numbers.major)) return {...line, level: 'major', promise: 'highest'}
  return {...line, level: 'all', promise}
}

/**
 * Role of a promoted tag with a name that the user chose, by the version that the image states: if the run has no version,
 * or one that is not that of the image. Every other tag keeps its role.
 */
export function roleForImage(tag: string, role: TagRole, stated: string | undefined): TagRole {
  if (!isUserNamed(role) || (role.kind === 'version-line' && mayBeVersion(stated, role.version))) return role
  const version = commonVersion(parseStatedVersions(stated ?? ''))
  if (version === undefined) return role
  return roleOfNamedTag({tag, promise: role.promise, affixes: 'affixes' in role ? role.affixes : []}, version)
}

/** First of several versions with the same numbers, such as `1.2.3` and `1.2.3-alpine`; undefined if they differ. */
export function commonVersion(versions: readonly Version[]): Version | undefined {
  const [first] = versions
  return first !== undefined && versions.every((other) => haveSameNumbers(first, other)) ? first : undefined
}

/** Reports whether the name of a tag with this role was chosen by the user. */
export function isUserNamed<T extends TagRole | TextRole>(role: T): role is T & {readonly promise: NamePromise} {
  return 'promise' in role
}

/** Reports whether a name contains a number by itself: `1.2` is in `v1.2-slim`, and not in `1.2.3`. */
function containsNumber(name: string, number: string): boolean {
  const escaped = number.replaceAll(/[^A-Za-z0-9]/g, '\\$&')
  return new RegExp(`(?:^|[^0-9A-Za-z.]|^v|[^0-9A-Za-z.]v)${escaped}(?![0-9A-Za-z]|\\.[0-9])`, 'i').test(name)
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^0-9A-Za-z]+/)
}

/** Words between dashes, so that one text can be found in another by whole words. */
function withoutPunctuation(text: string): string {
  return `-${wordsOf(text).join('-')}-`
}
