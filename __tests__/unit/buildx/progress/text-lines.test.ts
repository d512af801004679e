import {expect, test} from '@jest/globals'
import {TextLines} from '../../../../src/buildx/progress/text-lines.ts'
import fc from '../../../../testing/properties.ts'

test('lines do not depend on chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.string({unit: fc.constantFrom('a', 'b', '\n')})), (pieces) => {
      const lines = new TextLines()
      const taken = pieces.flatMap((piece) => lines.take(piece))
      const all = pieces.join('').split('\n')
      const last = all.pop()
      expect(taken).toEqual(all)
      expect(lines.end()).toEqual(last === '' ? [] : [last])
      expect(lines.end()).toEqual([])
    }),
  )
})

test('a line without end is cut, and nothing of it is lost', () => {
  const lines = new TextLines(5)
  expect(['ab', 'cd', 'ef', 'gh\ni', '\n'].map((piece) => lines.take(piece))).toEqual([
    [],
    [],
    ['abcdef'],
    ['gh'],
    ['i'],
  ])
  expect(lines.end()).toEqual([])
})

test('a long line in small pieces is joined once', () => {
  const lines = new TextLines()
  const pieces = 200_000
  let complete = 0
  for (let at = 0; at < pieces; at += 1) complete += lines.take('0123456789').length
  expect(complete).toBe(0)
  expect(lines.end().map(({length}) => length)).toEqual([10 * pieces])
})
