import {describe, expect, test} from '@jest/globals'
import {formatRetentionNotice} from '../../../src/reasons/retention-notices.ts'
import {formatWith} from '../../../src/reasons/reason-table.ts'
import {formatDuration, retentionReasons} from '../../../src/reasons/retention-reasons.ts'

const day = 86_400_000

describe('formatDuration', () => {
  test.each([
    {ms: -5, text: '0 minutes'},
    {ms: 59_000, text: '0 minutes'},
    {ms: 60_000, text: '1 minute'},
    {ms: 90 * 60_000, text: '1 hour'},
    {ms: day, text: '1 day'},
    {ms: 14.5 * day, text: '14 days'},
    {ms: 500 * day, text: '500 days'},
    {ms: 800 * day, text: '2 years'},
  ])('$ms', ({ms, text}) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

test('sentences have the values of their reasons', () => {
  expect(formatWith(retentionReasons, {code: 'too-young', ageMs: day, requiredMs: 14 * day})).toBe(
    'it is 1 day old, less than 14 days',
  )
  expect(formatWith(retentionReasons, {code: 'branch-gone', branch: 'a'})).toBe('the branch a does not exist')
  expect(formatWith(retentionReasons, {code: 'of-other-ref', ref: 'refs/pull/9/merge'})).toBe(
    'its image was built for refs/pull/9/merge',
  )
  expect(formatWith(retentionReasons, {code: 'unused', ageMs: 20 * day})).toBe(
    'nothing needs it, and it is 20 days old',
  )
  expect(formatRetentionNotice({code: 'pattern-unmatched', input: 'exclude-tags', pattern: 'v*'})).toBe(
    'v* in `exclude-tags` matches no tag',
  )
})
