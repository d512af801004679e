/**
 * Reports whether a pattern matches a whole text: `*` matches any text, and any other character one for which `isMatch`
 * holds. It compares from the left, and goes back to the last star only, so that the time is at most the product of the
 * lengths.
 */
export function matchesStars(
  pattern: string,
  text: string,
  isMatch: (expected: string | undefined, character: string | undefined) => boolean,
): boolean {
  let at = 0
  let position = 0
  let star = -1
  let afterStar = 0
  while (position < text.length) {
    if (pattern[at] === '*') {
      star = at
      afterStar = position
      at += 1
    } else if (at < pattern.length && isMatch(pattern[at], text[position])) {
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
