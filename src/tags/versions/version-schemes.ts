import type {VersionScheme} from '../tag-role.ts'
import {beginsWithYear, compareNumeric, numericVersion} from './numeric-version.ts'
import {comparePep440, isPep440Stable, pep440Epoch, pep440Values} from './pep440.ts'
import {compareSemver, isStable, versionValues} from './semver.ts'

/** The numbers that lines are named after, each in one spelling. */
export interface VersionNumbers {
  readonly major: string
  readonly minor: string
  readonly isStable: boolean
}

/** How versions of a scheme are read and compared. */
export interface VersionOrder {
  /** Undefined: this is no version. */
  readonly read: (text: string) => VersionNumbers | undefined
  readonly compare: (a: string, b: string) => number
  /**
   * Whether both are written in the same way. A date, or a commit of digits alone, would pass for a version. A version that
   * begins with a year is never one of a line without years: nightly images are named so.
   */
  readonly isAlike: (candidate: string, own: string) => boolean
}

export const orders: Readonly<Record<VersionScheme, VersionOrder>> = {
  semver: {
    read: (text) => {
      const values = versionValues(text)
      // What was released as 2026.02.0 comes before 2026.10.0 all the same.
      return values === undefined ? numericNumbers(text) : {...numbers(values), isStable: isStable(values)}
    },
    compare: (a, b) =>
      [a, b].every((text) => versionValues(text) !== undefined) ? compareSemver(a, b) : compareNumeric(a, b),
    isAlike: (candidate, own) =>
      /^\d+\.\d+\.\d/.test(candidate) &&
      (beginsWithYear(candidate) ? beginsWithYear(own) : versionValues(candidate) !== undefined),
  },
  pep440: {
    read: (text) => {
      const values = pep440Values(text)
      if (values === undefined) return undefined
      const {major, minor} = numbers(values)
      const epoch = pep440Epoch(text)
      return {major: epoch === 0 ? major : `${epoch}!${major}`, minor, isStable: isPep440Stable(text)}
    },
    compare: comparePep440,
    isAlike: (candidate, own) => areOfOneCalendar(candidate, own) && (candidate.includes('.') || !own.includes('.')),
  },
  calver: {
    read: (text) => {
      const [major, minor] = calverNumbers(text)
      return major === undefined
        ? undefined
        : {major: `${major}`, minor: `${minor ?? ''}`, isStable: isCalverStable(text)}
    },
    compare: compareCalver,
    isAlike: (candidate, own) => areOfOneCalendar(candidate, own) && shape(candidate) === shape(calverHead(own)),
  },
  numeric: {
    read: numericNumbers,
    compare: compareNumeric,
    isAlike: (candidate, own) =>
      areOfOneCalendar(candidate, own) && numericVersion(candidate)?.separator === numericVersion(own)?.separator,
  },
}

function areOfOneCalendar(candidate: string, own: string): boolean {
  return !beginsWithYear(candidate) || beginsWithYear(own)
}

function numericNumbers(text: string): VersionNumbers | undefined {
  const version = numericVersion(text)
  if (version === undefined) return undefined
  const [major = 0n, minor] = version.numbers
  return {major: `${major}`, minor: `${minor ?? ''}`, isStable: version.modifier === ''}
}

function numbers(values: ReadonlyMap<string, string>): Pick<VersionNumbers, 'major' | 'minor'> {
  return {major: values.get('major') ?? '', minor: values.get('minor') ?? ''}
}

/** A `v` before a number is nothing but spelling. */
export function withoutV(text: string): string {
  return text.replace(/^[vV](?=\d)/, '')
}

/** A version of the calendar without its modifier. */
function calverHead(text: string): string {
  return /^\d+(?:[._-]\d+)*/.exec(withoutV(text))?.[0] ?? ''
}

function calverNumbers(text: string): readonly bigint[] {
  return (calverHead(text).match(/\d+/g) ?? []).map(BigInt)
}

function isCalverStable(text: string): boolean {
  return calverHead(text) === withoutV(text)
}

/** Where the numbers are the same, a version with a modifier (`2024.1.3-rc1`) comes before the one without. */
function compareCalver(a: string, b: string): number {
  const [first, second] = [calverNumbers(a), calverNumbers(b)]
  for (const [index, number] of first.entries()) {
    const other = second[index] ?? 0n
    if (number !== other) return number > other ? 1 : -1
  }
  return Number(isCalverStable(a)) - Number(isCalverStable(b))
}

/** Numbers may have any count of digits, but not the separators between them. */
function shape(text: string): string {
  return text.replace(/\d+/g, '0')
}
