import {createHash} from 'node:crypto'
import {expect, test} from '@jest/globals'
import {sha256} from '../../../src/oci/sha256.ts'
import fc from '../../../testing/properties.ts'

test('every message has the digest that node:crypto computes', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 300}), (bytes) => {
      expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
    }),
  )
})

test('every length around the end of a block', () => {
  for (let length = 0; length <= 200; length += 1) {
    const bytes = Uint8Array.from({length}, (_, index) => index * 31)
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
})

test('a part of a larger buffer is hashed alone, and a message of several megabytes whole', () => {
  const large = new Uint8Array(3 * 1024 * 1024 + 5).fill(7)
  for (const bytes of [large, large.subarray(10, 77)]) {
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'))
  }
})
