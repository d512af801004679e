import type {Lines, LineRange} from './lines.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Changes of a text. What no change covers stays byte for byte. */
export class Edits {
  readonly #edits: Edit[] = []

  /** Replaces the text between two offsets. */
  replace(start: number, end: number, text: string): void {
    this.#edits.push({start, end, text})
  }

  /** Replaces lines with other lines, which get the line break of the file. */
  replaceLines(lines: Lines, {from, to}: LineRange, replacement: readonly string[]): void {
    const text = replacement.map((line) => `${line}${lines.break}`).join('')
    this.replace(lines.startOf(from), lines.startOf(to), text)
  }

  get isEmpty(): boolean {
    return this.#edits.length === 0
  }

  /** Applies the changes. A change within another one is left out. */
  apply(text: string): string {
    const sorted = this.#edits.toSorted((a, b) => a.start - b.start || b.end - a.end)
    let result = ''
    let at = 0
    for (const {start, end, text: replacement} of sorted) {
      if (start < at) continue
      result += text.slice(at, start) + replacement
      at = Math.min(end, text.length)
    }
    const whole = result + text.slice(at)
    const endsWithBreak = text.endsWith('\n')
    return endsWithBreak ? whole : whole.replace(/\r?\n$/, '')
  }
}
