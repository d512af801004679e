import {describe, expect, test} from '@jest/globals'
import {mergeMetadata, type PartMetadata} from '../../../src/buildx/merge-metadata.ts'
import {parseMetadata} from '../../../src/buildx/metadata.ts'
import {builderName} from '../../../src/buildx/progress/progress.ts'
import {digestOf} from '../../../src/oci/digest.ts'

const whole = digestOf(Buffer.from('index'))
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

  test('text that is not JSON is an error', () => {
    expect(() => parseMetadata('{')).toThrow()
  })
})

describe('mergeMetadata', () => {
  const digestOfPart = (digit: string): string => `sha256:${digit.repeat(64)}`
  const part = (architecture: string, digit: string, more: object = {}): PartMetadata => ({
    platforms: [{os: 'linux', architecture}],
    metadata: parseMetadata(
      JSON.stringify({
        'buildx.build.ref': `pair/pair${digit}/x`,
        'containerimage.digest': digestOfPart(digit),
        'image.name': 'r.example/o/app',
        ...more,
      }),
    ),
  })
  const parts = [
    part('amd64', '2', {'buildx.build.provenance/linux/amd64': {a: 1}}),
    part('arm64', '3', {'buildx.build.provenance/linux/arm64': {a: 2}}),
  ]

  test('merges equal fields, and keeps different ones per platform', () => {
    const merged = mergeMetadata(parts, {digest: whole, mediaType: 'application/x', sizeBytes: 7})
    expect(merged.digest).toBe(whole)
    expect(merged.platform).toBeUndefined()
    expect(Object.entries(JSON.parse(merged.text) as object)).toEqual([
      ['buildx.build.provenance/linux/amd64', {a: 1}],
      ['buildx.build.provenance/linux/arm64', {a: 2}],
      ['buildx.build.ref/linux/amd64', 'pair/pair2/x'],
      ['buildx.build.ref/linux/arm64', 'pair/pair3/x'],
      ['containerimage.descriptor', {mediaType: 'application/x', digest: whole, size: 7}],
      ['containerimage.digest', whole],
      ['containerimage.digest/linux/amd64', digestOfPart('2')],
      ['containerimage.digest/linux/arm64', digestOfPart('3')],
      ['image.name', 'r.example/o/app'],
    ])
  })

  test('has no digest where nothing was made of the parts', () => {
    const merged = mergeMetadata(parts, undefined)
    expect(merged.digest).toBeUndefined()
    expect(parseMetadata(merged.text).digest).toBeUndefined()
  })

  test('names a field of several platforms in one build for each of them', () => {
    const both = {...part('arm64', '3'), platforms: [armSix, {os: 'linux', architecture: 'arm64'}]}
    const {text} = mergeMetadata([part('amd64', '2'), both], undefined)
    expect(JSON.parse(text)).toMatchObject({
      'buildx.build.ref/linux/arm/v6': 'pair/pair3/x',
      'buildx.build.ref/linux/arm64': 'pair/pair3/x',
    })
  })

  test.each(['[]', 'null', '7'])('ignores other values: %s', (text) => {
    expect(mergeMetadata([{platforms: [armSix], metadata: parseMetadata(text)}], undefined).text).toBe('{}')
  })
})

const armSix = {os: 'linux', architecture: 'arm', variant: 'v6'}

describe('builderName', () => {
  test.each([
    {
      name: 'the first progress line',
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
