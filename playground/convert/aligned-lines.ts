/** Lines of two texts that are shown side by side, as indexes. A side without a line has none. */
export interface LinePair {
  readonly a: number | undefined
  readonly b: number | undefined
}

/** Most pairs of lines that are compared: 16 MB for a table. */
const maxPairs = 4_000_000

/** Lines of the last two texts, and their pairs. */
let last: {readonly lines: string; readonly pairs: readonly LinePair[] | undefined} | undefined

/**
 * Lines in their order, each with its counterpart, which is equal or sets the same key. Undefined: the texts are too large.
 * The last texts are compared once, since several parts of the page ask for their pairs.
 */
export function alignedLines(a: readonly string[], b: readonly string[]): readonly LinePair[] | undefined {
  const lines = JSON.stringify([a, b])
  if (lines !== last?.lines) last = {lines, pairs: alignLines(a, b)}
  return last.pairs
}

function alignLines(a: readonly string[], b: readonly string[]): readonly LinePair[] | undefined {
  const shorter = Math.min(a.length, b.length)
  let head = 0
  while (head < shorter && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const middleA = a.slice(head, a.length - tail)
  const middleB = b.slice(head, b.length - tail)
  if (middleA.length * middleB.length > maxPairs) return undefined
  const paired = (count: number, fromA: number, fromB: number): readonly LinePair[] =>
    Array.from({length: count}, (_, index) => ({a: fromA + index, b: fromB + index}))
  return [
    ...paired(head, 0, 0),
    ...bestPairs(middleA, middleB).map((pair) => ({
      a: pair.a === undefined ? undefined : pair.a + head,
      b: pair.b === undefined ? undefined : pair.b + head,
    })),
    ...paired(tail, a.length - tail, b.length - tail),
  ]
}

const never = -1_000_000_000

/** Pairs with the greatest worth in sum. */
function bestPairs(a: readonly string[], b: readonly string[]): readonly LinePair[] {
  const width = b.length + 1
  // Greatest worth of the first lines of both texts, and that of those whose last lines are a pair.
  const best = new Int32Array((a.length + 1) * width)
  const joined = new Int32Array((a.length + 1) * width).fill(never)
  const at = (table: Int32Array, i: number, j: number): number => table[i * width + j] ?? never
  const [linesA, linesB] = [a.map(lineOf), b.map(lineOf)]
  // A pair right below another one is worth more: steps stay together.
  const joinedBefore = (i: number, j: number): number =>
    at(joined, i - 1, j - 1) + (worthOf(linesA[i - 1], linesB[j - 1]) > 2 ? 2 : 1)
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const worth = worthOf(linesA[i - 1], linesB[j - 1])
      const pair = worth === 0 ? never : worth + Math.max(at(best, i - 1, j - 1), joinedBefore(i, j))
      joined[i * width + j] = pair
      best[i * width + j] = Math.max(pair, at(best, i - 1, j), at(best, i, j - 1))
    }
  }
  const found: LinePair[] = []
  let [i, j, mustJoin] = [a.length, b.length, false]
  while (i > 0 || j > 0) {
    const isPair = mustJoin || (i > 0 && j > 0 && at(joined, i, j) === at(best, i, j))
    if (isPair) {
      mustJoin = joinedBefore(i, j) > at(best, i - 1, j - 1)
      found.push({a: (i -= 1), b: (j -= 1)})
    } else if (j > 0 && at(best, i, j) === at(best, i, j - 1)) found.push({a: undefined, b: (j -= 1)})
    else found.push({a: (i -= 1), b: undefined})
  }
  return found.reverse()
}

/** Line of YAML. */
interface Line {
  readonly text: string
  /** Column and name of the key; undefined for a line without one. */
  readonly key: string | undefined
  readonly value: string
  /** Worth of a pair with an equal line. A line such as `with:` is in every step, and says little. */
  readonly worth: number
}

function lineOf(text: string): Line {
  const [, space = '', name, value = ''] = /^(\s*(?:- +)?)([\w-]+):\s*(.*)$/.exec(text) ?? []
  const worth = text.trim() === '' ? 1 : name !== undefined && value === '' ? 2 : 4
  return {text, key: name === undefined ? undefined : `${space.length} ${name}`, value, worth}
}

/** Worth of a pair: equal lines, equal keys and values of which one begins a step, or equal keys. */
function worthOf(a: Line | undefined, b: Line | undefined): number {
  if (a === undefined || b === undefined) return 0
  if (a.text === b.text) return a.worth
  if (a.key === undefined || a.key !== b.key) return 0
  return a.value === b.value && a.value !== '' ? 3 : 1
}
