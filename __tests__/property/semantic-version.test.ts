import {describe, expect, test} from '@jest/globals'
import semver from 'semver'
import {compareSemanticVersions, parseSemanticVersion} from '../../src/context/semantic-version.ts'
import fc from '../../testing/properties.ts'

/** Numbers and identifiers at the limits: leading zeros, long numbers, hyphens, nothing. */
const number = fc.oneof(
  fc.nat(12).map(String),
  fc.constantFrom('0', '00', '01', '9007199254740991', '9007199254740992', ''),
)
const identifier = fc.oneof(
  fc.nat(12).map(String),
  fc.constantFrom('alpha', 'rc', 'RC', '0a', '-', '--1', '1-', '01', '0', '', 'ä', '_', '99999999999'),
)
const identifiers = fc.array(identifier, {minLength: 1, maxLength: 3}).map((parts) => parts.join('.'))
const version = fc
  .record({
    start: fc.constantFrom('', '', '', 'v', 'V', '=', ' ', '\tv'),
    numbers: fc.array(number, {minLength: 2, maxLength: 4}).map((parts) => parts.join('.')),
    prerelease: fc.option(identifiers, {nil: undefined}),
    build: fc.option(identifiers, {nil: undefined}),
    end: fc.constantFrom('', '', '', ' ', '\n', '-', '+'),
  })
  .map(({start, numbers, prerelease, build, end}) =>
    [
      start,
      numbers,
      prerelease === undefined ? '' : `-${prerelease}`,
      build === undefined ? '' : `+${build}`,
      end,
    ].join(''),
  )
const plain = fc
  .tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.option(identifiers, {nil: undefined}))
  .map(
    ([major, minor, patch, prerelease]) =>
      `${major}.${minor}.${patch}${prerelease === undefined ? '' : `-${prerelease}`}`,
  )

function normal(text: string): object | undefined {
  const found = semver.parse(text)
  if (found === null) return undefined
  const {major, minor, patch, prerelease, build} = found
  return {major, minor, patch, prerelease: prerelease.join('.'), build: build.join('.')}
}

describe('semantic versions are those of the package semver', () => {
  test('whatever the text', () => {
    fc.assert(
      fc.property(version, (text) => {
        expect(parseSemanticVersion(text)).toEqual(normal(text))
      }),
    )
  })

  test('and have its order', () => {
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        const [first, second] = [parseSemanticVersion(a), parseSemanticVersion(b)]
        fc.pre(first !== undefined && second !== undefined)
        expect(compareSemanticVersions(first, second)).toBe(semver.compare(a, b))
      }),
    )
  })

  test.each([
    {name: 'a text of 256 characters', text: `1.2.3-${'a'.repeat(250)}`},
    {name: 'a longer text', text: `1.2.3-${'a'.repeat(251)}`},
    {name: 'a long identifier of the build', text: `1.2.3+${'1'.repeat(250)}`},
    {name: 'a long number in a pre-release', text: `1.2.3-${'1'.repeat(100)}`},
  ])('also for $name', ({text}) => {
    expect(parseSemanticVersion(text)).toEqual(normal(text))
  })

  test('long numbers of pre-releases are not rounded', () => {
    const [lower, higher] = ['1.2.3-20260102030405060', '1.2.3-20260102030405061'].map(parseSemanticVersion)
    expect(lower && higher && compareSemanticVersions(lower, higher)).toBeLessThan(0)
  })
})
