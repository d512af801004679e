import {matchesStars} from '../inputs/syntax/stars.ts'

/**
 * Reports whether a whole text matches a pattern, in which `*` matches characters without a slash, or none.
 * Everything else is literal.
 */
export function matches(pattern: string, text: string): boolean {
  const patterns = pattern.split('/')
  const parts = text.split('/')
  return (
    patterns.length === parts.length && patterns.every((one, index) => matchesStars(one, parts[index] ?? '', isSame))
  )
}

function isSame(expected: string | undefined, character: string | undefined): boolean {
  return expected === character
}
