import {describe, expect, test} from '@jest/globals'
import {parseMetadata} from '../../../src/buildx/metadata.ts'
import {builderName} from '../../../src/buildx/progress.ts'

const index = `sha256:${'1'.repeat(64)}`

interface Row {
  readonly name: string
  readonly given: unknown
  readonly expected: {
    readonly digest?: string
    readonly platform?: object
  }
}

const rows: readonly Row[] = [
  {
    name: 'several platforms',
    given: {
      'buildx.build.ref': 'default/default/inqsg9n4vehjdzfp564xvvjoe',
      'containerimage.descriptor': {
        mediaType: 'application/vnd.oci.image.index.v1+json',
        digest: index,
        size: 1607,
      },
      'containerimage.digest': index,
      'image.name': 'localhost:5000/a:1',
    },
    expected: {digest: index},
  },
  {
    name: 'one image',
    given: {
      'containerimage.descriptor': {digest: index, platform: {architecture: 'arm', os: 'linux', variant: 'v7'}},
      'containerimage.digest': index,
    },
    expected: {
      digest: index,
      platform: {os: 'linux', architecture: 'arm', variant: 'v7'},
    },
  },
  {name: 'no image', given: {'buildx.build.ref': 'x/y/z'}, expected: {}},
  {
    name: 'values of other types',
    given: {'containerimage.digest': 7},
    expected: {},
  },
  {
    name: 'a descriptor of other types',
    given: {'containerimage.descriptor': {platform: {os: 1, architecture: null}}},
    expected: {},
  },
  {name: 'no object', given: ['x'], expected: {}},
  {name: 'null', given: null, expected: {}},
]

describe('parseMetadata', () => {
  test.each(rows)('$name', ({given, expected}) => {
    const {text, ...metadata} = parseMetadata(JSON.stringify(given))
    expect(metadata).toEqual({digest: undefined, platform: undefined, ...expected})
    expect(JSON.parse(text)).toEqual(given)
  })

  test('what is no JSON is an error', () => {
    expect(() => parseMetadata('{')).toThrow()
  })
})

describe('builderName', () => {
  test.each([
    {
      name: 'the first line of the progress',
      given: '#0 building with "default" instance using docker driver\n\n#1 [internal] load',
      expected: {name: 'default', driver: 'docker'},
    },
    {
      name: 'in the middle of a line',
      given: '#5 1.2 #0 building with "x" instance using docker driver',
      expected: undefined,
    },
    {name: 'nothing', given: '', expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(builderName(given)).toEqual(expected)
  })
})
