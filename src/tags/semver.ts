import * as semver from 'semver'
import type {TextLine} from './line.ts'
import {says} from './template.ts'

/** `v1.2.3`, `1.2.3-rc.1+build`: a full version of https://semver.org, with or without the `v`. */
export function isFullVersion(text: string): boolean {
  return semver.valid(text) !== null
}

/** The pieces of a version that a pattern may name: those of docker/metadata-action, and ours: prerelease, build. */
export const semverPieces = ['raw', 'version', 'major', 'minor', 'patch', 'prerelease', 'build'] as const

/** What a pattern may name, for this version. Undefined when the text is no version. */
export function versionValues(text: string): ReadonlyMap<string, string> | undefined {
  const version = semver.parse(text)
  if (version === null) return undefined
  const pieces: Readonly<Record<(typeof semverPieces)[number], string>> = {
    raw: version.raw,
    version: version.version,
    major: String(version.major),
    minor: String(version.minor),
    patch: String(version.patch),
    prerelease: version.prerelease.join('.'),
    build: version.build.join('.'),
  }
  return new Map(Object.entries(pieces))
}

/**
 * The pattern that holds for this version. A pre-release must not move `1.2`, so a pattern of pieces gives the whole
 * version, as docker/metadata-action documents; one that names the whole version is kept with its literal text.
 */
export function effectivePattern(pattern: string, values: ReadonlyMap<string, string>): string {
  const whole = namesWholeVersion(pattern)
  return values.get('prerelease') === '' || whole ? pattern : '{{version}}'
}

/** What a pattern that `effectivePattern` gave promises for this version. */
export function semverLine(pattern: string, values: ReadonlyMap<string, string>): TextLine {
  const version = values.get('version') ?? ''
  if (namesFullVersion(pattern)) return {kind: 'release', scheme: 'semver', version}
  return {kind: 'version', scheme: 'semver', version, ...lineNumber(pattern, values)}
}

/** The level of a pattern that does not name the whole version, and the text that its number has. */
export function lineNumber(
  pattern: string,
  values: ReadonlyMap<string, string>,
): {readonly level: 'all' | 'major' | 'minor'; readonly number: string} {
  const [major, minor] = ['major', 'minor'].map((piece) => values.get(piece) ?? '')
  if (says(pattern, 'minor')) return {level: 'minor', number: `${major ?? ''}.${minor ?? ''}`}
  return says(pattern, 'major') ? {level: 'major', number: major ?? ''} : {level: 'all', number: ''}
}

export function isStable(values: ReadonlyMap<string, string>): boolean {
  return values.get('prerelease') === ''
}

/** Whether every version gives another text under this pattern: without a separator, 1.11.1 and 11.1.1 give the same. */
export function namesFullVersion(pattern: string): boolean {
  const areApart = !/\}\}\d*\{\{/.test(pattern)
  return namesWholeVersion(pattern) || (areApart && ['major', 'minor', 'patch'].every((piece) => says(pattern, piece)))
}

function namesWholeVersion(pattern: string): boolean {
  return says(pattern, 'version') || says(pattern, 'raw')
}

/** Below 0: the first comes before the second (https://semver.org/#spec-item-11). Both are full versions. */
export function compareSemver(a: string, b: string): number {
  return semver.compare(a, b)
}
