import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import valid from 'semver/functions/valid.js'
import type {TextRole} from '../tag-role.ts'
import {hasExpression} from '../templates/template.ts'
import {numericNumbers} from './numeric-scheme.ts'
import {beginsWithYear, compareNumeric} from './numeric-version.ts'
import {numbersIn, type PatternScheme} from './version-scheme.ts'

/** Reports whether a text is a full version of https://semver.org, with or without a `v`: `v1.2.3`, `1.2.3-rc.1+build`. */
export function isFullVersion(text: string): boolean {
  return valid(text) !== null
}

/** Full version at the end of a text, without its `v`: `1.2.3` of `api/v1.2.3`. */
export function fullVersionIn(text: string): string | undefined {
  const [found] = /(?<![\d.!])\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.exec(text) ?? []
  return found !== undefined && isFullVersion(found) ? found : undefined
}

/** Names of the parts of a version in a pattern: those of docker/metadata-action, and `prerelease` and `build`. */
export const semverPieces = ['raw', 'version', 'major', 'minor', 'patch', 'prerelease', 'build'] as const

/** Parts of a semantic version by name; undefined for another text. */
export function versionValues(text: string): ReadonlyMap<string, string> | undefined {
  const version = parse(text)
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

/** Version with its build metadata: two Git tags with different metadata are two releases. */
export function wholeVersion(values: ReadonlyMap<string, string>): string {
  const [version = '', build = ''] = [values.get('version'), values.get('build')]
  return build === '' ? version : `${version}+${build}`
}

/**
 * Pattern for a version. A pre-release must not move `1.2`, so the whole version replaces its parts in the pattern, and
 * the text around them stays: `{{major}}.{{minor}}-alpine` becomes `{{version}}-alpine`. In a pattern without parts, the
 * version replaces the first word.
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

/** Role of the text of a pattern from `effectivePattern`. */
function semverRole(pattern: string, values: ReadonlyMap<string, string>): TextRole {
  const version = wholeVersion(values)
  if (namesFullVersion(pattern)) return {kind: 'release', scheme: 'semver', version}
  return {kind: 'version-line', scheme: 'semver', version, level: lineLevel(pattern)}
}

/** Reports whether a pattern distinguishes versions, but not their builds. */
export function dropsBuild(pattern: string): boolean {
  return namesFullVersion(pattern) && !namesWholeVersion(pattern) && !hasExpression(pattern, 'build')
}

/** Reports whether a pattern names the build metadata, so that its `{{version}}` need not contain it. */
export function namesBuild(pattern: string): boolean {
  return hasExpression(pattern, 'raw') || hasExpression(pattern, 'build')
}

/**
 * Level of the version line of a pattern without the whole version: no version outside of the line gives the same text.
 * Without a major number, or if numbers are adjacent (`112` is of 1.12 and of 11.2), the line is all versions.
 */
export function lineLevel(pattern: string): 'all' | 'major' | 'minor' {
  if (!hasSeparators(pattern) || !hasExpression(pattern, 'major')) return 'all'
  return hasExpression(pattern, 'minor') ? 'minor' : 'major'
}

/** Reports whether a version is not a pre-release. */
export function isStable(values: ReadonlyMap<string, string>): boolean {
  return values.get('prerelease') === ''
}

/** Reports whether every version gives another text. Without separators, 1.11.1 and 11.1.1 give the same. */
export function namesFullVersion(pattern: string): boolean {
  return (
    namesWholeVersion(pattern) ||
    (hasSeparators(pattern) && ['major', 'minor', 'patch'].every((piece) => hasExpression(pattern, piece)))
  )
}

/** Reports whether no two expressions are adjacent, or have only digits between them. */
function hasSeparators(pattern: string): boolean {
  return !/\}\}\d*\{\{/.test(pattern)
}

/** Reports whether a pattern contains the whole version. */
export function namesWholeVersion(pattern: string): boolean {
  return hasExpression(pattern, 'version') || hasExpression(pattern, 'raw')
}

/** Compares two full versions by https://semver.org/#spec-item-11. */
export function compareSemver(a: string, b: string): number {
  return compare(a, b)
}

/** Scheme of https://semver.org. */
export const semverScheme: PatternScheme = {
  parts: versionValues,
  isStable: (text) => versionValues(text)?.get('prerelease') === '',
  role: semverRole,
  parse: (text) => {
    const parts = versionValues(text)
    // A calendar version such as 2026.02.0 is not a semantic version, but is lower than 2026.10.0, which is one.
    return parts === undefined ? numericNumbers(text) : {...numbersIn(parts), isStable: isStable(parts)}
  },
  compare: (a, b) =>
    [a, b].every((text) => versionValues(text) !== undefined) ? compareSemver(a, b) : compareNumeric(a, b),
  hasFormOf: (candidate, version) =>
    /^\d+\.\d+\.\d/.test(candidate) &&
    (beginsWithYear(candidate) ? beginsWithYear(version) : versionValues(candidate) !== undefined),
}
