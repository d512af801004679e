/**
 * Version affixes are the text around the version in exact tags. A floating tag uses those of the exact tags of its run to
 * find the other versions of its line in the registry: `1.2-alpine` looks at `1.2.3-alpine`, and not at `1.2.3`.
 *
 * | rule of the exact tag                          | variant  | affixes                                            |
 * | ---------------------------------------------- | -------- | -------------------------------------------------- |
 * | `pattern={{version}}`, or a literal `1.2.3`    |          | none                                               |
 * | `pattern={{version}}`                          | `alpine` | suffix `-alpine`                                   |
 * | `pattern=v{{version}}-slim`                    |          | prefix `v`, suffix `-slim`                         |
 * | `pattern={{version}},prefix=api/,suffix=-slim` | `alpine` | prefix `api-`, suffix `-slim-alpine`               |
 * | `pattern={{major}}.{{minor}}.{{patch}}-x`      |          | suffix `-x`                                        |
 * | `pattern={{major}}-{{minor}}-{{patch}}`        |          | unknown: the tag does not parse as its version     |
 * | `pattern={{version}}-{{sha}}`                  |          | unknown: the next release has another commit there |
 * | `pattern={{version}},prefix={{branch}}-`       |          | unknown: an expression may have another value      |
 */
import type {TextRole, Version, VersionAffixes} from './tag-role.ts'
import {withoutV} from './versions/version-scheme.ts'
import {versionSchemes} from './versions/version-schemes.ts'

/** Prefix and suffix of a rule or of `flavor`, rendered. */
export interface RenderedAffixes extends VersionAffixes {
  /** Neither has an expression, so that they are the same in every release. */
  readonly isFixed: boolean
}

const noAffixes: VersionAffixes = {prefix: '', suffix: ''}

/**
 * Affixes of a rule's exact tag before variant and environment. Undefined if they are unknown: the next release may have
 * other ones.
 */
export function exactTagAffixes(
  {role, pattern}: {readonly role: TextRole; readonly pattern?: string},
  {prefix, suffix, isFixed}: RenderedAffixes,
): VersionAffixes | undefined {
  const inner = role.kind === 'release' && pattern !== undefined ? patternAffixes(pattern) : noAffixes
  if (inner === undefined || !isFixed) return undefined
  return {prefix: sanitized(`${prefix}${inner.prefix}`), suffix: sanitized(`${inner.suffix}${suffix}`)}
}

/** Text around the full version in a pattern; undefined if the pattern has another form. */
function patternAffixes(pattern: string): VersionAffixes | undefined {
  const found = /^([^{\\]*)\{\{\s*(?:version|raw)\s*\}\}([^{\\]*)$/.exec(pattern) ?? threeNumbers.exec(pattern)
  return found === null ? undefined : {prefix: found[1] ?? '', suffix: found[2] ?? ''}
}

const threeNumbers = /^([^{\\]*)\{\{\s*major\s*\}\}\.\{\{\s*minor\s*\}\}\.\{\{\s*patch\s*\}\}([^{\\]*)$/

function sanitized(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, '-')
}

/** An exact tag in its final form, with its affixes. */
interface ExactTag {
  readonly tag: string
  readonly affixes: VersionAffixes | undefined
}

/** Distinct affixes of the exact tags that parse as the version. A shortened tag, or one of another version, does not. */
export function affixesOfExactTags(version: Version, tags: readonly ExactTag[]): readonly VersionAffixes[] {
  const found = tags.flatMap(({tag, affixes}) =>
    affixes !== undefined && isTagOfVersion(version, affixes, tag) ? [affixes] : [],
  )
  return [...new Map(found.map((affixes) => [keyOfAffixes(affixes), affixes])).values()]
}

/** Reports whether a tag parses as this version. A tag cannot contain `1.2.3+cu118` or `1!1.2.3`. */
function isTagOfVersion({scheme, version}: Version, affixes: VersionAffixes, tag: string): boolean {
  const {parse, hasFormOf, compare} = versionSchemes[scheme]
  const [found, expected] = [versionInTag(affixes, tag) ?? '', withoutV(version)]
  return parse(found) !== undefined && hasFormOf(found, expected) && compare(found, expected) === 0
}

/** Version between the affixes in a tag, without a `v`; undefined if the tag has other affixes. */
export function versionInTag({prefix, suffix}: VersionAffixes, tag: string): string | undefined {
  const before = withoutTrailingV(prefix)
  if (!tag.startsWith(before) || !tag.endsWith(suffix) || tag.length <= before.length + suffix.length) return undefined
  return withoutV(tag.slice(before.length, tag.length - suffix.length))
}

/** Prefix without a `v` that belongs to the version: `api-` of `api-v`, but `dev` of `dev`. */
function withoutTrailingV(prefix: string): string {
  return prefix.replace(/(^|[^A-Za-z0-9])[vV]$/, '$1')
}

/** Affixes for the line of a floating tag: its own if an exact tag has the same, else those of all exact tags. */
export function affixesOfLine(
  own: VersionAffixes | undefined,
  exact: readonly VersionAffixes[],
): readonly VersionAffixes[] {
  const same = exact.filter((affixes) => own !== undefined && keyOfAffixes(affixes) === keyOfAffixes(own))
  return same.length > 0 ? same : exact
}

/** Longest of the affixes that a name has: `-alpine` for `latest-alpine`. All of them if it has none. */
export function affixesOfName(name: string, exact: readonly VersionAffixes[]): readonly VersionAffixes[] {
  const fitting = exact.filter(
    ({prefix, suffix}) => name.startsWith(prefix.replace(/[vV]$/, '')) && name.endsWith(suffix),
  )
  const longest = Math.max(...fitting.map(lengthOf))
  return fitting.length === 0 ? exact : fitting.filter((affixes) => lengthOf(affixes) === longest)
}

/** Possible affixes of a name without an exact tag: the version may replace each of its words. */
export function affixesAroundWords(name: string): readonly VersionAffixes[] {
  return [...name.matchAll(/[^-]+/g)].map(({0: word, index}) => ({
    prefix: name.slice(0, index),
    suffix: name.slice(index + word.length),
  }))
}

/** Affixes with the text that variant and environment add to a tag. */
export function withEnding(affixes: VersionAffixes | undefined, ending: string): VersionAffixes | undefined {
  return affixes && {...affixes, suffix: `${affixes.suffix}${ending}`}
}

function lengthOf({prefix, suffix}: VersionAffixes): number {
  return prefix.length + suffix.length
}

/** Key of affixes; a tag cannot contain a space. */
function keyOfAffixes({prefix, suffix}: VersionAffixes): string {
  return `${prefix} ${suffix}`
}
