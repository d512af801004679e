import {describe, expect, test} from '@jest/globals'
import {judgeSizes} from '../../../src/gates/size-gate.ts'
import {Problems} from '../../../src/inputs/problem.ts'
import {parseSizeLimits, type SizeLimits} from '../../../src/inputs/size-limits.ts'
import {parseList} from '../../../src/inputs/syntax/lists.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import type {PublishedImage} from '../../../src/oci/published-image.ts'

const megabyte = 1_000_000

function parsed(maxSize: string, maxGrowth = ''): {readonly limits: SizeLimits; readonly problems: Problems} {
  const problems = new Problems()
  const items = (text: string): ReturnType<typeof parseList>['items'] =>
    parseList(text, {commas: true, quotes: true}).items
  return {limits: parseSizeLimits({maxSize: items(maxSize), maxGrowth: items(maxGrowth)}, problems), problems}
}

/** Image with layers of these sizes in megabytes. A layer is known by its name. */
function imageOf(platform: string, layers: Readonly<Record<string, number>>): PublishedImage {
  const list = Object.entries(layers).map(([name, size]) => ({
    digest: digestOf(Buffer.from(name)),
    sizeBytes: size * megabyte,
  }))
  return {
    platform,
    digest: digestOf(Buffer.from(platform)),
    compressedBytes: list.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0),
    layers: list,
  }
}

describe('sizes', () => {
  const images = [imageOf('linux/amd64', {base: 30, app: 12}), imageOf('linux/arm64', {base: 28, app: 10})]
  const previous = {
    tag: '1.2',
    version: '1.2.3',
    images: [imageOf('linux/amd64', {base: 30, old: 10}), imageOf('linux/arm64', {base: 28, app: 10})],
  }

  test.each<{name: string; size?: string; growth?: string; expected: readonly string[]}>([
    {
      name: 'below the limits',
      size: '50 MB',
      growth: '10%',
      expected: [],
    },
    {
      name: 'at the limit',
      size: '42 MB',
      growth: '2 MB',
      expected: [],
    },
    {
      name: 'above',
      size: '41 MB',
      expected: [
        'linux/amd64: 42.0 MB (limit 41.0 MB, 1.00 MB over)',
        'linux/amd64: largest layers: 30.0 MB (layer 1 of 2), 12.0 MB (layer 2 of 2)',
      ],
    },
    {
      name: 'one platform is above',
      size: '50 MB, linux/arm64=20 MB',
      expected: [
        'linux/arm64: 38.0 MB (limit 20.0 MB, 18.0 MB over)',
        'linux/arm64: largest layers: 28.0 MB (layer 1 of 2), 10.0 MB (layer 2 of 2)',
      ],
    },
    {
      name: 'with too much growth in percent',
      growth: '4%',
      expected: [
        'linux/amd64: 2.00 MB (5.0%) larger than 1.2.3 (limit +4%, 400.0 kB over)',
        'linux/amd64: largest layers that 1.2.3 does not have: 12.0 MB (layer 2 of 2)',
      ],
    },
    {
      name: 'with too much growth in bytes',
      growth: '1.5 MB',
      expected: [
        'linux/amd64: 2.00 MB larger than 1.2.3 (limit +1.50 MB, 500.0 kB over)',
        'linux/amd64: largest layers that 1.2.3 does not have: 12.0 MB (layer 2 of 2)',
      ],
    },
  ])('$name', ({size = '', growth = '', expected}) => {
    const before = growth === '' ? undefined : previous
    expect(judgeSizes(images, parsed(size, growth).limits, before).problems).toEqual(expected)
  })

  test('have one line each, also without anything to compare with', () => {
    const {lines} = judgeSizes(images, parsed('linux/amd64=50 MB', '10%').limits, {
      ...previous,
      images: images.slice(1),
    })
    expect(lines).toEqual([
      'linux/amd64: 42.0 MB (limit 50.0 MB), no earlier image to compare with',
      'linux/arm64: not larger than 1.2.3 (limit +10%)',
    ])
  })

  test('of a previous image that was a single manifest are compared', () => {
    const single = {tag: 'main', images: [{...imageOf('unknown', {base: 30})}]}
    expect(judgeSizes(images.slice(0, 1), parsed('', '0%').limits, single).problems).toHaveLength(2)
  })

  test('lack platforms that a limit names', () => {
    expect(judgeSizes(images, parsed('linux/s390x=1 MB').limits, undefined).absent).toEqual([
      {input: 'max-size', platform: 'linux/s390x'},
    ])
  })
})
