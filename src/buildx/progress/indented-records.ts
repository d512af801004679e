/** Most lines of one record. Longer text is not a record. */
const maxLines = 10_000

/** Joins the lines of a record that Buildx 0.12 prints as indented JSON. Later versions print one record per line. */
export class IndentedRecords {
  #open: string[] = []

  /** Lines that are complete with this line. */
  take(line: string): readonly string[] {
    if (this.#open.length === 0 && line !== '{') return [line]
    this.#open.push(line)
    if (line === '}') return [this.#release().join('')]
    return this.#open.length < maxLines ? [] : this.#release()
  }

  /** Lines of a record without an end. */
  end(): readonly string[] {
    return this.#release()
  }

  #release(): readonly string[] {
    const lines = this.#open
    this.#open = []
    return lines
  }
}
