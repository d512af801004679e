import {describe, expect, test} from '@jest/globals'
import type {Digest} from '../../../../src/oci/digest.ts'
import {uploadedBytes, uploadLocation, withDigest} from '../../../../src/registry/upload/location.ts'

const upload = new URL('https://r.example/v2/o/app/blobs/uploads/')

const digest: Digest = `sha256:${'a'.repeat(64)}`

describe('uploadLocation and withDigest', () => {
  test.each([
    {name: 'a path', given: '/v2/o/app/blobs/uploads/1', expected: 'https://r.example/v2/o/app/blobs/uploads/1?'},
    {name: 'a relative one', given: '1?a=b', expected: 'https://r.example/v2/o/app/blobs/uploads/1?a=b&'},
    {
      name: 'a query to the letter',
      given: 'https://r.example/u?_state=a%2Fb+c==&x',
      expected: 'https://r.example/u?_state=a%2Fb+c==&x&',
    },
    {name: 'another server', given: 'https://up.example/u', expected: 'https://up.example/u?'},
    {
      name: 'the wrong scheme, from behind a proxy',
      given: 'http://r.example/u?a=b',
      expected: 'https://r.example/u?a=b&',
    },
    {name: 'plain HTTP elsewhere', given: 'http://up.example/u', expected: undefined},
    {name: 'this machine', given: 'http://127.0.0.1/u', expected: undefined},
    {name: 'nothing', given: '', expected: undefined},
    {name: 'no header', given: undefined, expected: undefined},
  ])('$name', ({given, expected}) => {
    const location = uploadLocation(given, upload)
    expect(location && withDigest(location, digest).href).toBe(
      expected && `${expected}digest=sha256%3A${'a'.repeat(64)}`,
    )
  })
})

describe('uploadedBytes', () => {
  test.each([
    {given: '0-1023', expected: 1024},
    {given: 'bytes=0-9', expected: 10},
    {given: '0-0', expected: 0},
    {given: '5-9', expected: 0},
    {given: '', expected: 0},
    {given: undefined, expected: 0},
  ])('$given', ({given, expected}) => {
    expect(uploadedBytes(given)).toBe(expected)
  })
})
