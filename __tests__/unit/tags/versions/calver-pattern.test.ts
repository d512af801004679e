import {describe, expect, test} from '@jest/globals'
import {calverTokens, parseCalverPattern} from '../../../../src/tags/versions/calver-pattern.ts'

test('reads tokens and separators', () => {
  expect(parseCalverPattern('YYYY.0M-MICRO')).toEqual({
    ok: true,
    pieces: [
      {kind: 'token', token: 'YYYY', part: 'year'},
      {kind: 'separator', text: '.'},
      {kind: 'token', token: '0M', part: 'month'},
      {kind: 'separator', text: '-'},
      {kind: 'token', token: 'MICRO', part: 'micro'},
    ],
    parts: new Set(['year', 'month', 'micro']),
  })
})

test.each(calverTokens)('knows %s', (token) => {
  const isYear = ['YYYY', 'YY', '0Y'].includes(token)
  expect(parseCalverPattern(isYear ? token : `YYYY.${token}`).ok).toBe(true)
})

test.each([
  'YY.0M.MICRO',
  'YY.MINOR.MICRO',
  'YYYY.0M.0D',
  'YYYY.MM',
  'YY.MM.MINOR.MICRO',
  'YYYY.MM.DD_MICRO',
  'YYYY0M0D',
  'YYYYMICRO',
  'YYYY.0M.MICROMODIFIER',
  'YYYY.0M.MICRO-MODIFIER',
  'YYYY--0M',
])('takes %s', (pattern) => {
  expect(parseCalverPattern(pattern).ok).toBe(true)
})

describe('refuses', () => {
  test.each([
    {pattern: '', column: 1, reason: 'the pattern names no year'},
    {pattern: 'MAJOR.MINOR', column: 1, reason: 'the pattern names no year'},
    {pattern: 'yyyy.MM', column: 1, reason: 'unknown calendar token "yyyy"'},
    {pattern: 'YYYY.0MM', column: 8, reason: 'unknown calendar token "M"'},
    {pattern: 'YYYY.MICR', column: 6, reason: 'unknown calendar token "MICR"'},
    {pattern: 'vYYYY', column: 1, reason: 'unknown calendar token "v"'},
    {pattern: 'YYYY.PATCH', column: 6, reason: 'unknown calendar token "PATCH"'},
    {pattern: 'YYYY+MM', column: 5, reason: 'unknown calendar token "+"'},
    {pattern: 'YYYY.{{run}}', column: 6, reason: 'unknown calendar token "{{run}}"'},
    {pattern: 'YYYY MM', column: 5, reason: 'unknown calendar token " "'},
    {pattern: 'YYYY.YYYY', column: 6, reason: 'YYYY names the year once more'},
    {pattern: 'YYYY.MM.0M', column: 9, reason: '0M names the month though MM does already'},
    {pattern: 'YYYYMMDD', column: 7, reason: 'MM has no fixed width, and DD follows without a separator'},
    {pattern: 'YY0M', column: 3, reason: 'YY has no fixed width, and 0M follows without a separator'},
    {
      pattern: 'YYYY-MODIFIERMICRO',
      column: 14,
      reason: 'MODIFIER has no fixed width, and MICRO follows without a separator',
    },
    {pattern: 'YYYY.WW.DD', column: 9, reason: 'a week stands beside a month or day'},
    {pattern: 'YYYY.MM.0W', column: 9, reason: 'a week stands beside a month or day'},
    {pattern: 'MODIFIER.YYYY', column: 1, reason: 'a version cannot begin with MODIFIER'},
    {pattern: '.YYYY', column: 1, reason: 'a separator has nothing to separate'},
    {pattern: 'YYYY.', column: 5, reason: 'a separator has nothing to separate'},
  ])('$pattern: $reason', ({pattern, column, reason}) => {
    expect(parseCalverPattern(pattern)).toMatchObject({ok: false, column, reason})
  })

  test('with the token that was probably meant', () => {
    expect(parseCalverPattern('YYYY.MICR')).toMatchObject({
      remedy: 'Did you mean "MICRO"? Text before or after the version goes into prefix= or suffix=.',
    })
  })
})
