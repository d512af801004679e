import {describe, expect, test} from '@jest/globals'
import {issuedSecrets, parseToken, renewalMarginMs} from '../../../../src/registry/auth/token.ts'

const received = new Date('2026-01-02T03:04:05Z')

describe('issuedSecrets', () => {
  test('are all tokens of the response', () => {
    const answer = {token: 'a', access_token: 'b', refresh_token: 'c', id_token: 7, expires_in: 300}
    expect(issuedSecrets(Buffer.from(JSON.stringify(answer)))).toEqual(['a', 'b', 'c'])
  })
})

describe('parseToken', () => {
  test.each([
    {name: 'a token', given: {token: 't'}, expected: {token: 't', lifetimeMs: 60_000}},
    {name: 'of OAuth 2', given: {access_token: 't', expires_in: 300}, expected: {token: 't', lifetimeMs: 300_000}},
    {name: 'both', given: {token: 'a', access_token: 'b'}, expected: {token: 'a', lifetimeMs: 60_000}},
    {
      name: 'one that was kept for a while',
      given: {token: 't', expires_in: 300, issued_at: '2026-01-02T03:03:05Z'},
      expected: {token: 't', lifetimeMs: 240_000},
    },
    {
      name: 'a clock that is behind',
      given: {token: 't', expires_in: 60, issued_at: '2026-01-02T02:00:00Z'},
      expected: {token: 't', lifetimeMs: 60_000},
    },
    {
      name: 'a clock that is ahead',
      given: {token: 't', expires_in: 60, issued_at: '2026-01-02T04:00:00Z'},
      expected: {token: 't', lifetimeMs: 60_000},
    },
    {name: 'no lifetime that can be', given: {token: 't', expires_in: -1}, expected: {token: 't', lifetimeMs: 60_000}},
    {name: 'none', given: {}, expected: undefined},
    {name: 'an empty one', given: {token: ''}, expected: undefined},
    {name: 'one of another type', given: {token: 7}, expected: undefined},
    {name: 'one that no header holds', given: {token: 't'.repeat(65_537)}, expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(parseToken(Buffer.from(JSON.stringify(given)), received)).toEqual(expected)
  })

  test('no JSON', () => {
    expect(parseToken(Buffer.from('<html>'), received)).toBeUndefined()
  })

  test.each([
    {given: 300_000, expected: 10_000},
    {given: 20_000, expected: 5000},
  ])('a lifetime of $given ms is renewed $expected ms before its end', ({given, expected}) => {
    expect(renewalMarginMs(given)).toBe(expected)
  })
})
