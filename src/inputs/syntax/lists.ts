import {unquote} from './attributes.ts'

/** Where in an input a text begins; 1-based. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

/** One item of a list input, with the 1-based line that it stands on. */
export interface Line {
  readonly text: string
  readonly number: number
}

/** An item of a list input and where it begins. */
export interface ListItem extends Line {
  /** 1-based column of the item's first character in its line; behind the opening quote of a quoted item. */
  readonly column: number
}

export interface ListProblem {
  readonly line: number
  readonly column: number
  /** Never quotes the text: it may be a secret. */
  readonly reason: string
}

export interface ListSyntax {
  /** Commas separate items, as line breaks do. */
  readonly commas: boolean
  /** An item that begins with `"` ends at the closing quote and may span lines; `""` in it is one quote. */
  readonly quotes: boolean
}

export interface ParsedList {
  readonly items: readonly ListItem[]
  readonly problems: readonly ListProblem[]
}

/**
 * One item a line. Blank lines and lines whose first character is `#` are skipped, blanks around an item are dropped,
 * and apart from what `syntax` allows an item runs to the end of its line. Pure, and never throws.
 */
export function parseList(text: string, syntax: ListSyntax): ParsedList {
  return new ListScanner(text, syntax).scan()
}

/** Walks through the text once and keeps count of lines. */
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
    // Only a quoted item can end before its line does.
    if (this.#at < this.#lineEnd()) this.#report('text follows the closing quote')
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
      this.#report('this quote is never closed')
      // Where the item was meant to end is anyone's guess: what follows would only give misleading problems.
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

  /** Goes forward to an offset, past any line breaks on the way. */
  #moveTo(offset: number): void {
    for (let end = this.#lineEnd(); end < offset && end < this.#text.length; end = this.#lineEnd()) {
      this.#at = end + 1
      this.#line += 1
      this.#lineStart = this.#at
    }
    this.#at = Math.min(offset, this.#text.length)
  }
}
