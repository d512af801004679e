import {expect, test} from '@jest/globals'
import fc from 'fast-check'
import {QuietLines} from '../../../src/buildx/progress.ts'

const noise =
  'ERROR: (*service).Write failed: rpc error: code = Unavailable desc = ref layer-sha256:7f6c locked for 2.6ms (since 2026-11-21 13:56:27 +0000 UTC m=+1.07): unavailable\n'
const printed = `#1 [internal] load\n${noise}${noise}#2 ERROR: (*service).Write failed: of a step\n\n${noise}ERROR: failed to solve`

test('lines that say nothing are left out, however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({max: printed.length})), (cuts) => {
      const written: string[] = []
      const lines = new QuietLines((text) => written.push(text))
      const ends = [...cuts, printed.length].sort((a, b) => a - b)
      ends.forEach((end, index) => {
        lines.take(printed.slice(ends[index - 1] ?? 0, end))
      })
      lines.end()
      expect(written.join('')).toBe(printed.replaceAll(noise, ''))
    }),
  )
})

test('a whole line is handed on at once', () => {
  const written: string[] = []
  const lines = new QuietLines((text) => written.push(text))
  lines.take('#1 a\n#2 b')
  expect(written).toEqual(['#1 a\n'])
  lines.end()
  lines.end()
  expect(written).toEqual(['#1 a\n', '#2 b'])
})
