import {timingSafeEqual} from 'node:crypto'

/**
 * Opens a box of NaCl: XSalsa20 and Poly1305 (https://nacl.cr.yp.to/secretbox.html). Node.js does not have this cipher.
 * @param key 32 bytes
 * @param nonce 24 bytes
 * @returns the plain text. Undefined if the key does not fit or the box was changed.
 */
export function openBox(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (box.byteLength < tagBytes) return undefined
  const [tag, body] = [box.subarray(0, tagBytes), box.subarray(tagBytes)]
  const stream = keyStream(key, nonce, tagKeyBytes + body.byteLength)
  if (!timingSafeEqual(tag, poly1305(body, stream.subarray(0, tagKeyBytes)))) return undefined
  return body.map((byte, index) => byte ^ (stream[tagKeyBytes + index] ?? 0))
}

const tagBytes = 16
/** The first bytes of the stream are the key of the tag. */
const tagKeyBytes = 32
const blockBytes = 64

/** Stream of XSalsa20: Salsa20 with a key derived from the first 16 bytes of the nonce (HSalsa20). */
function keyStream(key: Uint8Array, nonce: Uint8Array, length: number): Uint8Array {
  const mixed = rounds(initialState(wordsOf(key), wordsOf(nonce.subarray(0, 16))))
  const derivedKey = [0, 5, 10, 15, 6, 7, 8, 9].map((index) => mixed[index] ?? 0)
  const rest = wordsOf(nonce.subarray(16))
  const stream = new Uint8Array(Math.ceil(length / blockBytes) * blockBytes)
  const view = new DataView(stream.buffer)
  for (let block = 0; block * blockBytes < length; block += 1) {
    const state = initialState(derivedKey, [...rest, block, 0])
    for (const [index, word] of rounds(state).entries())
      view.setUint32(block * blockBytes + index * 4, (word + (state[index] ?? 0)) >>> 0, true)
  }
  return stream
}

/** Words of "expand 32-byte k". */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const

function initialState(key: readonly number[], input: readonly number[]): Uint32Array {
  const [first, second, third, fourth] = constants
  return Uint32Array.from([first, ...key.slice(0, 4), second, ...input, third, ...key.slice(4), fourth])
}

/** Words that one quarter round changes: columns, then rows. */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const

/** Twenty rounds of Salsa20, without the final addition. */
function rounds(state: Uint32Array): Uint32Array {
  const words = Uint32Array.from(state)
  const add = (to: number, one: number, other: number, bits: number): void => {
    const sum = ((words[one] ?? 0) + (words[other] ?? 0)) | 0
    words[to] = (words[to] ?? 0) ^ ((sum << bits) | (sum >>> (32 - bits)))
  }
  for (let round = 0; round < 10; round += 1) {
    for (const [a, b, c, d] of quarters) {
      add(b, a, d, 7)
      add(c, b, a, 9)
      add(d, c, b, 13)
      add(a, d, c, 18)
    }
  }
  return words
}

/** One-time authenticator (RFC 8439, section 2.5). */
function poly1305(message: Uint8Array, key: Uint8Array): Uint8Array {
  const factor = number(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn
  const prime = (1n << 130n) - 5n
  let sum = 0n
  for (let start = 0; start < message.byteLength; start += 16) {
    const block = message.subarray(start, start + 16)
    sum = ((sum + number(block) + (1n << BigInt(8 * block.byteLength))) * factor) % prime
  }
  const tag = (sum + number(key.subarray(16))) & ((1n << 128n) - 1n)
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse()
}

/** Little-endian number. */
function number(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function wordsOf(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({length: Math.floor(bytes.byteLength / 4)}, (_, index) => view.getUint32(index * 4, true))
}
