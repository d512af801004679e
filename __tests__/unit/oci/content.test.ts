import {describe, expect, test} from '@jest/globals'
import {contentOf} from '../../../src/oci/content.ts'

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
