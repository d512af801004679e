import {describe, expect, test} from '@jest/globals'
import {copyImage} from '../../../src/registry/images/copy.ts'
import {failure, unreachable} from '../../../src/registry/failure.ts'
import {NamedAddressError} from '../../../src/registry/named-address.ts'
import {defaultPolicy, withRetries} from '../../../src/registry/retry.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {repositoryDoubles} from '../../../testing/repository-doubles.ts'
import {activityOf} from '../../../testing/registry-client.ts'

// Wording of the messages of `src/registry`. The other tests of this folder assert codes and values only.

const request = {
  host: 'r.example',
  method: 'PUT',
  url: new URL('https://r.example/v2/o/app/manifests/1.2.3'),
  access: 'push',
  repository: 'r.example/o/app',
  authenticated: true,
  hide: (text: string) => text,
} as const

describe('errors of a registry', () => {
  test.each([
    {status: 429, expected: 'The rate limit of r.example is exceeded.'},
    {status: 409, expected: 'The tag of r.example/o/app is immutable.'},
    {status: 403, expected: 'r.example denied the push to r.example/o/app.'},
    {status: 507, expected: 'The storage of r.example is full.'},
    {status: 404, expected: 'The repository r.example/o/app does not exist.'},
    {status: 500, expected: 'r.example responded with an unexpected error.'},
  ])('$status: $expected', ({status, expected}) => {
    expect(failure(request, {status, body: Buffer.alloc(0)}).message).toBe(expected)
  })

  test('a denied read', () => {
    const error = failure({...request, access: 'pull', authenticated: false}, {status: 403, body: Buffer.alloc(0)})
    expect(error.message).toBe('r.example denied read access to r.example/o/app.')
    expect(error.evidence).toEqual(['PUT https://r.example/v2/o/app/manifests/1.2.3: 403, without credentials'])
  })

  test('no response', () => {
    expect(unreachable(request, new Error('x')).message).toBe('r.example did not respond.')
    const named = new NamedAddressError(new URL('https://up.example/u'), 'uploads', new Error('x'))
    expect(unreachable(request, named).message).toBe(
      'r.example names https://up.example for uploads, but that address did not respond.',
    )
  })

  test('a response without TLS', () => {
    const error = unreachable(request, Object.assign(new Error('wrong version number'), {code: 'EPROTO'}))
    expect(error.message).toBe('r.example responded without TLS.')
    expect(error.remedy).toBe(
      'If this registry uses plain HTTP, add r.example to `insecure-registries` in the daemon.json of the engine (/etc/docker/daemon.json). Otherwise check the port in `images`.',
    )
  })
})

test('a retry', async () => {
  const lines: string[] = []
  const timer = {sleep: async () => Promise.resolve(), random: () => 1, now: () => new Date(0)}
  const retrier = {
    policy: {...defaultPolicy, retries: 1},
    timer,
    activity: activityOf((line) => lines.push(line)),
    signal: new AbortController().signal,
  }
  await withRetries(retrier, {host: 'r.example', subject: 'GET tags/list'}, async () =>
    Promise.resolve({status: 503, headers: {}}),
  )
  expect(lines).toEqual(['r.example: GET tags/list failed (503); attempt 2 of 2 in 1 s'])
})

test('an image to copy that does not exist', async () => {
  const doubles = repositoryDoubles({})
  const digest = digestOf(Buffer.from('x'))
  const copy = copyImage({
    digest,
    source: doubles.repository('a.example/o/app'),
    destination: doubles.repository('b.example/o/app'),
    onLeftOut: () => undefined,
  })
  await expect(copy).rejects.toMatchObject({evidence: [`a.example/o/app does not have ${digest}`]})
})
