import {describe, expect, test} from '@jest/globals'
import {parseDuration} from '../../../../src/inputs/prune/duration.ts'

const hour = 3_600_000
const day = 24 * hour

describe('parseDuration', () => {
  test.each([
    {text: '0', ms: 0},
    {text: '12h', ms: 12 * hour},
    {text: '1d', ms: day},
    {text: '1 day', ms: day},
    {text: '5 days', ms: 5 * day},
    {text: '2w', ms: 14 * day},
    {text: '2w 3d', ms: 17 * day},
    {text: '2d3h', ms: 2 * day + 3 * hour},
    {text: '1 year, 5 days', ms: 370 * day},
    {text: '3 months', ms: 90 * day},
    {text: '1.5 h', ms: 1.5 * hour},
    {text: '30min', ms: hour / 2},
    {text: '90 Days', ms: 90 * day},
    {text: '100y', ms: 36_500 * day},
  ])('$text', ({text, ms}) => {
    expect(parseDuration(text)).toEqual({ok: true, ms})
  })

  test.each([
    {text: '', named: '""'},
    {text: '30', named: '"30"'},
    {text: '2w 3', named: '"3"'},
    {text: '3m', named: '"m"'},
    {text: '1M', named: '"M"'},
    {text: '5 parsecs', named: '"parsecs"'},
    {text: '-5 days', named: '"-5 days"'},
    {text: 'days', named: '"days"'},
    {text: '1 day ago', named: '"1 day ago"'},
    {text: '101 years', named: undefined},
  ])('$text is refused', ({text, named}) => {
    const parsed = parseDuration(text)
    expect(parsed.ok ? parsed : /"[^"]*"/.exec(parsed.reason)?.[0]).toBe(named)
  })

  test('minutes and months are suggested for the same letter', () => {
    expect(parseDuration('3m')).toMatchObject({ok: false, remedy: 'Write 3min or 3 months.'})
  })
})
