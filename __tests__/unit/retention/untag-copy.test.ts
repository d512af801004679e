import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../../src/oci/digest.ts'
import {parseJson, subjectOf, type ManifestContent} from '../../../src/oci/manifest.ts'
import {removes, untagAnnotation, untagCopy, untagMarkOf} from '../../../src/retention/untag-copy.ts'
import {makeImage, makeReferrer} from '../../../testing/memory-registry.ts'
import fc from '../../../testing/properties.ts'

const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'

function contentOf(mediaType: string, text: string): ManifestContent {
  const bytes = Buffer.from(text)
  return {digest: digestOf(bytes), mediaType, bytes}
}

function copyOf(content: ManifestContent, tag: string): ManifestContent {
  const copy = untagCopy(content, tag)
  if (copy === undefined) throw new Error('no copy')
  return copy
}

const index = makeImage({platforms: ['linux/amd64', 'linux/arm64'], annotations: {one: '1'}})
const docker = contentOf(dockerManifest, JSON.stringify({schemaVersion: 2, mediaType: dockerManifest, layers: []}))

describe('a copy', () => {
  test('of an index has one annotation more', () => {
    const copy = copyOf(index, 'pr-12')
    expect(parseJson(copy.bytes)).toEqual({
      ...(parseJson(index.bytes) as object),
      annotations: {one: '1', [untagAnnotation]: 'pr-12'},
    })
    expect(copy.mediaType).toBe(index.mediaType)
    expect(copy.digest).toBe(digestOf(copy.bytes))
    expect(untagMarkOf(copy.bytes)).toEqual({kind: 'annotation', tag: 'pr-12'})
  })

  test('of a referrer has no subject', () => {
    const referrer = makeReferrer(index, 'application/example')
    expect(subjectOf(referrer.bytes)).toBe(index.digest)
    expect(subjectOf(copyOf(referrer, 'signed').bytes)).toBeUndefined()
  })

  test('of a manifest of Docker has the same document, with another digest for each tag', () => {
    const copies = ['pr-1', 'pr-2', 'pr-3'].map((tag) => copyOf(docker, tag))
    for (const {bytes, mediaType} of copies) {
      expect(parseJson(bytes)).toEqual(parseJson(docker.bytes))
      expect(mediaType).toBe(dockerManifest)
    }
    expect(new Set([docker, ...copies].map(({digest}) => digest)).size).toBe(4)
  })

  test.each([
    {name: 'a signed manifest', text: '{"schemaVersion":1,"signatures":[]}'},
    {name: 'a list', text: '[]'},
    {name: 'no JSON', text: 'manifest'},
  ])('is not made of $name', ({text}) => {
    expect(untagCopy(contentOf('application/example', text), 'one')).toBeUndefined()
  })
})

describe('the mark of a copy', () => {
  const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,40}$/)
  const originals = fc.constantFrom<ManifestContent>(
    index,
    docker,
    contentOf(dockerManifest, `${Buffer.from(docker.bytes).toString()}\n\n`),
  )

  test('is for its tag', () => {
    fc.assert(
      fc.property(originals, tag, (original, removed) => {
        const mark = untagMarkOf(copyOf(original, removed).bytes)
        expect(mark !== undefined && removes(mark, removed)).toBe(true)
      }),
      {numRuns: 100},
    )
  })

  test('is for no other tag', () => {
    const mark = untagMarkOf(copyOf(index, 'pr-1').bytes)
    expect(mark !== undefined && removes(mark, 'pr-12')).toBe(false)
    const newlines = untagMarkOf(copyOf(docker, 'pr-1').bytes)
    expect(newlines !== undefined && removes(newlines, 'pr-2')).toBe(false)
  })

  test.each([
    {name: 'an index', bytes: index.bytes},
    {name: 'a manifest of Docker', bytes: docker.bytes},
    {name: 'a manifest with a few newlines', bytes: Buffer.from('{}\n\n\n')},
    {name: 'an empty document', bytes: Buffer.alloc(0)},
  ])('is missing in $name', ({bytes}) => {
    expect(untagMarkOf(bytes)).toBeUndefined()
  })
})
