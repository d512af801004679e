import {describe, expect, test} from '@jest/globals'
import type {BuilderNode} from '../../src/buildx/inspect.ts'
import {formatPlatform, samePlatform, type Platform} from '../../src/oci/platform.ts'
import {distribute} from '../../src/stage/nodes/distribute-platforms.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const platform: fc.Arbitrary<Platform> = fc.constantFrom<Platform>(
  {os: 'linux', architecture: 'amd64'},
  {os: 'linux', architecture: 'amd64', variant: 'v2'},
  {os: 'linux', architecture: '386'},
  {os: 'linux', architecture: 'arm64'},
  {os: 'linux', architecture: 'arm', variant: 'v7'},
  {os: 'linux', architecture: 'arm'},
  {os: 'linux', architecture: 's390x'},
  {os: 'windows', architecture: 'amd64'},
)

const nodes: fc.Arbitrary<readonly BuilderNode[]> = fc
  .array(fc.tuple(fc.array(platform), fc.array(platform)), {maxLength: 4})
  .map((all) =>
    all.map(([fixed, own], index) => ({
      name: `n${index}`,
      endpoint: '',
      status: 'running',
      fixed,
      platforms: [...fixed, ...own],
      buildkit: undefined,
    })),
  )

const lists = (known: readonly Platform[], one: Platform): boolean => known.some((other) => samePlatform(one, other))

describe('distribute', () => {
  test('builds every platform exactly once, or says that it cannot', () => {
    fc.assert(
      fc.property(nodes, fc.array(platform), (given, asked) => {
        const {shares, unplaced} = distribute(given, asked)
        const done = [...shares.flatMap((share) => share.platforms), ...unplaced]
        for (const one of asked) expect(done.filter((other) => samePlatform(one, other))).toHaveLength(1)
        expect(done.filter((one) => !lists(asked, one))).toEqual([])
      }),
      {numRuns: times(300)},
    )
  })

  test('gives a node nothing that it does not list, and no node two builds', () => {
    fc.assert(
      fc.property(nodes, fc.array(platform), (given, asked) => {
        const {shares, unplaced} = distribute(given, asked)
        const names = shares.map(({node}) => node.name)
        expect(names).toEqual([...new Set(names)].sort())
        for (const share of shares) {
          expect(share.platforms).not.toEqual([])
          expect(share.platforms.filter((one) => !lists(share.node.platforms, one)).map(formatPlatform)).toEqual([])
        }
        for (const one of unplaced) expect(given.filter((node) => lists(node.platforms, one))).toEqual([])
      }),
      {numRuns: times(300)},
    )
  })

  test('prefers the node for which a platform was set by hand, then the one that runs it natively', () => {
    fc.assert(
      fc.property(nodes, fc.array(platform), (given, asked) => {
        for (const {node, platforms} of distribute(given, asked).shares) {
          for (const one of platforms) {
            const byHand = given.filter(({fixed}) => lists(fixed, one))
            const native = given.filter((other) => other.fixed.length === 0 && lists(other.platforms.slice(0, 1), one))
            const [best] = byHand.length > 0 ? byHand : native
            if (best !== undefined) expect(node.name).toBe(best.name)
          }
        }
      }),
      {numRuns: times(300)},
    )
  })
})
