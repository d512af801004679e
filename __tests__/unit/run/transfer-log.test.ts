import {describe, expect, test} from '@jest/globals'
import {transferLog} from '../../../src/run/transfer-log.ts'

describe('transferLog', () => {
  test.each([
    {name: 'a short transfer', chunks: [0, 1000, 4999], expected: []},
    {name: 'a long one, every five seconds', chunks: [0, 3000, 5000, 6000, 10_000, 17_000], expected: [3, 5, 6]},
    {name: 'a pause before it', chunks: [60_000, 61_000], expected: []},
  ])('$name', ({chunks, expected}) => {
    const lines: string[] = []
    let time = 0
    const sent = transferLog(
      (line) => lines.push(line),
      () => new Date(time),
    )
    for (const chunk of chunks) {
      time = chunk
      sent(1_000_000)
    }
    expect(lines).toEqual(expected.map((count) => `Pushing: ${count}.00 MB sent`))
  })
})
