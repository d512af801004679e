/** Part of a pattern: characters that it accepts, and how often. */
interface Part {
  readonly accepts: (character: string) => boolean
  readonly optional: boolean
  readonly repeats: boolean
  /** Whether this part and the slash behind it can be left out: `**` and a slash match the top folder too. */
  readonly skipsSlash: boolean
}

/**
 * Reports whether a filter pattern of GitHub matches a whole name:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 * The time is at most the product of the lengths.
 */
export function matchesFilter(pattern: string, name: string): boolean {
  const parts = partsOf(pattern)
  let at = withSkips(parts, new Set([0]))
  for (const character of name) {
    const next = new Set<number>()
    for (const index of at) {
      const part = parts[index]
      if (part?.accepts(character) !== true) continue
      if (part.repeats) next.add(index)
      next.add(index + 1)
    }
    at = withSkips(parts, next)
  }
  return at.has(parts.length)
}

/** Positions that are reached without another character. */
function withSkips(parts: readonly Part[], positions: ReadonlySet<number>): ReadonlySet<number> {
  const found = new Set(positions)
  // A set yields what is added while it is read.
  for (const index of found) {
    const part = parts[index]
    if (part?.optional === true) found.add(index + 1)
    if (part?.skipsSlash === true) found.add(index + 2)
  }
  return found
}

/** Last pattern that matches decides: a pattern after `!` excludes what matches. */
export function passesFilters(patterns: readonly string[], name: string): boolean {
  const last = patterns.findLast((pattern) => matchesFilter(pattern.replace(/^!/, ''), name))
  return last !== undefined && !last.startsWith('!')
}

function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = []
  let rest = pattern
  while (rest !== '') {
    const {length, ...part} = nextPart(rest, pattern.length === rest.length || pattern.at(-rest.length - 1) === '/')
    parts.push(part)
    rest = rest.slice(length)
  }
  return parts
}

function nextPart(rest: string, isFolderStart: boolean): Part & {readonly length: number} {
  const stars = /^\*+/.exec(rest)?.[0].length ?? 0
  if (stars === 0) return characterPart(rest)
  const isDeep = stars > 1
  return {
    accepts: (character) => isDeep || character !== '/',
    optional: true,
    repeats: true,
    skipsSlash: isDeep && isFolderStart && /^\*+\/(?![?+])/.test(rest),
    length: stars,
  }
}

/** One character, or a set in brackets, with its quantifier. */
function characterPart(rest: string): Part & {readonly length: number} {
  const match = /^(?:\[(?<set>[^\]]+)\]|\\(?<escaped>.)|(?<plain>.))(?<quantifier>[?+]?)/su.exec(rest)
  const {set, escaped, plain, quantifier} = match?.groups ?? {}
  const single = escaped ?? plain
  return {
    accepts: set === undefined ? (character) => character === single : acceptsSet(set),
    optional: quantifier === '?',
    repeats: quantifier === '+',
    skipsSlash: false,
    length: match?.[0].length ?? 1,
  }
}

/** Characters and ranges between brackets. */
function acceptsSet(content: string): (character: string) => boolean {
  const ranges = [...content.matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, one]) => [from ?? one ?? '', to ?? one ?? ''] as const,
  )
  return (character) => ranges.some(([from, to]) => from <= character && character <= to)
}
