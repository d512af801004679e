import {expect, test} from '@jest/globals'
import {calverTokens, parseCalverPattern} from '../../../../src/tags/versions/calver-pattern.ts'

test('parses tokens and separators', () => {
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

test.each(calverTokens)('accepts the token %s', (token) => {
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
])('accepts %s', (pattern) => {
  expect(parseCalverPattern(pattern).ok).toBe(true)
})

/** Patterns that are refused, with the texts that the message quotes. */
test.each([
  {pattern: '', column: 1, names: ['year']},
  {pattern: 'MAJOR.MINOR', column: 1, names: ['year']},
  {pattern: 'yyyy.MM', column: 1, names: ['"yyyy"']},
  {pattern: 'YYYY.0MM', column: 8, names: ['"M"']},
  {pattern: 'YYYY.MICR', column: 6, names: ['"MICR"']},
  {pattern: 'vYYYY', column: 1, names: ['"v"']},
  {pattern: 'YYYY.PATCH', column: 6, names: ['"PATCH"']},
  {pattern: 'YYYY+MM', column: 5, names: ['"+"']},
  {pattern: 'YYYY.{{run}}', column: 6, names: ['"{{run}}"']},
  {pattern: 'YYYY MM', column: 5, names: ['" "']},
  {pattern: 'YYYY.YYYY', column: 6, names: ['years', 'YYYY']},
  {pattern: 'YYYY.MM.0M', column: 9, names: ['months', 'MM', '0M']},
  {pattern: 'YYYYMMDD', column: 7, names: ['MM', 'DD', 'separator']},
  {pattern: 'YY0M', column: 3, names: ['YY', '0M', 'separator']},
  {pattern: 'YYYY-MODIFIERMICRO', column: 14, names: ['MODIFIER', 'MICRO', 'separator']},
  {pattern: 'YYYY.WW.DD', column: 9, names: ['week']},
  {pattern: 'YYYY.MM.0W', column: 9, names: ['week']},
  {pattern: 'MODIFIER.YYYY', column: 1, names: ['MODIFIER']},
  {pattern: '.YYYY', column: 1, names: ['separator']},
  {pattern: 'YYYY.', column: 5, names: ['separator']},
])('refuses $pattern', ({pattern, column, names}) => {
  const parsed = parseCalverPattern(pattern)
  expect(parsed).toMatchObject({ok: false, column})
  for (const name of names) expect(parsed).toMatchObject({reason: expect.stringContaining(name)})
})
