import {describe, expect, test} from '@jest/globals'
import {Problems} from '../../../src/inputs/problem.ts'
import {parseSizeLimits, type SizeLimits} from '../../../src/inputs/size-limits.ts'
import {parseList} from '../../../src/inputs/syntax/lists.ts'

const megabyte = 1_000_000

function parsed(maxSize: string, maxGrowth = ''): {readonly limits: SizeLimits; readonly problems: Problems} {
  const problems = new Problems()
  const items = (text: string): ReturnType<typeof parseList>['items'] =>
    parseList(text, {commas: true, quotes: true}).items
  return {limits: parseSizeLimits({maxSize: items(maxSize), maxGrowth: items(maxGrowth)}, problems), problems}
}

describe('limits of sizes', () => {
  test.each<{name: string; text: string; bytes: number}>([
    {name: 'megabytes', text: '250 MB', bytes: 250 * megabyte},
    {name: 'gigabytes with a fraction, without a space', text: '1.5GB', bytes: 1_500_000_000},
    {name: 'powers of 1024', text: '2 MiB', bytes: 2 * 1024 ** 2},
    {name: 'any case', text: '10 kb', bytes: 10_000},
    {name: 'bytes', text: '512 B', bytes: 512},
  ])('are $name', ({text, bytes}) => {
    expect(parsed(text).limits.maxSize.get('')).toEqual({kind: 'bytes', bytes})
  })

  test('are those of platforms, also by an alias, and of all others', () => {
    const {limits} = parsed('100 MB\nlinux/aarch64=120 MB, linux/arm/v7 = 90 MB', '10%, linux/arm64=20 MB')
    expect([...limits.maxSize]).toEqual([
      ['', {kind: 'bytes', bytes: 100 * megabyte}],
      ['linux/arm64', {kind: 'bytes', bytes: 120 * megabyte}],
      ['linux/arm', {kind: 'bytes', bytes: 90 * megabyte}],
    ])
    expect([...limits.maxGrowth]).toEqual([
      ['', {kind: 'percent', percent: 10}],
      ['linux/arm64', {kind: 'bytes', bytes: 20 * megabyte}],
    ])
  })

  test.each<{name: string; size: string; growth?: string; column: number; input?: string}>([
    {name: 'a number without a unit', size: '250', column: 1},
    {name: 'a unit of Docker, a power of 1024', size: '250m', column: 1},
    {name: 'a percentage of nothing', size: '10%', column: 1},
    {name: 'a negative size', size: '-1 MB', column: 1},
    {name: 'a platform without an architecture', size: 'linux=10 MB', column: 1},
    {name: 'a platform without a size', size: 'linux/arm64=', column: 13},
    {name: 'two limits for all', size: '1 MB, 2 MB', column: 7},
    {name: 'two limits for one platform', size: 'linux/arm64=1 MB, linux/aarch64=2 MB', column: 19},
    {name: 'a growth in words', size: '', growth: 'ten percent', column: 1, input: 'max-growth'},
  ])('are refused: $name', ({size, growth, column, input = 'max-size'}) => {
    expect(() => {
      parsed(size, growth).problems.throwIfAny()
    }).toThrow(expect.objectContaining({evidence: [expect.stringContaining(`${input}, line 1, column ${column}`)]}))
  })
})
