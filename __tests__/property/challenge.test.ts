import {describe, expect, test} from '@jest/globals'
import {parseChallenge, type Challenge} from '../../src/registry/auth/challenge.ts'
import {realmUrl, tokenUrl} from '../../src/registry/auth/realm.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}$/)

function urlOf(challenge: Challenge, scope: string): URL | undefined {
  const realm = realmUrl(challenge, {isLocal: true, isInsecure: () => false})
  return realm && tokenUrl(realm, challenge, [scope])
}

describe('parseChallenge', () => {
  test('never throws for any header', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({unit: 'binary'}), fc.stringMatching(/^[Bb]earer[ ="\\,a-z]*$/)), (header) => {
        const parsed = parseChallenge(header)
        if (parsed !== undefined) urlOf(parsed, 'repository:a:pull')
      }),
      {numRuns: times(300)},
    )
  })

  test.each([
    {name: 'unclosed quotes', given: 'a="'.repeat(5_001), expected: {a: 'a='}},
    {name: 'a name without an end', given: 'a'.repeat(16_000), expected: {}},
    {name: 'escapes', given: '\\'.repeat(16_000), expected: {}},
    {
      name: 'escapes in unclosed quotes',
      given: `service=s,a="${'\\"'.repeat(8_000)}`,
      expected: {service: 's'},
    },
    {name: 'blanks', given: `a${' '.repeat(16_000)}=b`, expected: {a: 'b'}},
    {name: 'blanks without an equals sign', given: `service=s,a${' '.repeat(16_000)}`, expected: {service: 's'}},
    {name: 'equals signs', given: `a${'='.repeat(16_000)}`, expected: {a: '='.repeat(15_999)}},
  ])('parses the longest header that Node accepts: $name', ({given, expected}) => {
    const parameters = new Map(Object.entries(expected))
    expect(parseChallenge(`Bearer ${given}`)).toEqual({scheme: 'bearer', parameters})
  })

  test('finds a challenge among others, in any order', () => {
    const text = fc.stringMatching(/^[A-Za-z0-9+/]{1,20}={0,2}$/)
    const parameter = fc
      .tuple(name, fc.string({unit: 'grapheme-ascii'}))
      .map(([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`)
    const others = fc.oneof(
      text.map((one) => `Negotiate ${one}`),
      fc.constant('Negotiate'),
      fc.array(parameter, {minLength: 1}).map((one) => `Basic ${one.join(', ')}`),
      fc.array(parameter, {minLength: 1}).map((one) => `Digest ${one.join(',')}`),
    )
    fc.assert(
      fc.property(fc.array(others), fc.array(others), (before, after) => {
        const header = [...before, 'Bearer realm="https://a/"', ...after].join(', ')
        expect(parseChallenge(header)).toEqual({scheme: 'bearer', parameters: new Map([['realm', 'https://a/']])})
      }),
      {numRuns: times(300)},
    )
  })

  test('parses formatted parameters', () => {
    const parameters = fc.uniqueArray(fc.tuple(name, fc.string({unit: 'grapheme-ascii'})), {
      selector: ([key]) => key,
      minLength: 1,
    })
    fc.assert(
      fc.property(parameters, (pairs) => {
        const quoted = pairs.map(([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`)
        expect(parseChallenge(`Bearer ${quoted.join(', ')}`)).toEqual({scheme: 'bearer', parameters: new Map(pairs)})
      }),
      {numRuns: times(300)},
    )
  })
})

describe('tokenUrl', () => {
  test('uses HTTPS or a loopback address, and contains the scope', () => {
    const address = fc.oneof(fc.webUrl(), fc.webUrl({validSchemes: ['http', 'ftp', 'https']}), fc.string())
    fc.assert(
      fc.property(address, fc.string({unit: 'grapheme'}), (realm, scope) => {
        const url = urlOf({scheme: 'bearer', parameters: new Map([['realm', realm]])}, scope)
        if (url === undefined) return
        expect(url.protocol === 'https:' || /^(?:localhost|\[::1\]|127\.)/.test(url.hostname)).toBe(true)
        if (scope.isWellFormed()) expect(url.searchParams.getAll('scope')).toContain(scope)
      }),
      {numRuns: times(300)},
    )
  })
})
