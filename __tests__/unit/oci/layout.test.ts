import {describe, expect, test} from '@jest/globals'
import {blobPath, parseLayout} from '../../../src/oci/layout.ts'

const digest = `sha256:${'a'.repeat(64)}` as const
const other = `sha256:${'b'.repeat(64)}`
const type = 'application/vnd.oci.image.index.v1+json'
const marker = {imageLayoutVersion: '1.0.0'}

function entry(of: string, name = 'latest'): object {
  return {mediaType: type, digest: of, size: 7, annotations: {'org.opencontainers.image.ref.name': name}}
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}

describe('parseLayout', () => {
  test.each([
    {name: 'one image', given: [marker, {schemaVersion: 2, manifests: [entry(digest)]}]},
    {name: 'one image under two names', given: [marker, {manifests: [entry(digest, '1'), entry(digest, '2')]}]},
    {name: 'a later version 1', given: [{imageLayoutVersion: '1.1.0'}, {manifests: [entry(digest)]}]},
  ])('$name', ({given: [first, index]}) => {
    expect(parseLayout(encode(first), encode(index))).toEqual({
      ok: true,
      top: {mediaType: type, digest, sizeBytes: 7, platform: undefined},
    })
  })

  test.each([
    {
      name: 'a missing layout file',
      given: ['', {manifests: [entry(digest)]}],
    },
    {
      name: 'another version',
      given: [{imageLayoutVersion: '2.0.0'}, {}],
    },
    {name: 'no index', given: [marker, 'x']},
    {name: 'no image', given: [marker, {manifests: []}]},
    {
      name: 'an invalid descriptor',
      given: [marker, {manifests: [{digest}]}],
    },
    {
      name: 'two images',
      given: [marker, {manifests: [entry(digest), entry(other)]}],
    },
    {
      name: 'a valid and an invalid descriptor',
      given: [marker, {manifests: [entry(digest), {}]}],
    },
  ])('refuses $name', ({given: [first, index]}) => {
    expect(parseLayout(encode(first), encode(index)).ok).toBe(false)
  })
})

test('a blob path contains the algorithm', () => {
  expect(blobPath(digest)).toEqual(['blobs', 'sha256', 'a'.repeat(64)])
})
