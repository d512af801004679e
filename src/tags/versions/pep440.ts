import {compare, explain} from '@renovatebot/pep440'
import type {TextLine} from '../tag-role.ts'
import {effectivePattern, levelOf, namesFullVersion, namesWholeVersion} from './semver.ts'

/** The pieces of a Python version that a pattern may name. */
export const pep440Pieces = ['raw', 'version', 'major', 'minor', 'patch'] as const

/**
 * What a pattern may name, for this version, in the normal form of PEP 440
 * (https://peps.python.org/pep-0440/#normalization): `v1.2.3-RC2` has the version `1.2.3rc2`. A piece that is not written
 * is 0, as in docker/metadata-action. Undefined when the text is no such version, or holds a number that would be rounded.
 */
export function pep440Values(text: string): ReadonlyMap<string, string> | undefined {
  const version = explain(text)
  if (version === null || hasRoundedNumber(text)) return undefined
  const [major = 0, minor = 0, patch = 0] = version.release
  const pieces: Readonly<Record<(typeof pep440Pieces)[number], string>> = {
    raw: text,
    version: `${version.public}${localVersion(text)}`,
    major: String(major),
    minor: String(minor),
    patch: String(patch),
  }
  return new Map(Object.entries(pieces))
}

/** Neither a pre-release nor a post-release nor a development release, which docker/metadata-action treats alike. */
export function isPep440Stable(text: string): boolean {
  const version = explain(text)
  return version !== null && !version.is_prerelease && !version.is_postrelease && !version.is_devrelease
}

/**
 * The pattern that holds for this version, by the same rule as for `type=semver`: a pre-, post- or development release must not
 * move `1.2`, so that the whole version (`1.2.3rc2`) takes the place of the pieces.
 */
export function pep440Pattern(pattern: string, text: string): string {
  return effectivePattern(pattern, !isPep440Stable(text))
}

/** What a pattern that `pep440Pattern` gave promises for this version. */
export function pep440Line(pattern: string, values: ReadonlyMap<string, string>): TextLine {
  const version = values.get('version') ?? ''
  if (isExactPep440(pattern, values)) return {kind: 'release', scheme: 'pep440', version}
  return {kind: 'version', scheme: 'pep440', version, level: levelOf(pattern)}
}

/**
 * Whether no other version gives the same text under a pattern that `pep440Pattern` gave. The three pieces do not always
 * say it all: a PEP 440 version may have an epoch, more numbers, or a local part.
 */
export function isExactPep440(pattern: string, values: ReadonlyMap<string, string>): boolean {
  if (namesWholeVersion(pattern)) return true
  const pieces = ['major', 'minor', 'patch'].map((piece) => values.get(piece) ?? '').join('.')
  const version = values.get('version') ?? ''
  return namesFullVersion(pattern) && [version, `${version}.0`, `${version}.0.0`].includes(pieces)
}

/**
 * `+ubuntu.1`, or nothing: lower case, dots between the segments, no leading zeros. The library joins segments with a
 * comma and reads `1e5` as a number, so that two versions would get one tag.
 */
function localVersion(text: string): string {
  const plus = text.indexOf('+')
  if (plus === -1) return ''
  const segments = text.slice(plus + 1).split(/[-_.]/)
  return `+${segments.map((segment) => localSegment(segment.toLowerCase())).join('.')}`
}

/** Of a number, no zeros in front count. */
function localSegment(text: string): string {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text
}

function hasRoundedNumber(text: string): boolean {
  const [publicPart = ''] = text.split('+', 1)
  return (publicPart.match(/\d+/g) ?? []).some((digits) => !Number.isSafeInteger(Number(digits)))
}

/** Below 0: the first comes before the second (https://peps.python.org/pep-0440/#summary-of-permitted-suffixes-and-relative-ordering). */
export function comparePep440(a: string, b: string): number {
  return compare(a, b)
}

/** The number in front of `!`, which orders versions before all others; 0 where none is written. */
export function pep440Epoch(text: string): number {
  return explain(text)?.epoch ?? 0
}
