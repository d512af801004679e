import {expect, test} from '@jest/globals'
import {formatDuration} from '../../../src/report/duration.ts'

test.each([
  {ms: 0, expected: '0.0 s'},
  {ms: 3_712, expected: '3.7 s'},
  {ms: 59_949, expected: '59.9 s'},
  {ms: 59_950, expected: '1 min'},
  {ms: 125_400, expected: '2 min 5 s'},
  {ms: 3_599_499, expected: '59 min 59 s'},
  {ms: 3_599_500, expected: '1 h'},
  {ms: 3_720_000, expected: '1 h 2 min'},
])('$ms ms are $expected', ({ms, expected}) => {
  expect(formatDuration(ms)).toBe(expected)
})
