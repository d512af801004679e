/** Number of a field, and its value. */
type Field = readonly [number, number | Uint8Array]

/** Fields of a message by number. A field that is repeated has its last value. */
type Fields = ReadonlyMap<number, number | Uint8Array>

/** Encodes fields as a Protocol Buffers message (https://protobuf.dev/programming-guides/encoding/). */
export function encodeFields(fields: readonly (readonly [number, number | string])[]): Uint8Array {
  const parts = fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [varint(number * 8), varint(value)]
    const text = Buffer.from(value)
    return [varint(number * 8 + 2), varint(text.byteLength), text]
  })
  return Buffer.concat(parts)
}

/** Decodes a message. Its values share the memory of `bytes`. @throws RangeError if it is cut off or invalid. */
export function decodeFields(bytes: Uint8Array): Fields {
  return new Map(fieldsIn(bytes))
}

/** Values of a repeated field of strings or messages, in order. @throws RangeError as `decodeFields` does. */
export function repeatedField(bytes: Uint8Array, number: number): readonly Uint8Array[] {
  return [...fieldsIn(bytes)].flatMap(([found, value]) =>
    found === number && value instanceof Uint8Array ? [value] : [],
  )
}

function* fieldsIn(bytes: Uint8Array): Generator<Field, void, undefined> {
  const reader = new Reader(bytes)
  while (!reader.isAtEnd) {
    const tag = reader.varint()
    yield [Math.floor(tag / 8), reader.value(tag % 8)]
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  return Uint8Array.from([...bytes, rest])
}

class Reader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.byteLength
  }

  /** A number of up to 64 bits; one above 2^53 loses digits. */
  varint(): number {
    let value = 0
    for (let factor = 1; factor <= 2 ** 63; factor *= 0x80) {
      const [byte = 0] = this.#take(1)
      value += (byte % 0x80) * factor
      if (byte < 0x80) return value
    }
    throw new RangeError('a number of more than 64 bits')
  }

  value(wireType: number): number | Uint8Array {
    switch (wireType) {
      case 0:
        return this.varint()
      case 1:
        return this.#take(8)
      case 2:
        return this.#take(this.varint())
      case 5:
        return this.#take(4)
      default:
        throw new RangeError(`the wire type ${wireType}`)
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#position + length
    if (end > this.#bytes.byteLength) throw new RangeError('the message is cut off')
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }
}
