import type {Version} from '../tag-role.ts'
import {isDayName, isNumericRelease, isYearAndMonth, numericVersion} from './numeric-version.ts'
import {isPep440Stable, pep440Epoch, pep440Values} from './pep440.ts'
import {fullVersionIn, isStable, versionValues, wholeVersion} from './semver.ts'

/** Parses a text as a version of any scheme; undefined for another text. */
export function versionNamed(text: string): Version | undefined {
  const values = versionValues(text)
  if (values !== undefined) return {scheme: 'semver', version: wholeVersion(values)}
  if (numericVersion(text) !== undefined) return {scheme: 'numeric', version: text.replace(/^[vV]/, '')}
  const python = text.includes('!') && pep440Epoch(text) > 0 ? pep440Values(text)?.get('version') : undefined
  return python === undefined ? undefined : {scheme: 'pep440', version: python}
}

/** Version at the end of a text: `1.2.3` of `v1.2.3` and of `api/v1.2.3`. */
export function versionWithin(text: string): Version | undefined {
  const whole = versionNamed(text)
  if (whole !== undefined) return whole
  const version = fullVersionIn(text) ?? numericReleaseIn(text)
  return version === undefined ? undefined : versionNamed(version)
}

/** Release of numbers after a name: of `release-2026.02.0` and `app/v1.2.3.4`. A day needs dots. */
function numericReleaseIn(text: string): string | undefined {
  const tails = [...text.matchAll(/(?<=[^0-9A-Za-z.!+][vV]?)(?<!\d)\d+\.\d/g)].map(({index}) => text.slice(index))
  return tails.find((tail) => numericVersion(tail) !== undefined && isNumericGitRelease(tail))
}

/**
 * Version of a text that names one release: `1.2.3`, `2026.02.0`, `1.2.3.4`. The name of a Git tag may also end in a
 * version (`app-v1.2.3`), or be a month (`24.04`) or a day: other texts of this form name a version line, or the day of
 * a run.
 */
export function releaseNamed(text: string, isGitTag: boolean): Version | undefined {
  const version = isGitTag ? versionWithin(text) : versionNamed(text)
  // From October to December, a day is a semantic version too: `2026.11.29`.
  if (version === undefined || (!isGitTag && isDayName(text) && hasTwoDigits(text))) return undefined
  if (version.scheme !== 'numeric') return version
  const isRelease = isGitTag ? isNumericGitRelease(version.version) : isNumericRelease(text) && !isDayName(text)
  return isRelease ? version : undefined
}

function isNumericGitRelease(version: string): boolean {
  return isNumericRelease(version) || isYearAndMonth(version)
}

/** Reports whether month and day have two digits: `2026.11.29`, and not `2026.1.2`, which may be a version. */
function hasTwoDigits(text: string): boolean {
  return /\.\d\d\.\d\d$/.test(text)
}

/** Reports whether a version is neither a pre-release nor a build of a version. */
export function isPlainRelease({scheme, version}: Version): boolean {
  const values = scheme === 'semver' ? versionValues(version) : undefined
  if (values !== undefined) return isStable(values) && values.get('build') === ''
  return scheme === 'pep440' ? isPep440Stable(version) : numericVersion(version)?.modifier === ''
}
