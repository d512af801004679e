import {beforeAll, describe, expect, test} from '@jest/globals'
import {Figures} from '../../testing/chaos/figures.ts'
import {invariants, type Invariant} from '../../testing/chaos/invariants.ts'
import {modes, type Mode} from '../../testing/chaos/modes.ts'
import {executeRound, type Round} from '../../testing/chaos/round.ts'
import type {ExecuteRun} from '../../testing/chaos/run.ts'
import {faultKinds} from '../../testing/chaos/conditions.ts'
import {testSeed, times} from '../../testing/rounds.ts'

const rounds = times(4)
const firstSeed = testSeed()
const endings = 0.3

async function execute(mode: Mode, seed: number, executeRun?: ExecuteRun): Promise<Round> {
  return executeRound(mode, seed, {endings, without: new Set(), ...(executeRun && {executeRun})})
}

/** Lists the broken promises of a round, each with the command that repeats the round. */
function violationsOf({mode, seed, verdict: {violations}}: Round): readonly string[] {
  const repeat = `npm run chaos -- --mode ${mode} --seed ${seed} --shrink`
  return violations.map(({invariant, text}) => `${invariant}: ${text}\n  repeat with: ${repeat}`)
}

describe(`${rounds} rounds of chaos break no promise`, () => {
  const all = new Figures()

  test.each(modes)('%s', async (mode) => {
    const broken: string[] = []
    for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
      const round = await execute(mode, seed)
      all.add(round)
      broken.push(...violationsOf(round))
    }
    expect(broken).toEqual([])
  })

  test('all kinds of faults and ends occur', () => {
    const kinds = [...faultKinds, 'succeeded', 'failed', 'killed', 'cancelled', 'checks']
    expect(kinds.filter((kind) => (all.counts.get(kind) ?? 0) === 0)).toEqual([])
  })
})

/** Writes every tag once without reading it, and reports success. */
const withoutReading: ExecuteRun = async (world, planned, lifetime) => {
  const {tags, image} = world.publicationOf(planned)
  const http = world.network.http(lifetime, lifetime.signal)
  for (const {reference} of tags) {
    const url = new URL(
      `https://${reference.repository.host}/v2/${reference.repository.path}/manifests/${reference.tag}`,
    )
    await http
      .send({method: 'PUT', url, headers: {'content-type': image.mediaType}, body: image.bytes})
      .catch(() => undefined)
  }
  const rows = tags.map(({reference}) => ({reference, outcome: 'new', after: image.digest}) as const)
  return {rows, failure: undefined}
}

describe('a run that writes tags without reading them', () => {
  const expected: readonly Invariant[] = [
    'exact tags are read before each PUT',
    'version tags point to the highest version',
    'a successful run has read back its tags',
  ]

  const found = new Set<Invariant>()

  beforeAll(async () => {
    for (const mode of ['versions', 'other-commit', 'branch'] as const) {
      for (let seed = 1; seed <= 10; seed += 1) {
        const {verdict} = await executeRound(mode, seed, {endings: 0, without: new Set(), executeRun: withoutReading})
        for (const violation of verdict.violations) found.add(violation.invariant)
      }
    }
  })

  test.each(expected)('violates: %s', (invariant) => {
    expect(invariants).toContain(invariant)
    expect([...found]).toContain(invariant)
  })
})

describe('a round', () => {
  test('is the same for the same seed', async () => {
    const [first, second] = [await execute('mixed', 7), await execute('mixed', 7)]
    expect(first.events.length).toBeGreaterThan(100)
    expect(second.events).toEqual(first.events)
  })
})
