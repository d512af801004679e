/** Version of https://semver.org. */
export interface SemanticVersion {
  /** Major, minor and patch number. */
  readonly numbers: readonly [number, number, number]
  /** Identifiers after the dash; empty for a release. */
  readonly prerelease: readonly string[]
  /** Identifiers after the plus. */
  readonly build: readonly string[]
}

const maxLength = 256
const fullVersion = /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/

/**
 * Parses a full version, with or without a `v`. Undefined for another text, and for one that the package `semver` refuses
 * too: more than 256 characters, or a number that a double cannot represent. That package would be 8 kB of every run.
 */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  if (text.length > maxLength) return undefined
  const [, major, minor, patch, prerelease, build] = fullVersion.exec(text.trim()) ?? []
  const numbers = [Number(major), Number(minor), Number(patch)] as const
  if (!numbers.every(Number.isSafeInteger)) return undefined
  const version = {numbers, prerelease: identifiersOf(prerelease), build: identifiersOf(build)}
  const isValid =
    ![...version.prerelease, ...version.build].includes('') && !version.prerelease.some((one) => /^0\d+$/.test(one))
  return isValid ? version : undefined
}

function identifiersOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('.')
}

/** Compares by https://semver.org/#spec-item-11, to -1, 0 or 1. The build does not count. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  const orders = a.numbers.map((number, index) => number - (b.numbers[index] ?? 0))
  return Math.sign(orders.find((order) => order !== 0) ?? comparePrereleases(a.prerelease, b.prerelease))
}

/** Compares identifiers. A release, which has none, is the highest; else more of them are higher. */
function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  const index = a.findIndex((one, at) => one !== b[at])
  const [left, right] = [a[index], b[index]]
  return left === undefined || right === undefined ? a.length - b.length : compareIdentifiers(left, right)
}

/** Compares two identifiers that differ. Numbers, which may be of any length, are lower than texts. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber !== isOther) return isNumber ? -1 : 1
  return (isNumber ? a.length - b.length : 0) || (a < b ? -1 : 1)
}
