import {describe, expect, test} from '@jest/globals'
import {boundedRegex} from '../../../../src/io/bounded-regex.ts'
import {
  matchTag,
  matchVersion,
  parseGroup,
  parsePattern,
  parseVersionMatch,
  type MatchOutcome,
} from '../../../../src/tags/rules/match.ts'

const regex = boundedRegex()
/** Guard with a short limit, for expressions that hang. */
const shortLimit = boundedRegex({limitMs: 50})

function run(pattern: string, group: string, text: string, bounded = regex): MatchOutcome {
  const parsed = parsePattern(pattern)
  const number = parseGroup(group)
  if (!parsed.ok || !number.ok) throw new Error('the row is invalid')
  return matchTag({pattern: parsed, group: number.group, text}, bounded)
}

describe('documented examples', () => {
  test.each([
    {tag: 'v1.2.3', pattern: '\\d.\\d.\\d', group: '0', expected: '1.2.3'},
    {tag: 'v2.0.8-beta.67', pattern: 'v(.*)', group: '1', expected: '2.0.8-beta.67'},
    {tag: 'v2.0.8-beta.67', pattern: 'v(\\d.\\d)', group: '1', expected: '2.0'},
    {tag: '20200110-RC2', pattern: '\\d+', group: '0', expected: '20200110'},
    {tag: 'p1/v1.2.3', pattern: 'p1/v(\\d.\\d.\\d)', group: '1', expected: '1.2.3'},
  ])('$tag, $pattern, group $group: $expected', ({tag, pattern, group, expected}) => {
    expect(run(pattern, group, tag)).toMatchObject({kind: 'text', text: expected})
  })
})

describe('matchTag', () => {
  test.each([
    {name: 'the whole match without a group', pattern: 'v\\d', group: '', text: 'xv1y', found: 'v1', matched: 'v1'},
    {name: 'a group, and what was matched', pattern: 'v(\\d)', group: '1', text: 'xv1y', found: '1', matched: 'v1'},
    {name: 'slashes and flags', pattern: '/RC-(\\d)/i', group: '1', text: 'rc-2', found: '2', matched: 'rc-2'},
    {name: 'a slash inside', pattern: '/p1/v(.*)/', group: '1', text: 'p1/v3', found: '3', matched: 'p1/v3'},
    {
      name: 'g gives all matches, as in docker/metadata-action',
      pattern: '/\\d+/g',
      group: '1',
      text: '1.22.3',
      found: '22',
      matched: '1',
    },
  ])('$name', ({pattern, group, text, found, matched}) => {
    expect(run(pattern, group, text)).toEqual({kind: 'text', text: found, matched})
  })

  test.each([
    {
      name: 'no match',
      pattern: '^v(.*)',
      group: '1',
      text: 'main',
      reason: {code: 'no-match', pattern: '/^v(.*)/', text: 'main'},
    },
    {
      name: 'a missing group',
      pattern: 'v.*',
      group: '1',
      text: 'v1',
      reason: {code: 'missing-group', pattern: '/v.*/', group: 1, count: 0},
    },
    {
      name: 'one group',
      pattern: 'v(.*)',
      group: '2',
      text: 'v1',
      reason: {code: 'missing-group', pattern: '/v(.*)/', group: 2, count: 1},
    },
    {
      name: 'two groups',
      pattern: '(v)(.*)',
      group: '3',
      text: 'v1',
      reason: {code: 'missing-group', pattern: '/(v)(.*)/', group: 3, count: 2},
    },
    {
      name: 'a group outside of the match',
      pattern: '(a)|(v)',
      group: '1',
      text: 'v1',
      reason: {code: 'unmatched-group', pattern: '/(a)|(v)/', group: 1},
    },
    {
      name: 'empty text',
      pattern: '/v(.*)/i',
      group: '1',
      text: 'V',
      reason: {code: 'empty-match', pattern: '/v(.*)/i', text: 'V'},
    },
  ])('gives nothing for $name', ({pattern, group, text, reason}) => {
    expect(run(pattern, group, text)).toEqual({kind: 'nothing', reason})
  })

  test('is stopped if it hangs', () => {
    const text = `${'a'.repeat(100)}!`
    expect(run('(a+)+$', '0', text, shortLimit)).toMatchObject({
      kind: 'problem',
      reason: expect.stringMatching(/^\/\(a\+\)\+\$\/ on "a+!" .*50 ms$/),
    })
  })

  test('reports the error of a failed expression', () => {
    const failing = {match: () => ({kind: 'failed', reason: 'Regular expression too large'}) as const}
    const outcome = matchTag({pattern: {source: 'x', flags: ''}, group: 0, text: 'v1'}, failing)
    expect(outcome).toMatchObject({
      kind: 'problem',
      reason: expect.stringMatching(/^\/x\/ on "v1" .*\(Regular expression too large\)$/),
    })
  })
})

describe('parsePattern', () => {
  test.each([
    {given: 'v(.*)', source: 'v(.*)', flags: ''},
    {given: '/v(.*)/', source: 'v(.*)', flags: ''},
    {given: '/v(.*)/im', source: 'v(.*)', flags: 'im'},
    {given: '/a/b/i', source: 'a/b', flags: 'i'},
    {given: '/a', source: '/a', flags: ''},
    {given: '//', source: '//', flags: ''},
    {given: 'p1/v(\\d)', source: 'p1/v(\\d)', flags: ''},
    {given: '\\d{1,3}', source: '\\d{1,3}', flags: ''},
  ])('parses $given', ({given, source, flags}) => {
    expect(parsePattern(given)).toEqual({ok: true, source, flags})
  })

  test.each([
    {given: '', column: 1, reason: 'empty'},
    {given: 'v(.*', column: 1, reason: '(Unterminated group)'},
    {given: '/v/x', column: 4, reason: '"x"'},
    {given: '/v/ii', column: 4, reason: '"ii"'},
    {given: '/api/v(.*)', column: 7, reason: '"v(.*)"'},
    {given: '/v/uv', column: 1, reason: "(Invalid flags supplied to RegExp constructor 'uv')"},
  ])('refuses $given', ({given, column, reason}) => {
    expect(parsePattern(given)).toMatchObject({ok: false, column, reason: expect.stringContaining(reason)})
  })
})

test.each([
  {given: '', group: 0},
  {given: '0', group: 0},
  {given: '12', group: 12},
])('group "$given" is $group', ({given, group}) => {
  expect(parseGroup(given)).toEqual({ok: true, group})
})

test.each(['-1', '1.5', 'name', ' 1', '1000', '1e1'])('group "%s" is refused', (given) => {
  expect(parseGroup(given)).toMatchObject({ok: false, column: 1, reason: expect.stringContaining(`"${given}"`)})
})

describe('the match attribute of semver and pep440', () => {
  const first = parseVersionMatch('v(\\d.\\d.\\d)$')

  test.each([
    {name: 'the documented row', match: 'v(\\d.\\d.\\d)$', text: 'p1/v1.2.3', found: '1.2.3'},
    {name: 'no group: the whole match', match: '\\d+\\.\\d+$', text: 'p1/v1.2', found: '1.2'},
    {name: 'slashes are literal', match: '/v(.*)', text: 'p1/v1.2.3', found: '1.2.3'},
  ])('$name', ({match, text, found}) => {
    const pattern = parseVersionMatch(match)
    if (!pattern.ok) throw new Error('the row is invalid')
    expect(matchVersion(pattern, text, regex)).toEqual({kind: 'text', text: found, warning: undefined})
  })

  test('without a match, uses the text as it is, and warns', () => {
    expect(first.ok && matchVersion(first, '1.2.3', regex)).toEqual({
      kind: 'text',
      text: '1.2.3',
      warning: {code: 'match-ignored', pattern: '/v(\\d.\\d.\\d)$/', text: '1.2.3'},
    })
  })

  test('is stopped if it hangs', () => {
    const slow = {source: '(a+)+$', flags: ''}
    expect(matchVersion(slow, `${'a'.repeat(100)}!`, shortLimit).kind).toBe('problem')
  })

  test.each(['', '('])('refuses %j', (given) => {
    expect(parseVersionMatch(given)).toMatchObject({ok: false, column: 1})
  })
})
