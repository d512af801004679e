import * as semver from 'semver'
import type {TextLine} from '../tag-role.ts'
import {says} from '../templates/template.ts'

/** `v1.2.3`, `1.2.3-rc.1+build`: a full version of https://semver.org, with or without the `v`. */
export function isFullVersion(text: string): boolean {
  return semver.valid(text) !== null
}

/** The full version that a text ends in, with a `v` before it or not: of `api/v1.2.3`. */
export function fullVersionIn(text: string): string | undefined {
  const [found] = /(?<![\d.!])\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(text) ?? []
  return found !== undefined && isFullVersion(found) ? found : undefined
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

/** With the part behind the plus: two Git tags that differ there are two releases. */
export function wholeVersion(values: ReadonlyMap<string, string>): string {
  const [version = '', build = ''] = [values.get('version'), values.get('build')]
  return build === '' ? version : `${version}+${build}`
}

/**
 * The pattern that holds for this version. A pre-release must not move `1.2`, so that the pieces of a pattern give way to the
 * whole version, and the text around them stays: `{{major}}.{{minor}}-alpine` is not the plain image's tag. Without pieces,
 * the version takes the place of the first word.
 */
export function effectivePattern(pattern: string, isPrerelease: boolean): string {
  if (!isPrerelease || namesWholeVersion(pattern)) return pattern
  const pieces = [...pattern.matchAll(/\{\{\s*(?:major|minor|patch|prerelease|build)\s*\}\}/g)]
  const [first, last] = [pieces[0], pieces.at(-1)]
  if (first === undefined || last === undefined) {
    return pattern.includes('{{') ? `{{version}}-${pattern}` : pattern.replace(/^[^-]*/, '{{version}}')
  }
  return `${pattern.slice(0, first.index)}{{version}}${pattern.slice(last.index + last[0].length)}`
}

/** What a pattern that `effectivePattern` gave promises for this version. */
export function semverLine(pattern: string, values: ReadonlyMap<string, string>): TextLine {
  const version = wholeVersion(values)
  if (namesFullVersion(pattern)) return {kind: 'release', scheme: 'semver', version}
  return {kind: 'version', scheme: 'semver', version, level: levelOf(pattern)}
}

/** Whether a pattern that tells versions apart leaves out what is behind the plus. */
export function dropsBuild(pattern: string): boolean {
  return namesFullVersion(pattern) && !namesWholeVersion(pattern) && !says(pattern, 'build')
}

/** Whether a pattern says the part behind the plus by itself: its `{{version}}` need not say it once more. */
export function namesBuild(pattern: string): boolean {
  return says(pattern, 'raw') || says(pattern, 'build')
}

/**
 * The line of a pattern that does not name the whole version: no version outside of it gives the same text. Without its major
 * number, or where numbers run into each other (`112` is of 1.12 and of 11.2), only all versions are such a line.
 */
export function levelOf(pattern: string): 'all' | 'major' | 'minor' {
  if (!areApart(pattern) || !says(pattern, 'major')) return 'all'
  return says(pattern, 'minor') ? 'minor' : 'major'
}

export function isStable(values: ReadonlyMap<string, string>): boolean {
  return values.get('prerelease') === ''
}

/** Whether every version gives another text under this pattern: without a separator, 1.11.1 and 11.1.1 give the same. */
export function namesFullVersion(pattern: string): boolean {
  return (
    namesWholeVersion(pattern) ||
    (areApart(pattern) && ['major', 'minor', 'patch'].every((piece) => says(pattern, piece)))
  )
}

function areApart(pattern: string): boolean {
  return !/\}\}\d*\{\{/.test(pattern)
}

/** Whether a pattern holds the version as a whole. */
export function namesWholeVersion(pattern: string): boolean {
  return says(pattern, 'version') || says(pattern, 'raw')
}

/** Below 0: the first comes before the second (https://semver.org/#spec-item-11). Both are full versions. */
export function compareSemver(a: string, b: string): number {
  return semver.compare(a, b)
}
