import {expect, test} from '@jest/globals'
import {lineDiff} from '../../playground/convert/line-diff.ts'
import fc from '../../testing/properties.ts'

/** Text after the changes of the difference to another one. */
function changed(a: string, b: string): string {
  const changes = lineDiff.override?.(a, b) ?? []
  const parts: string[] = []
  let end = 0
  for (const {fromA, toA, fromB, toB} of changes) {
    parts.push(a.slice(end, fromA), b.slice(fromB, toB))
    end = toA
  }
  return `${parts.join('')}${a.slice(end)}`
}

const line = fc.constantFrom('', 'k: 1', 'k: 2', 'z: 2', 'with:', '  k: 1', '- uses: a', 'text', 'other')
const text = fc.array(line, {maxLength: 8}).map((lines) => lines.join('\n'))

test('the changes of a difference by lines turn one text into the other', () => {
  expect(changed('k: 1', 'k: 1\nz: 2')).toBe('k: 1\nz: 2')
  expect(changed('k: 1\nz: 2', 'k: 2')).toBe('k: 2')
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(changed(a, b)).toBe(b)
      const changes = lineDiff.override?.(a, b) ?? []
      for (const [index, {fromA, fromB, toA, toB}] of changes.entries()) {
        const before = changes[index - 1]
        // What is between two changes is the same on both sides.
        expect(a.slice(before?.toA ?? 0, fromA)).toBe(b.slice(before?.toB ?? 0, fromB))
        expect([toA <= a.length, toB <= b.length]).toEqual([true, true])
      }
    }),
  )
})
