import type {Frame, Version, VersionLine, VersionScheme} from '../tag-role.ts'
import {versionValues} from './semver.ts'
import {orders, withoutV, type VersionNumbers} from './version-schemes.ts'

/** An exact tag of a line, and the version that it names. */
export interface LineMember {
  readonly tag: string
  readonly version: string
}

/**
 * The highest stable version of a line that is higher than the line's own; undefined when there is none. What stands
 * around a version has to be there to the letter, so `1.3.0-alpine` is of the line with the suffix `-alpine`, and `1.3.0`
 * is not; a `v` right before the number is nothing but spelling.
 */
export function higherMember(line: VersionLine, tags: readonly string[]): LineMember | undefined {
  const order = orders[line.scheme]
  const own = order.read(withoutV(line.version))
  if (own === undefined) return undefined
  let highest: LineMember = {tag: '', version: line.version}
  for (const {tag, version} of line.exact.flatMap((frame) => membersIn(frame, tags))) {
    if (!order.isAlike(version, withoutV(line.version))) continue
    const found = order.read(version)
    if (found?.isStable !== true || !isOfLine(line, found, own)) continue
    if (order.compare(version, highest.version) > 0) highest = {tag, version}
  }
  return highest.tag === '' ? undefined : highest
}

/** Whether a tag is read as this version. What tags cannot hold (`1.2.3+cu118`, `1!1.2.3`) is not. */
export function readsBack(
  {scheme, version}: Pick<VersionLine, 'scheme' | 'version'>,
  frame: Frame,
  tag: string,
): boolean {
  const {read, isAlike, compare} = orders[scheme]
  const [found, own] = [versionIn(frame, tag) ?? '', withoutV(version)]
  return read(found) !== undefined && isAlike(found, own) && compare(found, own) === 0
}

/** A version that an image says of itself, and how it lies to the one of a line: above 0, it is higher. */
export interface SaidVersion {
  readonly version: string
  readonly order: number
}

/**
 * What an image says of its version, as `sayVersion` has it, or written as its exact tags are. Of several, separated by commas, the highest
 * counts. Undefined when none of it is a version as the line has them, or when some are higher than the line's own and some lower:
 * nobody knows which of them is of this line.
 */
export function saidVersion(line: VersionLine, said: string | undefined): SaidVersion | undefined {
  const {compare} = orders[line.scheme]
  const versions = textsFor(line, said ?? '').flatMap((text) => versionOf(line, text) ?? [])
  const [highest, ...others] = versions
    .map((version) => ({version, order: compare(version, withoutV(line.version))}))
    .sort((a, b) => compare(b.version, a.version))
  const isUnclear = highest !== undefined && highest.order > 0 && others.some(({order}) => order < 0)
  // A name that the user wrote is then better left than moved back.
  return isUnclear && line.named === undefined ? undefined : highest
}

/**
 * Whether what an image says of its version, separated by commas, can be this version: it stands there, or one with the same
 * numbers does (a pre-release, or the tag of a variant or environment). What says nothing can be anything.
 */
export function isSaidVersion(said: string | undefined, version: string): boolean {
  if (said === undefined) return true
  const [own = ''] = dottedNumbers(version)
  return said.split(',').some((text) => text.split(':').at(-1) === version || dottedNumbers(text).includes(own))
}

function withoutZeros(numbers: string): string {
  const parts = numbers.split('.')
  while (parts.length > 1 && /^0+$/.test(parts.at(-1) ?? '')) parts.pop()
  return parts.join('.')
}

/** `1.2` and `1.2.0` are the same in some schemes. */
function dottedNumbers(text: string): readonly string[] {
  return (text.match(/(?<!\d)\d+(?:\.\d+)+/g) ?? []).map(withoutZeros)
}

/** `1.2.3`, or `pep440:1!1.2.3`: how an image says a version, so that it is compared with those that are ordered alike. */
export function sayVersion({scheme, version}: Version): string {
  return scheme === 'semver' ? version : `${scheme}:${version}`
}

/** Every version that an image says. */
export function saidVersions(said: string): readonly Version[] {
  return said.split(',').flatMap((text) => {
    const {named, version: written} = readSaid(text)
    const version = withoutV(written)
    const scheme = named === 'semver' && versionValues(version) === undefined ? 'numeric' : named
    return orders[scheme].read(version) === undefined ? [] : [{scheme, version}]
  })
}

/** Whether two versions have the same numbers: `1.2.3` and `1.2.3-alpine`. */
export function isOneVersion(a: Version, b: Version): boolean {
  const [first, second] = [a, b].map(({version}) => /\d+(?:\.\d+)*/.exec(version)?.[0])
  return first === second
}

/** The numbers that lines are named after; undefined for what is no version. */
export function numbersOf({scheme, version}: Version): {readonly major: string; readonly minor: string} | undefined {
  return orders[scheme].read(withoutV(version))
}

/** A version that an image says, under the name of its scheme; without one, it is that of semver, or none at all. */
interface SaidText {
  readonly named: VersionScheme
  readonly version: string
}

/**
 * The stated versions of the scheme, or all of them if there are none. A floating tag that the user named may change between
 * `1.2.3` and `24.04`, which are compared by their numbers: it counts both.
 */
function textsFor({scheme, named: naming}: VersionLine, said: string): readonly SaidText[] {
  const all = said.split(',').map(readSaid)
  const counted = naming !== undefined && numbered.includes(scheme) ? numbered : [scheme]
  const own = all.filter(({named}) => counted.includes(named))
  return own.length > 0 ? own : all
}

const numbered: readonly VersionScheme[] = ['semver', 'numeric']

function readSaid(text: string): SaidText {
  const [, prefix, version = ''] = /^(?:(pep440|calver|numeric):)?(.*)$/.exec(text) ?? []
  const named = (['pep440', 'calver', 'numeric'] as const).find((scheme) => scheme === prefix)
  return {named: named ?? 'semver', version}
}

function versionOf({scheme, version, exact}: VersionLine, {named, version: text}: SaidText): string | undefined {
  const {read, isAlike} = orders[scheme]
  // As it stands, first: the prefix of `111.0.0` may be a digit too.
  const spellings = [withoutV(text), ...exact.map((frame) => versionIn(frame, text))]
  // What is certainly a version may be of another form: a project has changed its scheme.
  const isSure = named !== 'semver' || versionValues(text) !== undefined
  return spellings.find(
    (one) => one !== undefined && read(one) !== undefined && (isSure || isAlike(one, withoutV(version))),
  )
}

/** In words: `1.2.x`, `1.x`, or empty for every version. */
export function lineName({level, scheme, version}: VersionLine): string {
  const {major, minor} = orders[scheme].read(withoutV(version)) ?? {major: '', minor: ''}
  return level === 'all' ? '' : level === 'major' ? `${major}.x` : `${major}.${minor}.x`
}

function isOfLine({level}: VersionLine, found: VersionNumbers, own: VersionNumbers): boolean {
  if (level === 'all') return true
  return found.major === own.major && (level === 'major' || found.minor === own.minor)
}

function membersIn(frame: Frame, tags: readonly string[]): readonly LineMember[] {
  return tags.flatMap((tag) => {
    const version = versionIn(frame, tag)
    return version === undefined ? [] : [{tag, version}]
  })
}

/** What stands between prefix and suffix, without a `v`, be it the prefix' own or not. */
function versionIn({prefix, suffix}: Frame, tag: string): string | undefined {
  const before = prefix.replace(/(^|[^A-Za-z0-9])[vV]$/, '$1')
  if (!tag.startsWith(before) || !tag.endsWith(suffix) || tag.length <= before.length + suffix.length) return undefined
  return withoutV(tag.slice(before.length, tag.length - suffix.length))
}
