/** Version of https://semver.org. */
export interface SemanticVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** Text between `-` and `+`; empty for a stable version. */
  readonly prerelease: string
  /** Text after `+`, or empty. */
  readonly build: string
}

const maxLength = 256

/**
 * Parses a version, with or without a `v`, and with spaces around it. Undefined for another text. The results are those of
 * the package `semver`, whose code is five times as large; the tests compare them.
 */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  if (text.length > maxLength) return undefined
  const found = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(text.trim())
  if (found === null) return undefined
  const [, major = '', minor = '', patch = '', prerelease, build] = found
  const isValid =
    [major, minor, patch].every((digits) => isNumber(digits) && Number.isSafeInteger(Number(digits))) &&
    (prerelease === undefined || prerelease.split('.').every(isIdentifier)) &&
    (build === undefined || !build.split('.').includes(''))
  if (!isValid) return undefined
  const numbers = {major: Number(major), minor: Number(minor), patch: Number(patch)}
  return {...numbers, prerelease: prerelease ?? '', build: build ?? ''}
}

/** Compares two versions by https://semver.org/#spec-item-11: -1 if the first is lower. */
export function compareSemanticVersions(a: SemanticVersion, b: SemanticVersion): number {
  const numbers = a.major - b.major || a.minor - b.minor || a.patch - b.patch
  return Math.sign(numbers || comparePrereleases(a.prerelease, b.prerelease))
}

function comparePrereleases(a: string, b: string): number {
  if (a === '' || b === '') return Number(a === '') - Number(b === '')
  const [first, second] = [a.split('.'), b.split('.')]
  for (const [index, one] of first.entries()) {
    const other = second[index]
    if (other === undefined) return 1
    const order = compareIdentifiers(one, other)
    if (order !== 0) return order
  }
  return first.length - second.length
}

/** Compares two identifiers: numbers are lower than words. A long number is not rounded. */
function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0
  const [first, second] = [isDigits(a), isDigits(b)]
  if (first !== second) return first ? -1 : 1
  if (first && a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}

function isIdentifier(text: string): boolean {
  return text !== '' && (!isDigits(text) || isNumber(text))
}

function isDigits(text: string): boolean {
  return /^\d+$/.test(text)
}

/** Reports whether digits have no leading zero. */
function isNumber(digits: string): boolean {
  return digits === '0' || !digits.startsWith('0')
}
