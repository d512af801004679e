import * as semver from 'semver'
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
