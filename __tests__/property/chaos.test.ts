import {beforeAll, describe, expect, test} from '@jest/globals'
import {Figures} from '../../testing/chaos/figures.ts'
import {invariants, type Invariant} from '../../testing/chaos/invariants.ts'
import {modes, type Mode} from '../../testing/chaos/modes.ts'
import {playRound, type Round} from '../../testing/chaos/round.ts'
import type {Attempt} from '../../testing/chaos/run.ts'
import {faultKinds} from '../../testing/chaos/weather.ts'
import {testSeed, times} from '../../testing/rounds.ts'

const rounds = times(4)
const firstSeed = testSeed()
const endings = 0.3

async function play(mode: Mode, seed: number, attempt?: Attempt): Promise<Round> {
  return playRound(mode, seed, {endings, without: new Set(), ...(attempt && {attempt})})
}

/** What a reader of a failed test needs: which promise was broken, and how to see it again. */
function told({mode, seed, verdict: {violations}}: Round): readonly string[] {
  const repeat = `npm run chaos -- --mode ${mode} --seed ${seed} --shrink`
  return violations.map(({invariant, text}) => `${invariant}: ${text}\n  to repeat it: ${repeat}`)
}

describe(`${rounds} rounds of chaos break no promise`, () => {
  const all = new Figures()

  test.each(modes)('%s', async (mode) => {
    const broken: string[] = []
    for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
      const round = await play(mode, seed)
      all.add(round)
      broken.push(...told(round))
    }
    expect(broken).toEqual([])
  })

  test('with every kind of fault and of end in them', () => {
    const kinds = [...faultKinds, 'ended well', 'failed', 'killed', 'cancelled', 'checks']
    expect(kinds.filter((kind) => (all.counts.get(kind) ?? 0) === 0)).toEqual([])
  })
})

/** Puts every tag once, whatever it holds, and says that all is well. */
const carelessly: Attempt = async (world, planned, life) => {
  const {tags, image} = world.publicationOf(planned)
  const http = world.network.http(life, life.signal)
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

describe('a run that puts every tag without a look', () => {
  const expected: readonly Invariant[] = [
    'exact tags are looked at before each PUT',
    'version tags end highest',
    'success is read back',
  ]

  const found = new Set<Invariant>()

  beforeAll(async () => {
    for (const mode of ['versions', 'other-commit', 'branch'] as const) {
      for (let seed = 1; seed <= 10; seed += 1) {
        // A killed run ends here, too: it has nothing that could say so.
        const {verdict} = await playRound(mode, seed, {endings: 0, without: new Set(), attempt: carelessly})
        for (const violation of verdict.violations) found.add(violation.invariant)
      }
    }
  })

  test.each(expected)('breaks the promise: %s', (invariant) => {
    expect(invariants).toContain(invariant)
    expect([...found]).toContain(invariant)
  })
})

describe('a round', () => {
  test('is the same for the same seed', async () => {
    const [first, second] = [await play('mixed', 7), await play('mixed', 7)]
    expect(first.events.length).toBeGreaterThan(100)
    expect(second.events).toEqual(first.events)
  })
})
