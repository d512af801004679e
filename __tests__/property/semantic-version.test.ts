import {describe, expect, test} from '@jest/globals'
import compare from 'semver/functions/compare.js'
import parse from 'semver/functions/parse.js'
import {compareSemanticVersions, parseSemanticVersion} from '../../src/context/semantic-version.ts'
import {versionValues} from '../../src/tags/versions/semver.ts'
import fc from '../../testing/properties.ts'

/** Numbers around the limits of the package: leading zeros, and the largest integer of a double. */
const number = fc.oneof(
  fc.nat({max: 12}).map(String),
  fc.constantFrom('00', '01', '10', '9007199254740991', '9007199254740992', '99999999999999999999'),
)
const identifier = fc.oneof(number, fc.stringMatching(/^[0-9A-Za-z-]{0,4}$/), fc.constantFrom('alpha', 'rc', '-', '0a'))
const identifiers = (mark: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant(''),
    fc.array(identifier, {maxLength: 3}).map((parts) => `${mark}${parts.join('.')}`),
  )
const versionLike = fc
  .tuple(
    fc.constantFrom('', '', '', 'v', 'V', '=', ' ', ' v', 'vv'),
    fc.array(number, {minLength: 2, maxLength: 4}).map((numbers) => numbers.join('.')),
    identifiers('-'),
    identifiers('+'),
    fc.constantFrom('', '', '', ' ', '\n', '_', '.'),
  )
  .map((parts) => parts.join(''))
/** Numeric identifiers that a double represents: the package compares longer ones as doubles. */
const version = fc
  .tuple(
    fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
    fc.array(
      fc.oneof(fc.nat(120).map(String), fc.stringMatching(/^[a-cA-C-]{1,2}$/), fc.constantFrom('1a', '0a', '10-')),
      {maxLength: 3},
    ),
    fc.constantFrom('', '+1', '+b.2'),
  )
  .map(([numbers, parts, build]) => `${numbers.join('.')}${parts.length === 0 ? '' : `-${parts.join('.')}`}${build}`)

function compareTexts(first: string, second: string): number {
  const [a, b] = [first, second].map(parseSemanticVersion)
  if (a === undefined || b === undefined) throw new Error(`${first} ${second}`)
  return compareSemanticVersions(a, b)
}

describe('semantic versions', () => {
  test('are parsed as by the package semver', () => {
    fc.assert(
      fc.property(fc.oneof(versionLike, version, fc.string()), (text) => {
        const expected = parse(text)
        const values = versionValues(text)
        expect(values === undefined).toBe(expected === null)
        if (expected === null) return
        expect(values?.get('version')).toBe(expected.version)
        expect(values?.get('raw')).toBe(expected.raw)
        expect(values?.get('build')).toBe(expected.build.join('.'))
        expect(parseSemanticVersion(text)?.numbers).toEqual([expected.major, expected.minor, expected.patch])
      }),
    )
  })

  test('are ordered as by the package semver', () => {
    fc.assert(
      fc.property(version, version, (first, second) => {
        expect(compareTexts(first, second)).toBe(compare(first, second))
      }),
    )
  })

  test.each([
    {lower: '1.0.0-99999999999999999998', higher: '1.0.0-99999999999999999999'},
    {lower: '1.0.0-9007199254740993', higher: '1.0.0-10000000000000000000'},
  ])('$lower is lower than $higher, which doubles cannot distinguish', ({lower, higher}) => {
    expect(compareTexts(lower, higher)).toBe(-1)
  })

  test.each([`1.2.3-${'a'.repeat(250)}`, `1.2.3-${'a'.repeat(251)}`, `1.2.3+${'1'.repeat(250)}`])(
    'a text of the longest length, or longer, is accepted as by the package semver',
    (text) => {
      expect(parseSemanticVersion(text) === undefined).toBe(parse(text) === null)
    },
  )
})
