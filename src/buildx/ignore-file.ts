import path from 'node:path'

/**
 * Reports whether a `.dockerignore` excludes a file at the root of the context: the last line that matches its name decides
 * (https://docs.docker.com/build/concepts/context/#dockerignore-files).
 */
export function isIgnored(name: string, text: string): boolean {
  let isExcluded = false
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    const {pattern, isException} = parseLine(line)
    if (pattern !== '' && isException === isExcluded && matches(name, pattern)) isExcluded = !isException
  }
  return isExcluded
}

interface Line {
  /** Empty for a comment. */
  readonly pattern: string
  /** Whether the line begins with an exclamation mark: it includes what lines before it exclude. */
  readonly isException: boolean
}

function parseLine(line: string): Line {
  const trimmed = line.trim()
  const isException = trimmed.startsWith('!')
  const written = isException ? trimmed.slice(1).trim() : trimmed
  const isEmpty = written === '' || line.startsWith('#')
  const pattern = isEmpty ? '' : path.posix.normalize(written).replace(/^\/(?=.)/, '')
  return {pattern: pattern.length > 1 && pattern.endsWith('/') ? pattern.slice(0, -1) : pattern, isException}
}

/** Part of a pattern: any text, or a character that a function accepts. */
type Part = 'any' | ((character: string) => boolean)

/** Reports whether a pattern matches a name without a slash. */
function matches(name: string, pattern: string): boolean {
  // Two asterisks before a plain text match every path that ends in the text.
  const [, end] = /^\*\*([^*?[\]\\/]+)$/.exec(pattern) ?? []
  if (end !== undefined) return name.endsWith(end)
  let positions = new Set([0])
  for (const part of partsOf(pattern) ?? [never]) {
    const next = part === 'any' ? rest(positions, name) : [...positions].filter((at) => accepts(part, name[at]))
    positions = new Set(part === 'any' ? next : next.map((at) => at + 1))
  }
  return positions.has(name.length)
}

const never: Part = () => false

function rest(positions: ReadonlySet<number>, name: string): readonly number[] {
  const first = Math.min(...positions)
  return Array.from({length: Math.max(name.length - first + 1, 0)}, (_, index) => first + index)
}

function accepts(part: Exclude<Part, 'any'>, character: string | undefined): boolean {
  return character !== undefined && part(character)
}

/** Parts of a pattern; undefined for one that is not valid, which the build reports. */
function partsOf(pattern: string): readonly Part[] | undefined {
  const parts: Part[] = []
  const tokens = pattern.matchAll(/\*\*\/?|[*?]|\\(.)|\[(\^?)([^[\]]+)\]|(.)/gsu)
  for (const {0: token, 1: escaped, 2: negation, 3: set = '', 4: plain, index} of tokens) {
    if (plain === '[' || plain === '\\') return undefined
    const literal = escaped ?? plain
    if (literal !== undefined) parts.push((character) => character === literal)
    else if (token === '?') parts.push(() => true)
    else if (token === '*') parts.push('any')
    // Two asterisks are for folders, of which the root has none, unless they are the end.
    else if (token.startsWith('*')) parts.push(...(index + token.length === pattern.length ? (['any'] as const) : []))
    else parts.push((character) => isInSet(character, set) !== (negation === '^'))
  }
  return parts
}

/** Reports whether a set such as `a-z_` has a character. */
function isInSet(character: string, set: string): boolean {
  return [...set.matchAll(/(.)-(.)|(.)/gsu)].some(([, from, to, single]) =>
    from === undefined || to === undefined ? character === single : from <= character && character <= to,
  )
}
