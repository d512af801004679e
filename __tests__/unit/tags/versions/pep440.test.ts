import {describe, expect, test} from '@jest/globals'
import {isExactPep440, isPep440Stable, pep440Values} from '../../../../src/tags/versions/pep440.ts'
import {effectivePattern} from '../../../../src/tags/versions/semver.ts'
import {plainEngine} from '../../../../src/tags/templates/template.ts'

/** Text of a pattern for a version; undefined for another text. */
function render(text: string, pattern: string): string | undefined {
  const values = pep440Values(text)
  return values === undefined
    ? undefined
    : plainEngine.render(effectivePattern(pattern, !isPep440Stable(text)), values).text
}

describe('documented examples', () => {
  test.each([
    {tag: '1.2.3', pattern: '{{raw}}', expected: '1.2.3'},
    {tag: '1.2.3', pattern: '{{version}}', expected: '1.2.3'},
    {tag: 'v1.2.3', pattern: '{{version}}', expected: '1.2.3'},
    {tag: '1.2.3', pattern: '{{major}}.{{minor}}', expected: '1.2'},
    {tag: '1.2.3', pattern: 'v{{major}}', expected: 'v1'},
    {tag: 'v1.2.3rc2', pattern: '{{raw}}', expected: 'v1.2.3rc2'},
    {tag: '1.2.3rc2', pattern: '{{version}}', expected: '1.2.3rc2'},
    {tag: '1.2.3rc2', pattern: '{{major}}.{{minor}}', expected: '1.2.3rc2'},
    {tag: '1.2.3post1', pattern: '{{major}}.{{minor}}', expected: '1.2.3.post1'},
    {tag: '1.2.3beta2', pattern: '{{major}}.{{minor}}', expected: '1.2.3b2'},
    {tag: '1.0dev4', pattern: '{{major}}.{{minor}}', expected: '1.0.dev4'},
  ])('$tag under $pattern is $expected', ({tag, pattern, expected}) => {
    expect(render(tag, pattern)).toBe(expected)
  })
})

describe('beyond the table', () => {
  test.each([
    {
      name: 'literal text of a pre-release is kept',
      tag: '1.2.3rc2',
      pattern: '{{version}}-alpine',
      to: '1.2.3rc2-alpine',
    },
    {
      name: 'all pieces of a pre-release are its version',
      tag: '1.2.3rc2',
      pattern: '{{major}}.{{minor}}.{{patch}}',
      to: '1.2.3rc2',
    },
    {name: 'a pattern without names, on a pre-release', tag: '1.2.3rc2', pattern: 'stable', to: '1.2.3rc2'},
    {
      name: 'the minor number is 0 when it is not written',
      tag: '4',
      pattern: '{{major}}.{{minor}}.{{patch}}',
      to: '4.0.0',
    },
    {name: 'an epoch', tag: '1!2.0', pattern: '{{version}}', to: '1!2.0'},
    {name: 'more than three numbers', tag: '1.2.3.4', pattern: '{{version}}', to: '1.2.3.4'},
    {name: 'a calendar version', tag: '2024.01.15', pattern: '{{version}}', to: '2024.1.15'},
    {name: 'other spellings', tag: 'V1.2.3-ALPHA', pattern: '{{version}}', to: '1.2.3a0'},
    {name: 'an implicit post-release', tag: '1.0-1', pattern: '{{version}}', to: '1.0.post1'},
    {name: 'a local part in normal form', tag: '1.0+Ubuntu-01_x', pattern: '{{version}}', to: '1.0+ubuntu.1.x'},
    {
      name: 'a local part that looks like a number of another kind',
      tag: '1.0+1e5',
      pattern: '{{version}}',
      to: '1.0+1e5',
    },
    {name: 'a local part does not make it unstable', tag: '1.2.3+cu118', pattern: '{{major}}.{{minor}}', to: '1.2'},
  ])('$name: $tag', ({tag, pattern, to}) => {
    expect(render(tag, pattern)).toBe(to)
  })

  test.each([
    '',
    'v',
    'main',
    '1.2.x',
    '1.2.3-nightly',
    ' 1.2.3',
    '1.2.3\n',
    'p1-v1.2.3',
    '1.2.3+',
    '1.99999999999999999999',
    `1${'0'.repeat(400)}`,
  ])('rejects %j', (text) => {
    expect(pep440Values(text)).toBeUndefined()
  })
})

test('names each piece', () => {
  expect(pep440Values('v3.11rc1')).toEqual(
    new Map([
      ['raw', 'v3.11rc1'],
      ['version', '3.11rc1'],
      ['major', '3'],
      ['minor', '11'],
      ['patch', '0'],
    ]),
  )
})

test.each([
  {text: '1.2.3', stable: true},
  {text: 'v1', stable: true},
  {text: '1.2.3+local', stable: true},
  {text: '1.2.3rc1', stable: false},
  {text: '1.2.3.post1', stable: false},
  {text: '1.2.3.dev1', stable: false},
  {text: 'main', stable: false},
])('$text is stable: $stable', ({text, stable}) => {
  expect(isPep440Stable(text)).toBe(stable)
})

test.each([
  {tag: '1.2.3', pattern: '{{version}}', exact: true},
  {tag: '1.2.3', pattern: 'v{{raw}}', exact: true},
  {tag: '1.2.3', pattern: '{{major}}.{{minor}}.{{patch}}', exact: true},
  {tag: '1.2', pattern: '{{major}}.{{minor}}.{{patch}}', exact: true},
  {tag: '1', pattern: '{{major}}.{{minor}}.{{patch}}', exact: true},
  {tag: '1.2.3', pattern: '{{major}}.{{minor}}', exact: false},
  {tag: '1.2.3', pattern: 'stable', exact: false},
  {tag: '1.2.3.4', pattern: '{{major}}.{{minor}}.{{patch}}', exact: false},
  {tag: '1!1.2.3', pattern: '{{major}}.{{minor}}.{{patch}}', exact: false},
  {tag: '1.2.3+cu118', pattern: '{{major}}.{{minor}}.{{patch}}', exact: false},
  {tag: '1.2.3rc1', pattern: '{{major}}', exact: true},
])('$tag under $pattern is exact: $exact', ({tag, pattern, exact}) => {
  expect(isExactPep440(effectivePattern(pattern, !isPep440Stable(tag)), pep440Values(tag) ?? new Map())).toBe(exact)
})
