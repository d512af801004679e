import {describe, expect, test} from '@jest/globals'
import {headersFor, redirectTarget} from '../../../src/registry/redirect.ts'

describe('redirectTarget', () => {
  const remote = 'https://r.example/v2/a'
  test.each([
    {from: remote, to: 'https://cdn.example/x?sig=1', expected: 'https://cdn.example/x?sig=1'},
    {from: remote, to: '/other', expected: 'https://r.example/other'},
    {from: remote, to: 'http://cdn.example/x', expected: undefined},
    {from: remote, to: 'http://r.example/x', expected: undefined},
    {from: remote, to: 'https://127.0.0.1/x', expected: undefined},
    {from: remote, to: 'http://localhost:1/x', expected: undefined},
    {from: remote, to: 'https://foo.localhost/x', expected: undefined},
    {from: remote, to: 'https://[::ffff:127.0.0.1]/x', expected: undefined},
    {from: 'https://foo.localhost/a', to: 'http://foo.localhost/x', expected: undefined},
    {from: remote, to: 'file:///etc/passwd', expected: undefined},
    {from: remote, to: undefined, expected: undefined},
    {from: 'http://insecure.example/a', to: 'http://cdn.example/x', expected: 'http://cdn.example/x'},
    {from: 'http://insecure.example/a', to: 'http://[::1]/x', expected: undefined},
    {from: 'https://127.0.0.1:1/a', to: 'http://127.0.0.1:2/x', expected: 'http://127.0.0.1:2/x'},
    {from: 'http://127.0.0.1:1/a', to: 'https://cdn.example/x', expected: 'https://cdn.example/x'},
  ])('$from to $to', ({from, to, expected}) => {
    expect(redirectTarget(to, new URL(from))?.href).toBe(expected)
  })
})

describe('headersFor', () => {
  const headers = {authorization: 'Bearer canary', cookie: 'canary', accept: 'a', range: 'bytes=5-'}
  const from = new URL('https://r.example/a')
  test.each([
    {to: 'https://r.example/b', expected: headers},
    {to: 'https://cdn.r.example/b', expected: {accept: 'a', range: 'bytes=5-'}},
    {to: 'https://r.example:8443/b', expected: {accept: 'a', range: 'bytes=5-'}},
  ])('$to', ({to, expected}) => {
    expect(headersFor(new URL(to), {from, headers})).toEqual(expected)
  })
})
