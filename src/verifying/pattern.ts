/**
 * Reports whether a whole text matches a pattern, in which `*` matches characters without a slash, or none.
 * Everything else is literal.
 */
export function matches(pattern: string, text: string): boolean {
  const patterns = pattern.split('/')
  const parts = text.split('/')
  return patterns.length === parts.length && patterns.every((one, index) => matchesPart(one, parts[index] ?? ''))
}

/** Compares from the left, and goes back to the last star only, so that the time is at most the product of the lengths. */
function matchesPart(pattern: string, text: string): boolean {
  let at = 0
  let position = 0
  let star = -1
  let afterStar = 0
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at
      afterStar = position
      at += 1
    } else if (at < pattern.length && pattern[at] === text[position]) {
      at += 1
      position += 1
    } else if (star === -1) {
      return false
    } else {
      afterStar += 1
      position = afterStar
      at = star + 1
    }
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}
