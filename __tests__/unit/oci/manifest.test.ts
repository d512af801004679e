import {describe, expect, test} from '@jest/globals'
import {manifestParts, foreignAlgorithm} from '../../../src/oci/manifest.ts'

const descriptor = (letter: string, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): object => ({
  mediaType,
  digest: `sha256:${letter.repeat(64)}`,
  size: 1,
})

function letters(bytes: object | string): object | undefined {
  const parts = manifestParts(Buffer.from(typeof bytes === 'string' ? bytes : JSON.stringify(bytes)))
  const first = (list: readonly {readonly digest: string}[]): string =>
    list.map(({digest}) => digest.slice(7, 8)).join('')
  return parts && {manifests: first(parts.manifests), blobs: first(parts.blobs)}
}

describe('manifestParts', () => {
  test.each([
    {
      name: 'an image: configuration and layers',
      given: {config: descriptor('c'), layers: [descriptor('a'), descriptor('b')]},
      expected: {manifests: '', blobs: 'cab'},
    },
    {
      name: 'an empty image',
      given: {config: descriptor('c'), layers: []},
      expected: {manifests: '', blobs: 'c'},
    },
    {
      name: 'an index: all entries',
      given: {manifests: [descriptor('a'), {...descriptor('b'), platform: {os: 'unknown', architecture: 'unknown'}}]},
      expected: {manifests: 'ab', blobs: ''},
    },
    {name: 'an empty index', given: {manifests: []}, expected: {manifests: '', blobs: ''}},
    {
      name: 'an image with non-distributable layers',
      given: {
        config: descriptor('c'),
        layers: [
          descriptor('a', 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'),
          descriptor('b', 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'),
          descriptor('d'),
        ],
      },
      expected: {manifests: '', blobs: 'cd'},
    },
    {name: 'not JSON', given: 'x', expected: undefined},
    {name: 'neither', given: {fsLayers: []}, expected: undefined},
    {name: 'no configuration', given: {layers: [descriptor('a')]}, expected: undefined},
    {
      name: 'a layer with another algorithm',
      given: {config: descriptor('c'), layers: [{...descriptor('a'), digest: 'sha512:00'}]},
      expected: undefined,
    },
    {name: 'an invalid entry', given: {manifests: [descriptor('a'), {}]}, expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(letters(given)).toEqual(expected)
  })
})

describe('foreignAlgorithm', () => {
  const other = {...descriptor('a'), digest: `sha512:${'a'.repeat(128)}`}
  test.each([
    {name: 'a layer', given: {config: descriptor('c'), layers: [descriptor('a'), other]}, expected: 'sha512'},
    {name: 'a configuration', given: {config: other, layers: []}, expected: 'sha512'},
    {name: 'an entry of an index', given: {manifests: [descriptor('a'), other]}, expected: 'sha512'},
    {
      name: 'an algorithm of several words',
      given: {manifests: [{digest: 'multihash+base58:Qm=_-'}]},
      expected: 'multihash+base58',
    },
    {name: 'none', given: {config: descriptor('c'), layers: [descriptor('a')]}, expected: undefined},
    {name: 'invalid digests', given: {manifests: [{digest: 'latest'}, {}, 7], config: null}, expected: undefined},
    {name: 'a list', given: [], expected: undefined},
  ])('$name: $expected', ({given, expected}) => {
    expect(foreignAlgorithm(Buffer.from(JSON.stringify(given)))).toBe(expected)
  })
})
