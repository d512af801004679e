import type {TextRole} from '../tag-role.ts'
import {beginsWithYear} from './numeric-version.ts'

/** Numbers of a version, each in one spelling. Version lines are named after them: `1.2.x`. */
export interface VersionNumbers {
  readonly major: string
  readonly minor: string
  readonly isStable: boolean
}

/** Parses and compares the versions of one scheme. */
export interface VersionScheme {
  /** Numbers of a version; undefined for a text of another form. */
  readonly parse: (text: string) => VersionNumbers | undefined
  /** Compares two versions: negative if the first is lower. */
  readonly compare: (a: string, b: string) => number
  /**
   * Reports whether a candidate has the form of a version. A date, or a commit of digits only, could be parsed as a
   * version. One that begins with a year is not of a line without years: nightly images have such tags.
   */
  readonly hasFormOf: (candidate: string, version: string) => boolean
}

/** A scheme whose versions fill the patterns of rules. */
export interface PatternScheme extends VersionScheme {
  /** Parts of a version by name; undefined for another text. */
  readonly parts: (text: string) => ReadonlyMap<string, string> | undefined
  readonly isStable: (text: string) => boolean
  /** Role of the text that a pattern gives for a version with these parts. */
  readonly role: (pattern: string, parts: ReadonlyMap<string, string>) => TextRole
}

/** Reports whether the candidate begins with a year only if the version does. */
export function areOfOneCalendar(candidate: string, version: string): boolean {
  return !beginsWithYear(candidate) || beginsWithYear(version)
}

/** Text without a `v` before its number. */
export function withoutV(text: string): string {
  return text.replace(/^[vV](?=\d)/, '')
}

/** Major and minor number among the parts of a version. */
export function numbersIn(parts: ReadonlyMap<string, string>): Pick<VersionNumbers, 'major' | 'minor'> {
  return {major: parts.get('major') ?? '', minor: parts.get('minor') ?? ''}
}
