import {unquote} from './attributes.ts'

/** Position of a text in an input, 1-based. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

/** Item of a list input with its 1-based line number. */
export interface Line {
  readonly text: string
  readonly number: number
}

/** Item of a list input with its position. */
export interface ListItem extends Line {
  /** 1-based column of the first character, after an opening quote. */
  readonly column: number
}

interface ListProblem {
  readonly line: number
  readonly column: number
  /** Message that never quotes the text, which may be a secret. */
  readonly reason: string
}

export interface ListSyntax {
  /** Whether commas separate items, in addition to line breaks. */
  readonly commas: boolean
  /** Whether an item that begins with `"` ends at the closing quote and may span lines. In it, `""` is a quote. */
  readonly quotes: boolean
}

interface ParsedList {
  readonly items: readonly ListItem[]
  readonly problems: readonly ListProblem[]
}

/**
 * Parses a list with one item per line. Blank lines and lines that begin with `#` are skipped, and whitespace around an item
 * is removed. Depending on `syntax`, an item may end before the end of its line. Never throws.
 */
export function parseList(text: string, syntax: ListSyntax): ParsedList {
  return new ListScanner(text, syntax).scan()
}

/** Scanner that reads the text once and counts lines. */
class ListScanner {
  readonly #text: string
  readonly #syntax: ListSyntax
  readonly #items: ListItem[] = []
  readonly #problems: ListProblem[] = []
  #at = 0
  #line = 1
  #lineStart = 0

  constructor(text: string, syntax: ListSyntax) {
    this.#text = text
    this.#syntax = syntax
  }

  scan(): ParsedList {
    while (this.#at < this.#text.length) this.#readLine()
    return {items: this.#items, problems: this.#problems}
  }

  #readLine(): void {
    this.#skipBlanks()
    if (this.#char() === '#') {
      this.#moveTo(this.#lineEnd() + 1)
      return
    }
    do this.#readItem()
    while (this.#takeComma())
    // Only a quoted item may end before its line.
    if (this.#at < this.#lineEnd()) this.#report('the closing quote must be followed by a line break')
    this.#moveTo(this.#lineEnd() + 1)
  }

  #readItem(): void {
    this.#skipBlanks()
    if (this.#syntax.quotes && this.#char() === '"') {
      this.#readQuoted()
      return
    }
    const comma = this.#syntax.commas ? this.#text.indexOf(',', this.#at) : -1
    const end = comma === -1 ? this.#lineEnd() : Math.min(comma, this.#lineEnd())
    const item = this.#text.slice(this.#at, end).trimEnd()
    if (item !== '') this.#push(item, this.#column())
    this.#moveTo(end)
  }

  #readQuoted(): void {
    const quoted = unquote(this.#text, this.#at)
    if (quoted === undefined) {
      this.#report('the closing quote is missing')
      // The intended end of the item is unknown. Parsing the rest would report misleading problems.
      this.#moveTo(this.#text.length)
      return
    }
    if (quoted.text !== '') this.#push(quoted.text, this.#column() + 1)
    this.#moveTo(quoted.end)
  }

  #takeComma(): boolean {
    this.#skipBlanks()
    if (!this.#syntax.commas || this.#char() !== ',') return false
    this.#at += 1
    return true
  }

  #push(text: string, column: number): void {
    this.#items.push({text, number: this.#line, column})
  }

  #report(reason: string): void {
    this.#problems.push({line: this.#line, column: this.#column(), reason})
  }

  #column(): number {
    return this.#at - this.#lineStart + 1
  }

  #char(): string {
    return this.#text.charAt(this.#at)
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end === -1 ? this.#text.length : end
  }

  #skipBlanks(): void {
    while (this.#char() !== '' && this.#char() !== '\n' && this.#char().trim() === '') this.#at += 1
  }

  /** Advances to an offset and counts the line breaks. */
  #moveTo(offset: number): void {
    for (let end = this.#lineEnd(); end < offset && end < this.#text.length; end = this.#lineEnd()) {
      this.#at = end + 1
      this.#line += 1
      this.#lineStart = this.#at
    }
    this.#at = Math.min(offset, this.#text.length)
  }
}
