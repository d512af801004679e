/** Range of lines, from 0; the end is not part of it. */
export interface LineRange {
  readonly from: number
  readonly to: number
}

/** Lines of a text without their line breaks. */
export class Lines {
  readonly all: readonly string[]
  /** Line break that most lines of the file have. */
  readonly break: '\n' | '\r\n'
  readonly #starts: readonly number[]

  constructor(text: string) {
    const written = text.split('\n')
    const carriageReturns = written.filter((line) => line.endsWith('\r')).length
    this.break = carriageReturns > (written.length - 1) / 2 ? '\r\n' : '\n'
    this.all = written.map((line) => line.replace(/\r$/, ''))
    let start = 0
    this.#starts = written.map((line) => {
      const at = start
      start += line.length + 1
      return at
    })
  }

  /** Line of an offset. */
  lineOf(offset: number): number {
    const after = this.#starts.findIndex((start) => start > offset)
    return after === -1 ? this.#starts.length - 1 : after - 1
  }

  /** Offset of the first character of a line. Behind the last line, the end of the text. */
  startOf(line: number): number {
    return this.#starts[line] ?? Infinity
  }

  columnOf(offset: number): number {
    return offset - this.startOf(this.lineOf(offset))
  }

  slice({from, to}: LineRange): readonly string[] {
    return this.all.slice(from, to)
  }

  line(at: number): string {
    return this.all[at] ?? ''
  }
}

/** Number of spaces that a line begins with. */
export function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

export function isBlank(line: string): boolean {
  return line.trim() === ''
}

export function isComment(line: string): boolean {
  return line.trimStart().startsWith('#')
}
