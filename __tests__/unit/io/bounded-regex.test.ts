import {describe, expect, test} from '@jest/globals'
import {boundedRegex, type BoundedRegex} from '../../../src/io/bounded-regex.ts'

// Its type is that of the seam; that this compiles is the proof.
const regex: BoundedRegex = boundedRegex()
/** Matcher with a short limit, for expressions that are stopped. */
const hasty: BoundedRegex = boundedRegex({limitMs: 50})

test.each([
  {name: 'the whole match', source: '\\d+', flags: '', text: 'v12.3', groups: ['12']},
  {name: 'groups', source: 'v(\\d+)\\.(\\d+)', flags: '', text: 'v12.3', groups: ['v12.3', '12', '3']},
  {name: 'a group that took no part', source: '(a)|(b)', flags: '', text: 'b', groups: ['b', undefined, 'b']},
  {name: 'flags', source: 'V(.*)', flags: 'i', text: 'v1', groups: ['v1', '1']},
  {name: 'all matches with g', source: '\\d+', flags: 'g', text: '1.2.3', groups: ['1', '2', '3']},
  {name: 'a line of several', source: '^b=(.*)$', flags: 'm', text: 'a=1\nb=2\nc=3', groups: ['b=2', '2']},
  {name: 'an empty match', source: 'x*', flags: '', text: 'a', groups: ['']},
])('gives $name', ({source, flags, text, groups}) => {
  const answer = regex.match(source, flags, text)
  expect(answer).toEqual({kind: 'match', groups})
  expect(answer.kind === 'match' && answer.groups instanceof Array).toBe(true)
})

test('says that nothing matches', () => {
  expect(regex.match('^v', '', '1.2.3')).toEqual({kind: 'none'})
})

describe('several texts', () => {
  test('have their answers in order', () => {
    const answer = regex.matchAll('^v(\\d)', '', ['v1', 'x', 'v2'])
    expect(answer).toEqual({kind: 'matches', matches: [['v1', '1'], undefined, ['v2', '2']]})
  })

  test('share the limit of one', () => {
    expect(hasty.matchAll('(a+)+$', '', ['a', `${'a'.repeat(100)}!`])).toEqual({kind: 'too-slow', limitMs: 50})
    expect(regex.matchAll('(', '', ['a'])).toMatchObject({kind: 'failed'})
    expect(regex.matchAll('a', '', [])).toEqual({kind: 'matches', matches: []})
  })
})

describe('ends what would go on for ever', () => {
  test.each([
    {source: '(a+)+$', text: `${'a'.repeat(100)}!`},
    {source: '(a|aa)+$', text: `${'a'.repeat(200)}!`},
    {source: '(x+x+)+y', text: 'x'.repeat(200)},
    {source: '^(([a-z])+.)+[A-Z]([a-z])+$', text: 'a'.repeat(200)},
    {source: '(.*)*=$', text: `${'x'.repeat(200)}!`},
    {source: '^(?:[._-]?[a-z]+)*$', text: `${'a'.repeat(100)}!`},
    {source: '(?=(a+)+$)a', text: `${'a'.repeat(100)}!`},
    {source: '([a-z]+)*\\1$', text: `${'ab'.repeat(100)}!`},
  ])('$source', ({source, text}) => {
    expect(hasty.match(source, '', text)).toEqual({kind: 'too-slow', limitMs: 50})
  })

  test('and works on', () => {
    expect(regex.match('(a+)+$', '', `${'a'.repeat(100)}!`).kind).toBe('too-slow')
    expect(regex.match('v(.*)', '', 'v1')).toEqual({kind: 'match', groups: ['v1', '1']})
    expect(regex.match('v(.*)', '', 'x')).toEqual({kind: 'none'})
  })
})

describe('many slow expressions', () => {
  test('take no more than all of them may', () => {
    const bounded = boundedRegex({limitMs: 20, totalMs: 60})
    const before = process.cpuUsage().user
    const answers = Array.from({length: 2000}, () => bounded.match('(a+)+$', '', `${'a'.repeat(100)}!`))
    expect(new Set(answers.map(({kind}) => kind))).toEqual(new Set(['too-slow']))
    // 2000 times 20 ms would be 40 s.
    expect(process.cpuUsage().user - before).toBeLessThan(5_000_000)
  })
})

describe('a process that had to wait', () => {
  const slow = `${'a'.repeat(100)}!`

  test('is retried a limited number of times', () => {
    const times: number[] = []
    const waiting = boundedRegex({limitMs: 20, workedMs: () => times.push(0)})
    expect(waiting.match('(a+)+$', '', slow)).toEqual({kind: 'too-slow', limitMs: 20})
    // Asked before each of three tries, and after each that was not the last.
    expect(times).toHaveLength(5)
  })

  test('gets none when it has worked', () => {
    const times: number[] = []
    const working = boundedRegex({limitMs: 20, workedMs: () => times.push(0) * 1000})
    expect(working.match('(a+)+$', '', slow)).toEqual({kind: 'too-slow', limitMs: 20})
    expect(times).toHaveLength(2)
  })
})

describe('says why an expression does not work', () => {
  test.each([
    {source: '(', flags: '', reason: 'Unterminated group'},
    {source: '[z-a]', flags: '', reason: 'Range out of order in character class'},
    {source: 'a', flags: 'xx', reason: "Invalid flags supplied to RegExp constructor 'xx'"},
    {source: 'a'.repeat(1001), flags: '', reason: 'longer than 1000 characters'},
    {source: '('.repeat(200_000), flags: '', reason: 'longer than 1000 characters'},
  ])('$reason', ({source, flags, reason}) => {
    expect(regex.match(source, flags, 'a')).toEqual({kind: 'failed', reason})
  })
})

test('takes pattern and text as values, not as code', () => {
  const code = '"); answer = [this.constructor.constructor("return process")()] //'
  expect(regex.match('^.*$', '', code)).toEqual({kind: 'match', groups: [code]})
  expect(regex.match('\\);answer=\\[1\\]', '', 'x')).toEqual({kind: 'none'})
})
