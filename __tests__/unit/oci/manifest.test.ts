import {describe, expect, test} from '@jest/globals'
import {contentOf, foreignAlgorithm} from '../../../src/oci/manifest.ts'

const descriptor = (letter: string, mediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'): object => ({
  mediaType,
  digest: `sha256:${letter.repeat(64)}`,
  size: 1,
})

function letters(bytes: object | string): object | undefined {
  const content = contentOf(Buffer.from(typeof bytes === 'string' ? bytes : JSON.stringify(bytes)))
  const first = (list: readonly {readonly digest: string}[]): string =>
    list.map(({digest}) => digest.slice(7, 8)).join('')
  return content && {manifests: first(content.manifests), blobs: first(content.blobs)}
}

describe('what has to be there before a manifest', () => {
  test.each([
    {
      name: 'an image: configuration and layers',
      given: {config: descriptor('c'), layers: [descriptor('a'), descriptor('b')]},
      expected: {manifests: '', blobs: 'cab'},
    },
    {
      name: 'an image without a layer',
      given: {config: descriptor('c'), layers: []},
      expected: {manifests: '', blobs: 'c'},
    },
    {
      name: 'an index: all that it lists',
      given: {manifests: [descriptor('a'), {...descriptor('b'), platform: {os: 'unknown', architecture: 'unknown'}}]},
      expected: {manifests: 'ab', blobs: ''},
    },
    {name: 'an empty index', given: {manifests: []}, expected: {manifests: '', blobs: ''}},
    {
      name: 'layers that registries do not hold are left out',
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
    {name: 'no JSON', given: 'x', expected: undefined},
    {name: 'neither', given: {fsLayers: []}, expected: undefined},
    {name: 'an image without a configuration', given: {layers: [descriptor('a')]}, expected: undefined},
    {
      name: 'a layer that cannot be read',
      given: {config: descriptor('c'), layers: [{...descriptor('a'), digest: 'sha512:00'}]},
      expected: undefined,
    },
    {name: 'an entry that cannot be read', given: {manifests: [descriptor('a'), {}]}, expected: undefined},
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
    {name: 'what is no digest', given: {manifests: [{digest: 'latest'}, {}, 7], config: null}, expected: undefined},
    {name: 'no manifest', given: [], expected: undefined},
  ])('$name: $expected', ({given, expected}) => {
    expect(foreignAlgorithm(Buffer.from(JSON.stringify(given)))).toBe(expected)
  })
})
