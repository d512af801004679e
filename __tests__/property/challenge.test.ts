import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {parseChallenge, realmUrl, tokenUrl, type Challenge} from '../../src/registry/challenge.ts'

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,9}$/)

function asked(challenge: Challenge, scope: string): URL | undefined {
  const realm = realmUrl(challenge, {isLocal: true, isInsecure: () => false})
  return realm && tokenUrl(realm, challenge, [scope])
}

describe('parseChallenge', () => {
  test('never throws, whatever a server says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({unit: 'binary'}), fc.stringMatching(/^[Bb]earer[ ="\\,a-z]*$/)), (header) => {
        const parsed = parseChallenge(header)
        if (parsed !== undefined) asked(parsed, 'repository:a:pull')
      }),
    )
  })

  test('is not slow for the longest header that Node takes', () => {
    const long = `Bearer ${'a="'.repeat(5_000)}`
    const started = performance.now()
    parseChallenge(long)
    parseChallenge(`Bearer ${'a'.repeat(16_000)}`)
    parseChallenge(`Bearer ${'\\'.repeat(16_000)}`)
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('gives back what was written', () => {
    const parameters = fc.uniqueArray(fc.tuple(name, fc.string({unit: 'grapheme-ascii'})), {
      selector: ([key]) => key,
      minLength: 1,
    })
    fc.assert(
      fc.property(parameters, (pairs) => {
        const quoted = pairs.map(([key, value]) => `${key}="${value.replace(/["\\]/g, '\\$&')}"`)
        expect(parseChallenge(`Bearer ${quoted.join(', ')}`)).toEqual({scheme: 'bearer', parameters: new Map(pairs)})
      }),
    )
  })
})

describe('tokenUrl', () => {
  test('goes over a safe line or to this machine, and carries the scope', () => {
    const address = fc.oneof(fc.webUrl(), fc.webUrl({validSchemes: ['http', 'ftp', 'https']}), fc.string())
    fc.assert(
      fc.property(address, fc.string({unit: 'grapheme'}), (realm, scope) => {
        const url = asked({scheme: 'bearer', parameters: new Map([['realm', realm]])}, scope)
        if (url === undefined) return
        expect(url.protocol === 'https:' || /^(?:localhost|\[::1\]|127\.)/.test(url.hostname)).toBe(true)
        if (scope.isWellFormed()) expect(url.searchParams.getAll('scope')).toContain(scope)
      }),
    )
  })
})
