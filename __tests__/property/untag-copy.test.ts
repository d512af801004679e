import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../src/oci/digest.ts'
import {field, parseJson, subjectOf, type ManifestContent} from '../../src/oci/manifest.ts'
import {parseStoredManifest} from '../../src/retention/parse-manifest.ts'
import {copiedFor, untagCopy} from '../../src/retention/untag-copy.ts'
import fc from '../../testing/properties.ts'

const ociIndex = 'application/vnd.oci.image.index.v1+json'
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json'
const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'

const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)
const content = fc
  .record({
    mediaType: fc.constantFrom(ociIndex, ociManifest, dockerList, dockerManifest),
    text: fc.string({unit: 'grapheme'}),
    annotations: fc.option(fc.dictionary(fc.string(), fc.string()), {nil: undefined}),
    subject: fc.boolean(),
    end: fc.constantFrom('', '\n', ' \t\n\n'),
  })
  .map(({mediaType, text, annotations, subject, end}) => {
    const fields = {schemaVersion: 2, mediaType, text, annotations, ...(subject && {subject: {digest: 'sha256:0'}})}
    return contentOf(mediaType, `${JSON.stringify(fields, undefined, text.length % 3)}${end}`)
  })

function contentOf(mediaType: string, json: string): ManifestContent {
  const bytes = Buffer.from(json)
  return {digest: digestOf(bytes), mediaType, bytes}
}

/** Copy of a manifest of a type that can be copied. */
function copyOf(original: ManifestContent, name: string): ManifestContent {
  const copy = untagCopy(original, name)
  if (copy === undefined) throw new Error('not copied')
  return copy
}

const isOci = ({mediaType}: ManifestContent): boolean => mediaType.includes('.oci.')

/** Fields of a manifest, except those that a copy changes. */
function unchanged(bytes: Uint8Array): unknown {
  const manifest = parseJson(bytes)
  if (typeof manifest !== 'object' || manifest === null) return undefined
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !['annotations', 'subject'].includes(name)))
}

describe('a copy for the removal of a tag', () => {
  test('names its tag, and is otherwise the same manifest', () => {
    fc.assert(
      fc.property(content, tag, (original, name) => {
        const copy = copyOf(original, name)
        expect(copiedFor(copy)).toBe(name)
        expect(parseStoredManifest(copy)?.copiedFor).toBe(name)
        expect(copy.mediaType).toBe(original.mediaType)
        expect(copy.digest).toBe(digestOf(copy.bytes))
        expect(unchanged(copy.bytes)).toEqual(unchanged(original.bytes))
        if (!isOci(original)) expect(parseJson(copy.bytes)).toEqual(parseJson(original.bytes))
      }),
    )
  })

  test('has annotations, but not a subject', () => {
    fc.assert(
      fc.property(content.filter(isOci), tag, (original, name) => {
        const copy = copyOf(original, name)
        expect(subjectOf(copy.bytes)).toBeUndefined()
        const {annotations} = JSON.parse(Buffer.from(original.bytes).toString()) as {readonly annotations?: object}
        expect(field(parseJson(copy.bytes), 'annotations')).toEqual({...annotations, 'io.github.tagboat.untag': name})
      }),
    )
  })

  test('differs from the manifest, from copies for other tags, and from a copy of itself', () => {
    fc.assert(
      fc.property(content, tag, tag, (original, one, other) => {
        const copy = copyOf(original, one)
        const digests = [original.digest, copy.digest, copyOf(copy, one).digest]
        expect(new Set(digests).size).toBe(digests.length)
        expect(copyOf(original, other).digest === copy.digest).toBe(one === other)
        expect(copyOf(original, one).digest).toBe(copy.digest)
        expect(copiedFor(copyOf(copy, other))).toBe(other)
      }),
    )
  })
})

describe('a manifest that was not copied', () => {
  test('names no tag', () => {
    fc.assert(
      fc.property(content, (original) => {
        expect(copiedFor(original)).toBeUndefined()
        expect(parseStoredManifest(original)).not.toHaveProperty('copiedFor')
      }),
    )
  })

  test.each([
    {name: 'signed by Docker (schema 1)', mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws'},
    {name: 'of an unknown type', mediaType: 'application/vnd.acme.manifest+json'},
  ])('is not copied if it is $name', ({mediaType}) => {
    expect(untagCopy(contentOf(mediaType, '{"schemaVersion":1}'), '1.2.3')).toBeUndefined()
  })

  test('is not copied if it is not JSON', () => {
    expect(untagCopy(contentOf(ociIndex, 'oops'), '1.2.3')).toBeUndefined()
  })
})
