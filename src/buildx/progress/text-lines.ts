/** Characters; a record of BuildKit's with the output of a step is far smaller. */
const longestLine = 16 * 1024 * 1024

/** Makes lines of what comes in any pieces, in time that grows with the text alone. One without end is cut into several. */
export class TextLines {
  readonly #longest: number
  #pieces: string[] = []
  #length = 0

  constructor(longest = longestLine) {
    this.#longest = longest
  }

  /** The lines that end in this piece, without their line feeds. */
  take(piece: string): readonly string[] {
    const [head = '', ...others] = piece.split('\n')
    this.#hold(head)
    const rest = others.pop()
    const lines = rest === undefined ? [] : [this.#release(), ...others]
    if (rest !== undefined) this.#hold(rest)
    return this.#length < this.#longest ? lines : [...lines, this.#release()]
  }

  /** A last line without a line feed, if there is one. */
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
