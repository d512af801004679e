import {expect, test} from '@jest/globals'
import {parseTime} from '../../../src/retention/parse-configuration.ts'
import {latestOf} from '../../../src/prune/times.ts'

test.each([
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
  ['2026-01-02T03:04:05.678901+02:00', '2026-01-02T01:04:05.678Z'],
  // Zero of Go.
  ['0001-01-01T00:00:00Z', undefined],
  ['2026-01-02', undefined],
  ['2026-13-40T00:00:00Z', undefined],
  ['yesterday', undefined],
  [1_767_225_600, undefined],
  [null, undefined],
])('%j is %s', (value, expected) => {
  expect(parseTime(value)?.toISOString()).toBe(expected)
})

test('the latest of times', () => {
  const [early, late] = [new Date(1000), new Date(2000)]
  expect(latestOf([early, undefined, late])).toEqual(late)
  expect(latestOf([undefined])).toBeUndefined()
})
