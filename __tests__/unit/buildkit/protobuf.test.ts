import {describe, expect, test} from '@jest/globals'
import {decodeFields, encodeFields} from '../../../src/buildkit/protobuf.ts'
import {protobufField} from '../../../testing/content-server.ts'

describe('encodeFields', () => {
  // Bytes of protoc --encode for the same message.
  test.each([
    {fields: [[1, 'sha256:ab']] as const, bytes: '0a097368613235363a6162'},
    {fields: [[2, 300]] as const, bytes: '10ac02'},
    {fields: [[2, 5_000_000_000]] as const, bytes: '1080e497d012'},
    {fields: [[1, 'x'.repeat(200)]] as const, bytes: `0ac801${'78'.repeat(200)}`},
    {fields: [] as const, bytes: ''},
  ])('writes $bytes', ({fields, bytes}) => {
    expect(Buffer.from(encodeFields(fields)).toString('hex')).toBe(bytes)
  })
})

describe('decodeFields', () => {
  test('reads numbers and bytes', () => {
    const data = Buffer.alloc(70_000, 7)
    const fields = decodeFields(Buffer.concat([protobufField(1, 2 ** 40), protobufField(2, data)]))
    expect(fields.get(1)).toBe(2 ** 40)
    expect(fields.get(2)).toEqual(data)
  })

  test('skips fields of other types', () => {
    const fixed = Buffer.from([(3 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8, (4 << 3) | 5, 1, 2, 3, 4])
    expect(decodeFields(Buffer.concat([fixed, protobufField(1, 9)])).get(1)).toBe(9)
  })

  test.each([
    {name: 'bytes that are cut off', bytes: protobufField(2, Buffer.from('abc')).subarray(0, 4)},
    {name: 'a number that is cut off', bytes: Buffer.from([8, 0x80])},
    {name: 'a number above 64 bits', bytes: Buffer.from([8, ...Array.from({length: 11}, () => 0xff), 0])},
    {name: 'an unknown wire type', bytes: Buffer.from([(1 << 3) | 3])},
  ])('rejects $name', ({bytes}) => {
    expect(() => decodeFields(bytes)).toThrow(RangeError)
  })
})
