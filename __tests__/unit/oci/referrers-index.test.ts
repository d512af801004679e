import {describe, expect, test} from '@jest/globals'
import {addReferrers} from '../../../src/oci/referrers-index.ts'
import {makeImage, makeReferrer} from '../../../testing/memory-registry/images.ts'

const made = makeReferrer(makeImage(), 'application/vnd.example.signature')

/** Signature with other fields. */
function changed(changes: object): typeof made {
  const json = JSON.parse(made.bytes.toString()) as object
  return {...made, bytes: Buffer.from(JSON.stringify({...json, ...changes}))}
}

const signature = changed({annotations: {by: 'me'}})
const listed = {
  mediaType: signature.mediaType,
  digest: signature.digest,
  size: signature.bytes.length,
  artifactType: 'application/vnd.example.signature',
  annotations: {by: 'me'},
}

function entries(text: string): unknown {
  const {schemaVersion, mediaType, manifests} = JSON.parse(text) as Readonly<Record<string, unknown>>
  expect({schemaVersion, mediaType}).toEqual({schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json'})
  return manifests
}

describe('addReferrers', () => {
  test('creates an index with type and annotations of the referrer', () => {
    expect(entries(addReferrers(undefined, [signature]))).toEqual([listed])
  })

  test('the artifact type defaults to the type of the configuration', () => {
    const untyped = changed({artifactType: undefined})
    const [entry] = entries(addReferrers(undefined, [untyped])) as readonly object[]
    expect(entry).toMatchObject({artifactType: 'application/vnd.oci.empty.v1+json'})
  })

  test('preserves entries, and does not add them again', () => {
    const other = {digest: 'sha256:1', unknown: true}
    const current = Buffer.from(JSON.stringify({manifests: [other, listed]}))
    expect(entries(addReferrers(current, [signature]))).toEqual([other, listed])
  })

  test('replaces an invalid index', () => {
    expect(entries(addReferrers(Buffer.from('not JSON'), [signature]))).toEqual([listed])
  })
})
