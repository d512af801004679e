import {describe, expect, test} from '@jest/globals'
import type {RunVersion} from '../../../../src/context/version-files/version-result.ts'
import {
  calverTag,
  formatCalver,
  parseCalver,
  type CalverRequest,
  type ParsedPattern,
} from '../../../../src/tags/versions/calver.ts'
import {parseCalverPattern} from '../../../../src/tags/versions/calver-pattern.ts'

function patternOf(text: string): ParsedPattern {
  const pattern = parseCalverPattern(text)
  if (!pattern.ok) throw new Error(`${text}: ${pattern.reason}`)
  return pattern
}

function gitTag(name: string): RunVersion {
  return {text: name, from: `the Git tag ${name}`}
}

function request(pattern: string, changes: Partial<CalverRequest> = {}): CalverRequest {
  return {
    pattern: patternOf(pattern),
    value: undefined,
    released: undefined,
    now: new Date('2024-03-07'),
    timeZone: 'UTC',
    runNumber: '42',
    ...changes,
  }
}

describe('from the date and the run number', () => {
  test.each([
    {pattern: 'YYYY.0M.MICRO', at: '2024-03-07', expected: '2024.03.42'},
    {pattern: 'YYYY.MM.MICRO', at: '2024-03-07', expected: '2024.3.42'},
    {pattern: 'YY.0M', at: '2004-10-20', expected: '4.10'},
    {pattern: 'YY.MM.DD', at: '2106-03-07', expected: '106.3.7'},
    {pattern: '0Y.0M.0D', at: '2006-03-07', expected: '06.03.07'},
    {pattern: '0Y', at: '2106-03-07', expected: '106'},
    {pattern: 'YYYY0M0D', at: '2024-03-07', expected: '20240307'},
    {pattern: 'YYYY-0M-0D_MICRO', at: '2024-03-07', expected: '2024-03-07_42'},
    {pattern: 'YYYY.WW', at: '2024-03-07', expected: '2024.10'},
    {pattern: 'YYYY.0W', at: '2024-01-04', expected: '2024.01'},
    {pattern: 'YYYY.0W', at: '2021-01-01', expected: '2020.53'},
    {pattern: 'YY.WW.MICRO', at: '2024-12-30', expected: '25.1.42'},
    {pattern: 'YYYY.0M.MICRO-MODIFIER', at: '2024-03-07', expected: '2024.03.42'},
    {pattern: 'YYYY.MICROMODIFIER', at: '2024-03-07', expected: '2024.42'},
    {pattern: 'YYYY-MODIFIER.MICRO', at: '2024-03-07', expected: '2024.42'},
  ])('$pattern on $at is $expected', ({pattern, at, expected}) => {
    expect(calverTag(request(pattern, {now: new Date(at)}))).toMatchObject({
      kind: 'text',
      text: expected,
      latest: false,
    })
  })

  test.each([
    {name: 'a run number makes it exact', pattern: 'YYYY.MICRO', exact: true, from: 'the date and run number 42'},
    {name: 'a date alone is shared by runs', pattern: 'YYYY.0M.0D', exact: false, from: 'the date'},
  ])('$name', ({pattern, exact, from}) => {
    expect(calverTag(request(pattern))).toMatchObject({exact, from})
  })

  test.each([
    {
      name: 'MINOR is not known',
      pattern: 'YY.MINOR.MICRO',
      changes: {},
      reason: {code: 'calver-without-value', part: 'MINOR'},
      level: 'info',
    },
    {
      name: 'MAJOR is not known',
      pattern: 'MAJOR.YYYY',
      changes: {},
      reason: {code: 'calver-without-value', part: 'MAJOR'},
      level: 'info',
    },
    {
      name: 'there is no run number',
      pattern: 'YYYY.MICRO',
      changes: {runNumber: ''},
      reason: {code: 'no-run-number'},
      level: 'warning',
    },
  ])('gives nothing when $name', ({pattern, changes, reason, level}) => {
    expect(calverTag(request(pattern, changes))).toEqual({kind: 'nothing', reason, level})
  })
})

describe('from a tag or value', () => {
  test.each([
    {
      name: 'a tag',
      changes: {released: gitTag('2023.11.3')},
      text: '2023.11.3',
      from: 'the Git tag 2023.11.3',
      latest: true,
    },
    {
      name: 'a tag with a v',
      changes: {released: gitTag('v2023.11.3')},
      text: '2023.11.3',
      from: 'the Git tag v2023.11.3',
      latest: true,
    },
    {
      name: 'a tag with a modifier',
      changes: {released: gitTag('2023.11.3-rc.1')},
      text: '2023.11.3-rc.1',
      from: 'the Git tag 2023.11.3-rc.1',
      latest: false,
    },
    {
      name: 'a value before a tag',
      changes: {released: gitTag('2023.11.3'), value: '2022.01.9'},
      text: '2022.01.9',
      from: 'the value 2022.01.9',
      latest: true,
    },
    {
      name: 'a tag where the value is empty',
      changes: {released: gitTag('2023.11.3'), value: ''},
      text: '2023.11.3',
      from: 'the Git tag 2023.11.3',
      latest: true,
    },
  ])('$name', ({changes, text, from, latest}) => {
    const outcome = calverTag(request('YYYY.0M.MICRO-MODIFIER', changes))
    expect(outcome).toEqual({kind: 'text', text, from, exact: true, latest})
  })

  test('a tag of another kind leaves it to the date', () => {
    expect(calverTag(request('YYYY.0M.MICRO', {released: gitTag('v1.2.3')}))).toMatchObject({text: '2024.03.42'})
  })

  test('brings the numbers that only it knows', () => {
    expect(calverTag(request('YY.MINOR.MICRO', {released: gitTag('24.7.0')}))).toMatchObject({
      text: '24.7.0',
      exact: true,
    })
  })

  test.each([
    {value: '1.2.3', reason: {code: 'calver-mismatch', value: '1.2.3'}},
    {value: '', reason: {code: 'empty-attribute', attribute: 'value'}},
  ])('the value "$value" gives nothing', ({value, reason}) => {
    expect(calverTag(request('YYYY.0M.MICRO', {value}))).toEqual({kind: 'nothing', reason, level: 'warning'})
  })
})

describe('parseCalver', () => {
  test.each([
    {pattern: 'YYYY.0M.MICRO', text: '2024.03.0', parts: {year: 2024, month: 3, micro: 0, modifier: ''}},
    {pattern: 'YY.0M', text: '4.10', parts: {year: 2004, month: 10, modifier: ''}},
    {pattern: 'YY.MM', text: 'v106.1', parts: {year: 2106, month: 1, modifier: ''}},
    {pattern: '0Y0M0D', text: '240229', parts: {year: 2024, month: 2, day: 29, modifier: ''}},
    {pattern: 'YYYY.0W', text: '2020.53', parts: {year: 2020, week: 53, modifier: ''}},
    {pattern: 'MAJOR.YYYY.MINOR', text: '3.2024.11', parts: {major: 3, year: 2024, minor: 11, modifier: ''}},
    {pattern: 'YYYY.MICROMODIFIER', text: '2024.1rc2', parts: {year: 2024, micro: 1, modifier: 'rc2'}},
    {pattern: 'YYYY.MM-MODIFIER', text: '2024.1-dev.20', parts: {year: 2024, month: 1, modifier: 'dev.20'}},
    {pattern: 'YYYY_MODIFIER-MICRO', text: '2024_beta-2-7', parts: {year: 2024, micro: 7, modifier: 'beta-2'}},
  ])('$text under $pattern', ({pattern, text, parts}) => {
    const parsed = parseCalver(text, patternOf(pattern))
    expect(parsed).toEqual(parts)
    expect(parsed && formatCalver(parsed, patternOf(pattern))).toBe(text.replace(/^v/, ''))
  })

  test.each([
    {pattern: 'YYYY.0M.MICRO', text: '2024.3.1'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.13.1'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.00.1'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.03.01'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.03'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.03.1.2'},
    {pattern: 'YYYY.0M.MICRO', text: '2024x03x1'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.03.1\n'},
    {pattern: 'YYYY.0M.MICRO', text: '2024.03.99999999999999999999'},
    {pattern: 'YYYY.MM.DD', text: '2023.2.29'},
    {pattern: 'YYYY.MM.DD', text: '2023.02.9'},
    {pattern: 'YYYY.DD', text: '2023.32'},
    {pattern: 'YYYY.WW', text: '2021.53'},
    {pattern: 'YYYY.WW', text: '2021.0'},
    {pattern: 'YY.MM', text: '04.1'},
    {pattern: 'YYYY-MODIFIER', text: '2024-1'},
    {pattern: 'YYYY-MODIFIER', text: '2024-'},
    {pattern: 'YYYY-MODIFIER', text: `2024-${'a'.repeat(5000)}!`},
  ])('$text does not fit $pattern', ({pattern, text}) => {
    expect(parseCalver(text, patternOf(pattern))).toBeUndefined()
  })
})
