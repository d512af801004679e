import {compareNumeric, numericVersion} from './numeric-version.ts'
import {areOfOneCalendar, type VersionNumbers, type VersionScheme} from './version-scheme.ts'

/** Scheme of versions that consist of numbers. */
export const numericScheme: VersionScheme = {
  parse: numericNumbers,
  compare: compareNumeric,
  hasFormOf: (candidate, version) =>
    areOfOneCalendar(candidate, version) && numericVersion(candidate)?.separator === numericVersion(version)?.separator,
}

/** Numbers of a version that consists of numbers. */
export function numericNumbers(text: string): VersionNumbers | undefined {
  const version = numericVersion(text)
  if (version === undefined) return undefined
  const [major = 0n, minor] = version.numbers
  return {major: `${major}`, minor: `${minor ?? ''}`, isStable: version.modifier === ''}
}
