import {describe, expect, test} from '@jest/globals'
import type {BuilderNode} from '../../src/buildx/inspect.ts'
import {samePlatform, type Platform} from '../../src/oci/platform.ts'
import {distribute} from '../../src/stage/nodes/distribute.ts'
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
    all.map(([fixed, others], index) => ({
      name: `n${index}`,
      endpoint: '',
      status: 'running',
      fixed,
      platforms: [...fixed, ...others],
      buildkit: undefined,
    })),
  )

const lists = (known: readonly Platform[], one: Platform): boolean => known.some((other) => samePlatform(one, other))

describe('distribute', () => {
  test('assigns every platform to one node', () => {
    fc.assert(
      fc.property(nodes, fc.array(platform), (available, requested) => {
        const assigned = distribute(available, requested).assignments.flatMap((assignment) => assignment.platforms)
        const count = available.length === 0 ? 0 : 1
        for (const one of requested) expect(assigned.filter((other) => samePlatform(one, other))).toHaveLength(count)
        expect(assigned.filter((one) => !lists(requested, one))).toEqual([])
      }),
      {numRuns: times(300)},
    )
  })

  test('assigns at most one build per node, and only the first gets platforms that no node lists', () => {
    fc.assert(
      fc.property(nodes, fc.array(platform), (available, requested) => {
        const {assignments, unsupported} = distribute(available, requested)
        const names = assignments.map(({node}) => node.name)
        expect(names).toEqual([...new Set(names)].sort())
        for (const assignment of assignments) {
          expect(assignment.platforms).not.toEqual([])
          const unlisted = assignment.platforms.filter((one) => !lists(assignment.node.platforms, one))
          expect(unlisted).toEqual(assignment.node === available[0] ? unsupported : [])
        }
        for (const one of unsupported) expect(available.filter((node) => lists(node.platforms, one))).toEqual([])
      }),
      {numRuns: times(300)},
    )
  })

  test('prefers a node with a configured platform, then a native one', () => {
    fc.assert(
      fc.property(nodes, fc.array(platform), (available, requested) => {
        for (const {node, platforms} of distribute(available, requested).assignments) {
          for (const one of platforms) {
            const configured = available.filter(({fixed}) => lists(fixed, one))
            const native = available.filter(
              (other) => other.fixed.length === 0 && lists(other.platforms.slice(0, 1), one),
            )
            const [best] = configured.length > 0 ? configured : native
            if (best !== undefined) expect(node.name).toBe(best.name)
          }
        }
      }),
      {numRuns: times(300)},
    )
  })
})
