/** Known word that is most similar to `word`, or undefined if none is similar enough to suggest. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase()
  const limit = Math.max(1, Math.floor(word.length / 3))
  const [best] = known
    .map((candidate) => ({candidate, distance: editDistance(lower, candidate.toLowerCase())}))
    .filter(({distance}) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
  return best?.candidate
}

/** Suggests the most similar word, or lists all known words if none is similar. */
export function suggestion(word: string, known: readonly string[]): string {
  const match = nearest(word, known)
  return match === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean "${match}"?`
}

/** Optimal string alignment distance: Levenshtein distance in which a swap of two adjacent characters counts as one edit. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = []
  let previous = Array.from({length: b.length + 1}, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = isSwapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY
      current.push(Math.min(substitution, swap, at(previous, j) + 1, at(current, j - 1) + 1))
    }
    before = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
