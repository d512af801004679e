import {isDigest, type Digest} from '../../oci/digest.ts'

/** Digests in a JSON value, such as the outputs of jobs. */
interface JsonDigests {
  readonly digests: readonly Digest[]
  /** Names of all entries, in order. */
  readonly names: readonly string[]
  /** Whether a pattern matched a name. */
  readonly isMatched: boolean
  readonly isTooDeep: boolean
}

/** Maximum depth. The outputs of a job are JSON in JSON in JSON. */
export const maxJsonLevels = 32

/**
 * Collects every digest in a JSON value. With patterns, an entry counts only if its name, or that of an object around it,
 * matches one of them.
 */
export function digestsInJson(value: unknown, patterns: readonly string[]): JsonDigests {
  const collector = new Collector(patterns)
  collector.visit(value, 0, patterns.length === 0)
  return collector
}

/** Reports whether a name matches a pattern, in which `*` matches any text. */
function matchesPattern(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  let middle = name.slice(first.length, name.length - last.length)
  for (const part of rest) {
    const index = middle.indexOf(part)
    if (index === -1) return false
    middle = middle.slice(index + part.length)
  }
  return true
}

class Collector {
  isMatched = false
  isTooDeep = false
  readonly #patterns: readonly string[]
  readonly #digests = new Set<Digest>()
  readonly #names = new Set<string>()

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns
  }

  get digests(): readonly Digest[] {
    return [...this.#digests]
  }

  get names(): readonly string[] {
    return [...this.#names]
  }

  visit(value: unknown, level: number, isChosen: boolean): void {
    if (level > maxJsonLevels) this.isTooDeep = true
    else if (typeof value === 'string') this.#visitText(value, level, isChosen)
    else if (Array.isArray(value)) for (const item of value) this.visit(item, level + 1, isChosen)
    else if (typeof value === 'object' && value !== null)
      this.#visitFields(new Map(Object.entries(value)), level, isChosen)
  }

  /**
   * The outputs of a stage have the digest of the image in `digest` and those of its platforms in `digests`. Only the
   * former is collected if both exist.
   */
  #visitFields(fields: ReadonlyMap<string, unknown>, level: number, isChosen: boolean): void {
    const whole = fields.get('digest')
    const entries = typeof whole === 'string' && isDigest(whole) ? [['digest', whole] as const] : [...fields]
    for (const [name, value] of entries) {
      this.#names.add(name)
      this.visit(value, level + 1, this.#matches(name) || isChosen)
    }
  }

  #matches(name: string): boolean {
    const isMatch = this.#patterns.some((pattern) => matchesPattern(name, pattern))
    if (isMatch) this.isMatched = true
    return isMatch
  }

  /** The output of a job may be JSON too. */
  #visitText(text: string, level: number, isChosen: boolean): void {
    if (isDigest(text)) {
      if (isChosen) this.#digests.add(text)
      return
    }
    if (!/^\s*[[{]/.test(text)) return
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return
    }
    this.visit(value, level + 1, isChosen)
  }
}
