import {areOfOneCalendar, withoutV, type VersionScheme} from './version-scheme.ts'

/** Scheme of calendar versions, whatever the pattern of the rule. */
export const calverScheme: VersionScheme = {
  parse: (text) => {
    const [major, minor] = numbersOf(text)
    return major === undefined ? undefined : {major: `${major}`, minor: `${minor ?? ''}`, isStable: isStable(text)}
  },
  compare: compareCalver,
  hasFormOf: (candidate, version) =>
    areOfOneCalendar(candidate, version) && formOf(candidate) === formOf(withoutModifier(version)),
}

function withoutModifier(text: string): string {
  return /^\d+(?:[._-]\d+)*/.exec(withoutV(text))?.[0] ?? ''
}

function numbersOf(text: string): readonly bigint[] {
  return (withoutModifier(text).match(/\d+/g) ?? []).map(BigInt)
}

function isStable(text: string): boolean {
  return withoutModifier(text) === withoutV(text)
}

/** Compares two versions. One with a modifier (`2024.1.3-rc1`) is lower than the one without. */
function compareCalver(a: string, b: string): number {
  const [first, second] = [numbersOf(a), numbersOf(b)]
  for (const [index, number] of first.entries()) {
    const other = second[index] ?? 0n
    if (number !== other) return number > other ? 1 : -1
  }
  return Number(isStable(a)) - Number(isStable(b))
}

/** Separators of a version: its numbers may have any number of digits. */
function formOf(text: string): string {
  return text.replace(/\d+/g, '0')
}
