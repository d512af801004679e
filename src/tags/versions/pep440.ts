import {compare, explain} from '@renovatebot/pep440'
import type {TextRole} from '../tag-role.ts'
import {lineLevel, namesFullVersion, namesWholeVersion} from './semver.ts'
import {areOfOneCalendar, numbersIn, type PatternScheme} from './version-scheme.ts'

/** Names of the parts of a Python version in a pattern. */
export const pep440Pieces = ['raw', 'version', 'major', 'minor', 'patch'] as const

/**
 * Parts of a version by name, in the normal form of PEP 440 (https://peps.python.org/pep-0440/#normalization):
 * `v1.2.3-RC2` has the version `1.2.3rc2`. A missing part is 0, as in docker/metadata-action. Undefined for another text,
 * or if a number is too large for a double.
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

/** Reports whether a version is not a pre-, post- or development release. docker/metadata-action treats these alike. */
export function isPep440Stable(text: string): boolean {
  const version = explain(text)
  return version !== null && !version.is_prerelease && !version.is_postrelease && !version.is_devrelease
}

/** Role of the text of a pattern from `effectivePattern`. */
function pep440Role(pattern: string, values: ReadonlyMap<string, string>): TextRole {
  const version = values.get('version') ?? ''
  if (isExactPep440(pattern, values)) return {kind: 'release', scheme: 'pep440', version}
  return {kind: 'version-line', scheme: 'pep440', version, level: lineLevel(pattern)}
}

/**
 * Reports whether only this version gives its text with a pattern of `effectivePattern`. Three numbers are not always
 * enough: a PEP 440 version may have an epoch, more numbers, or a local version.
 */
export function isExactPep440(pattern: string, values: ReadonlyMap<string, string>): boolean {
  if (namesWholeVersion(pattern)) return true
  const pieces = ['major', 'minor', 'patch'].map((piece) => values.get(piece) ?? '').join('.')
  const version = values.get('version') ?? ''
  return namesFullVersion(pattern) && [version, `${version}.0`, `${version}.0.0`].includes(pieces)
}

/**
 * Local version in normal form, or an empty text: `+ubuntu.1` in lower case, with dots and without leading zeros. The
 * library joins segments with a comma and reads `1e5` as a number, so that two versions would get the same tag.
 */
function localVersion(text: string): string {
  const plus = text.indexOf('+')
  if (plus === -1) return ''
  const segments = text.slice(plus + 1).split(/[-_.]/)
  return `+${segments.map((segment) => localSegment(segment.toLowerCase())).join('.')}`
}

/** Segment of a local version; a number loses its leading zeros. */
function localSegment(text: string): string {
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : text
}

function hasRoundedNumber(text: string): boolean {
  const [publicPart = ''] = text.split('+', 1)
  return (publicPart.match(/\d+/g) ?? []).some((digits) => !Number.isSafeInteger(Number(digits)))
}

/** Compares two versions by https://peps.python.org/pep-0440/#summary-of-permitted-suffixes-and-relative-ordering. */
export function comparePep440(a: string, b: string): number {
  return compare(a, b)
}

/** Epoch of a version: the number before `!`, which counts more than all others; 0 if there is none. */
export function pep440Epoch(text: string): number {
  return explain(text)?.epoch ?? 0
}

/** Scheme of PEP 440. */
export const pep440Scheme: PatternScheme = {
  parts: pep440Values,
  isStable: isPep440Stable,
  role: pep440Role,
  parse: (text) => {
    const parts = pep440Values(text)
    if (parts === undefined) return undefined
    const {major, minor} = numbersIn(parts)
    const epoch = pep440Epoch(text)
    return {major: epoch === 0 ? major : `${epoch}!${major}`, minor, isStable: isPep440Stable(text)}
  },
  compare: comparePep440,
  hasFormOf: (candidate, version) =>
    areOfOneCalendar(candidate, version) && (candidate.includes('.') || !version.includes('.')),
}
