import {describe, expect, test} from '@jest/globals'
import {httpClient} from '../../../src/io/http.ts'
import {insecureRegistries, isWithoutTls} from '../../../src/registry/insecure.ts'
import {isTransientError} from '../../../src/registry/retry.ts'
import {loopback} from '../../../testing/loopback.ts'

describe('insecureRegistries', () => {
  const configuration = JSON.stringify({
    debug: true,
    'insecure-registries': [
      'r.example:5000',
      'http://Plain.example',
      '10.0.0.0/8',
      'fd00::/8',
      '192.168.1.1/32',
      7,
      '1.2.3.4/33',
    ],
  })
  test.each([
    {host: 'r.example:5000', expected: true},
    {host: 'R.example:5000', expected: true},
    {host: 'r.example', expected: false},
    {host: 'r.example:5001', expected: false},
    {host: 'plain.example', expected: true},
    {host: '10.1.2.3', expected: true},
    {host: '10.1.2.3:5000', expected: true},
    {host: '11.0.0.1:5000', expected: false},
    {host: '192.168.1.1', expected: true},
    {host: '192.168.1.2', expected: false},
    {host: '1.2.3.4', expected: false},
    {host: '10.0.0.300', expected: false},
    {host: '[fd12:3456::1]:5000', expected: true},
    {host: '[fe80::1]', expected: false},
    {host: '10.example', expected: false},
  ])('$host: $expected', ({host, expected}) => {
    expect(insecureRegistries(configuration)(host)).toBe(expected)
  })

  test.each([
    {name: 'all of IPv4', given: ['0.0.0.0/0'], host: '8.8.8.8', expected: true},
    {name: 'IPv6 is not in it', given: ['0.0.0.0/0'], host: '[::1]', expected: false},
    {name: 'one address of IPv6', given: ['::1/128'], host: '[::1]:1', expected: true},
    {name: 'no list', given: 'r.example', host: 'r.example', expected: false},
  ])('$name', ({given, host, expected}) => {
    expect(insecureRegistries(JSON.stringify({'insecure-registries': given}))(host)).toBe(expected)
  })

  test.each(['', '{', 'null', '[]', '{"insecure-registries":null}'])('no configuration: %s', (text) => {
    expect(insecureRegistries(text)('r.example')).toBe(false)
  })
})

describe('isWithoutTls', () => {
  test('recognizes a registry with plain HTTP, which no retry can change', async () => {
    await using server = await loopback((_, response) => response.end('x'))
    using http = httpClient(new AbortController().signal, {})
    const request = {method: 'GET' as const, url: new URL(`https://${server.host}/v2/`), headers: {}}
    const error: unknown = await http.send(request).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect({withoutTls: isWithoutTls(error), transient: isTransientError(error)}).toEqual({
      withoutTls: true,
      transient: false,
    })
  })

  test.each([
    {name: 'a broken record', error: Object.assign(new Error('bad record mac'), {code: 'EPROTO'})},
    {name: 'a broken connection', error: Object.assign(new Error('hang up'), {code: 'ECONNRESET'})},
    {name: 'no error', error: undefined},
  ])('is false for $name', ({error}) => {
    expect(isWithoutTls(error)).toBe(false)
  })
})
