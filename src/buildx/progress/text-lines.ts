/** Longest line in characters; a record of BuildKit with the output of a step is far smaller. */
const longestLine = 16 * 1024 * 1024

/** Splits text that arrives in chunks of any size into lines, in linear time. A longer line is cut into several. */
export class TextLines {
  readonly #longest: number
  #pieces: string[] = []
  #length = 0

  constructor(longest = longestLine) {
    this.#longest = longest
  }

  /** Lines that end in this chunk, without their line feeds. */
  take(piece: string): readonly string[] {
    const [head = '', ...others] = piece.split('\n')
    this.#hold(head)
    const rest = others.pop()
    const lines = rest === undefined ? [] : [this.#release(), ...others]
    if (rest !== undefined) this.#hold(rest)
    return this.#length < this.#longest ? lines : [...lines, this.#release()]
  }

  /** Last line, if it has no line feed. */
  end(): readonly string[] {
    return this.#length === 0 ? [] : [this.#release()]
  }

  #hold(piece: string): void {
    if (piece === '') return
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  #release(): string {
    const line = this.#pieces.join('')
    this.#pieces = []
    this.#length = 0
    return line
  }
}
