import type {SchemeName, Version, VersionAffixes, VersionLineRole} from '../tag-role.ts'
import {versionInTag} from '../version-affixes.ts'
import {versionValues} from './semver.ts'
import {withoutV, type VersionNumbers} from './version-scheme.ts'
import {versionSchemes} from './version-schemes.ts'

/** An exact tag of a version line, and its version. */
export interface ListedVersion {
  readonly tag: string
  readonly version: string
}

/**
 * Highest stable version of a line among the tags of a repository, if it is higher than that of the role. Only tags with
 * the affixes of the line count: `1.3.0-alpine` has the suffix `-alpine`, and `1.3.0` does not. A `v` before the number
 * makes no difference.
 */
export function highestAbove(role: VersionLineRole, tags: readonly string[]): ListedVersion | undefined {
  const scheme = versionSchemes[role.scheme]
  const numbers = scheme.parse(withoutV(role.version))
  if (numbers === undefined) return undefined
  let highest: ListedVersion = {tag: '', version: role.version}
  for (const {tag, version} of role.affixes.flatMap((affixes) => versionsIn(tags, affixes))) {
    if (!scheme.hasFormOf(version, withoutV(role.version))) continue
    const found = scheme.parse(version)
    if (found?.isStable !== true || !isOfLine(role, found, numbers)) continue
    if (scheme.compare(version, highest.version) > 0) highest = {tag, version}
  }
  return highest.tag === '' ? undefined : highest
}

/** A version that an image states. */
export interface StatedVersion {
  readonly version: string
  /** Comparison with the version of a role: above 0, the image has a higher version. */
  readonly order: number
}

/**
 * Highest of the versions that an image states, separated by commas, each as `statedText` or as an exact tag of the line.
 * Undefined if none is a version of the scheme, or if some are higher than that of the role and some lower: then it is
 * unknown which of them is of this line.
 */
export function statedVersion(role: VersionLineRole, stated: string | undefined): StatedVersion | undefined {
  const {compare} = versionSchemes[role.scheme]
  const versions = textsFor(role, stated ?? '').flatMap((text) => versionOf(role, text) ?? [])
  const [highest, ...others] = versions
    .map((version) => ({version, order: compare(version, withoutV(role.version))}))
    .sort((a, b) => compare(b.version, a.version))
  const isUnclear = highest !== undefined && highest.order > 0 && others.some(({order}) => order < 0)
  // A tag with a name that the user chose stays, rather than move to a lower version.
  return isUnclear && role.promise === undefined ? undefined : highest
}

/**
 * Reports whether an image may have a version: it states this version, or one with the same numbers (a pre-release, or the
 * tag of a variant or environment). An image that states no version may have any.
 */
export function mayBeVersion(stated: string | undefined, version: string): boolean {
  if (stated === undefined) return true
  const [numbers = ''] = dottedNumbers(version)
  return stated.split(',').some((text) => text.split(':').at(-1) === version || dottedNumbers(text).includes(numbers))
}

function withoutZeros(numbers: string): string {
  const parts = numbers.split('.')
  while (parts.length > 1 && /^0+$/.test(parts.at(-1) ?? '')) parts.pop()
  return parts.join('.')
}

/** Numbers with dots in a text, without zeros at their end: some schemes have `1.2` and `1.2.0` for one version. */
function dottedNumbers(text: string): readonly string[] {
  return (text.match(/(?<!\d)\d+(?:\.\d+)+/g) ?? []).map(withoutZeros)
}

/** Formats a version as an image states it, with its scheme unless it is semver: `1.2.3`, `pep440:1!1.2.3`. */
export function statedText({scheme, version}: Version): string {
  return scheme === 'semver' ? version : `${scheme}:${version}`
}

/** Parses the versions that an image states, separated by commas. */
export function parseStatedVersions(stated: string): readonly Version[] {
  return stated.split(',').flatMap((text) => {
    const {scheme: named, version: written} = parseStatedText(text)
    const version = withoutV(written)
    const scheme = named === 'semver' && versionValues(version) === undefined ? 'numeric' : named
    return versionSchemes[scheme].parse(version) === undefined ? [] : [{scheme, version}]
  })
}

/** Reports whether two versions have the same numbers: `1.2.3` and `1.2.3-alpine`. */
export function haveSameNumbers(a: Version, b: Version): boolean {
  const [first, second] = [a, b].map(({version}) => /\d+(?:\.\d+)*/.exec(version)?.[0])
  return first === second
}

/** Numbers of a version; undefined for a text of another form. */
export function numbersOf({scheme, version}: Version): {readonly major: string; readonly minor: string} | undefined {
  return versionSchemes[scheme].parse(withoutV(version))
}

/**
 * Texts of the stated versions with the scheme of a role; all of them if there are none. A name that the user chose may
 * change between `1.2.3` and `24.04`, which are compared by their numbers: for it, both schemes count.
 */
function textsFor({scheme, promise}: VersionLineRole, stated: string): readonly Version[] {
  const all = stated.split(',').map(parseStatedText)
  const counted = promise !== undefined && numberSchemes.includes(scheme) ? numberSchemes : [scheme]
  const ofScheme = all.filter((one) => counted.includes(one.scheme))
  return ofScheme.length > 0 ? ofScheme : all
}

const numberSchemes: readonly SchemeName[] = ['semver', 'numeric']

/** Splits a stated version. Without the name of a scheme it counts as semver, even if it is not a version. */
function parseStatedText(text: string): Version {
  const [, prefix, version = ''] = /^(?:(pep440|calver|numeric):)?(.*)$/.exec(text) ?? []
  const named = (['pep440', 'calver', 'numeric'] as const).find((scheme) => scheme === prefix)
  return {scheme: named ?? 'semver', version}
}

function versionOf({scheme, version, affixes}: VersionLineRole, stated: Version): string | undefined {
  const {parse, hasFormOf} = versionSchemes[scheme]
  // First without affixes: with the prefix `1`, `111.0.0` would be read as `11.0.0`.
  const spellings = [withoutV(stated.version), ...affixes.map((one) => versionInTag(one, stated.version))]
  // A text that is certainly a version may have another form: a project may change its scheme.
  const isCertain = stated.scheme !== 'semver' || versionValues(stated.version) !== undefined
  return spellings.find(
    (one) => one !== undefined && parse(one) !== undefined && (isCertain || hasFormOf(one, withoutV(version))),
  )
}

/** Name of a version line: `1.2.x`, `1.x`, or empty for all versions. */
export function lineName({level, scheme, version}: VersionLineRole): string {
  const {major, minor} = versionSchemes[scheme].parse(withoutV(version)) ?? {major: '', minor: ''}
  return level === 'all' ? '' : level === 'major' ? `${major}.x` : `${major}.${minor}.x`
}

function isOfLine({level}: VersionLineRole, found: VersionNumbers, numbers: VersionNumbers): boolean {
  if (level === 'all') return true
  return found.major === numbers.major && (level === 'major' || found.minor === numbers.minor)
}

function versionsIn(tags: readonly string[], affixes: VersionAffixes): readonly ListedVersion[] {
  return tags.flatMap((tag) => {
    const version = versionInTag(affixes, tag)
    return version === undefined ? [] : [{tag, version}]
  })
}
