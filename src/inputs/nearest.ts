/** The known word that `word` was probably meant to be, or undefined when none is close enough to suggest. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  const limit = Math.max(1, Math.floor(word.length / 3))
  const [best] = known
    .map((candidate) => ({candidate, distance: editDistance(lower, candidate.toLowerCase())}))
    .filter(({distance}) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return best?.candidate
}

/** `Did you mean "pattern"?`, or the list of what is possible when nothing is close. */
export function suggestion(word: string, known: readonly string[]): string {
  const match = nearest(word, known)
  return match === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${match}"?`
}

/** Levenshtein distance, two rows at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({length: b.length + 1}, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, at(previous, j) + 1, at(current, j - 1) + 1))
    }
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
