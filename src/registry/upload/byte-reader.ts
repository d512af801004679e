/** Reader of a stream in pieces of any length. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  /** Bytes that were read from the stream, but not taken yet. */
  #rest: Uint8Array = new Uint8Array(0)
  #position = 0

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Number of bytes that were taken. */
  get position(): number {
    return this.#position
  }

  /** Takes the next bytes, in chunks; fewer only at the end of the stream. */
  async *take(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    let remaining = length
    while (remaining > 0) {
      const chunk = await this.#next()
      if (chunk === undefined) return
      const piece = chunk.subarray(0, remaining)
      this.#rest = chunk.subarray(piece.byteLength)
      this.#position += piece.byteLength
      remaining -= piece.byteLength
      yield piece
    }
  }

  async skip(length: number): Promise<void> {
    for await (const piece of this.take(length)) if (piece.byteLength === 0) return
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#rest.byteLength > 0) return this.#rest
    for (;;) {
      const next = await this.#chunks.next()
      if (next.done === true) return undefined
      if (next.value.byteLength > 0) return next.value
    }
  }
}
