import {expect, test} from '@jest/globals'
import {parseLayout} from '../../../src/oci/layout.ts'
import {mergeIndex} from '../../../src/oci/merge-index.ts'
import {parseRepository, parseTag, parseTagRef} from '../../../src/oci/reference.ts'
import {makeImage} from '../../../testing/memory-registry/images.ts'

// Wording of the messages of `src/oci`. The other tests of this folder assert codes and values only.

test.each([
  {parse: parseRepository, text: '', reason: 'the repository is missing; an expression was probably empty'},
  {parse: parseRepository, text: 'https://ghcr.io/a', reason: 'an image name has no scheme; remove "https://"'},
  {parse: parseRepository, text: 'ghcr.io', reason: '"ghcr.io" is a registry without a repository'},
  {parse: parseRepository, text: 'ghcr.io:65536/app', reason: '"ghcr.io:65536" is not a registry host'},
  {parse: parseRepository, text: 'app:1.0', reason: 'an image name has no tag here'},
  {parse: parseRepository, text: 'app@sha256:0', reason: 'an image name has no digest here'},
  {parse: parseRepository, text: 'äpp', reason: '"äpp" cannot be part of an image name'},
  {parse: parseRepository, text: `x.y/${'a'.repeat(252)}`, reason: 'an image name has at most 255 characters'},
  {parse: parseTagRef, text: 'user/app', reason: 'a whole reference needs a tag: name:tag'},
  {parse: parseTagRef, text: 'user/app:', reason: 'a tag cannot be empty'},
  {parse: parseTagRef, text: 'user/app:a b', reason: 'a tag cannot contain " "'},
  {parse: parseTagRef, text: 'user/app@sha256:abc', reason: 'an image name has no digest here'},
  {parse: parseTagRef, text: 'user/-app:1', reason: '"-app" cannot be part of an image name'},
  {parse: parseTag, text: '', reason: 'a tag cannot be empty'},
  {parse: parseTag, text: '-a', reason: 'a tag cannot begin with "-"'},
  {parse: parseTag, text: 'a+b', reason: 'a tag cannot contain "+"'},
  {parse: parseTag, text: 'a\n', reason: String.raw`a tag cannot contain "\n"`},
  {parse: parseTag, text: 'a'.repeat(130), reason: 'a tag has at most 128 characters, this one has 130'},
])('reference: $reason', ({parse, text, reason}) => {
  expect(parse(text)).toMatchObject({ok: false, reason})
})

function descriptorOf(letter: string): object {
  return {mediaType: 'x', digest: `sha256:${letter.repeat(64)}`, size: 1}
}

test.each([
  {name: 'a missing layout file', marker: '', index: {}, reason: 'oci-layout does not have version 1'},
  {
    name: 'a missing list',
    marker: {imageLayoutVersion: '1.0.0'},
    index: {},
    reason: 'index.json has no list of manifests',
  },
  {
    name: 'an empty list',
    marker: {imageLayoutVersion: '1.0.0'},
    index: {manifests: []},
    reason: 'index.json lists no image',
  },
  {
    name: 'two images',
    marker: {imageLayoutVersion: '1.0.0'},
    index: {manifests: [descriptorOf('a'), descriptorOf('b')]},
    reason: 'index.json lists more than one image',
  },
])('layout: $name', ({marker, index, reason}) => {
  const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
  expect(parseLayout(bytes(marker), bytes(index))).toEqual({ok: false, reason})
})

test('images that cannot be merged', () => {
  const [first, second] = ['1', '2'].map((text) => makeImage({platforms: ['linux/amd64'], attestations: true, text}))
  if (first === undefined || second === undefined) throw new Error('no image')
  const digests = [first, second].map(({platforms}) => platforms.get('linux/amd64') ?? '').sort()
  const bare = makeImage({platforms: ['linux/s390x']})
  expect(mergeIndex([first, second, bare])).toEqual({
    ok: false,
    reasons: [`${bare.digest} has no platform`, `linux/amd64 is in ${digests.join(' and ')}`],
  })
})
