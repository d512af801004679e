import * as semver from 'semver'

/** `v1.2.3`, `1.2.3-rc.1+build`: a full version of https://semver.org, with or without the `v`. */
export function isFullVersion(text: string): boolean {
  return semver.valid(text) !== null
}

/** The pieces of a version that a pattern may name. Undefined when the text is no version. */
export function versionValues(text: string): ReadonlyMap<string, string> | undefined {
  const version = semver.parse(text)
  if (version === null) return undefined
  return new Map([
    ['raw', version.raw],
    ['version', version.version],
    ['major', String(version.major)],
    ['minor', String(version.minor)],
    ['patch', String(version.patch)],
    ['prerelease', version.prerelease.join('.')],
    ['build', version.build.join('.')],
  ])
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

/** Whether every version gives another text under this pattern. */
export function namesFullVersion(pattern: string): boolean {
  return namesWholeVersion(pattern) || ['major', 'minor', 'patch'].every((piece) => names(pattern, piece))
}

function namesWholeVersion(pattern: string): boolean {
  return names(pattern, 'version') || names(pattern, 'raw')
}

function names(pattern: string, name: string): boolean {
  return new RegExp(`\\{\\{[^}]*\\b${name}\\b`).test(pattern)
}
