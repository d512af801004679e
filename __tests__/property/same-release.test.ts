import {describe, expect, test} from '@jest/globals'
import type {PromoteResult} from '../../src/promote/promote.ts'
import {memoryRegistry, type MemoryRegistry} from '../../testing/memory-registry.ts'
import {imageOf, targetTag, publish, type Publication} from '../../testing/promotions.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const host = 'registry.example'
const revision = '1'.repeat(40)

/** Step of a job. */
interface Step {
  readonly target: string
  readonly names: readonly string[]
  readonly readsStateFirst: boolean
}

const step: fc.Arbitrary<Step> = fc.record({
  target: fc.constantFrom('one', 'two', 'three'),
  names: fc.uniqueArray(fc.constantFrom('1.2.3', 'v1.2.3', '1.2.3-a', '1.2.3-b'), {minLength: 1, maxLength: 4}),
  readsStateFirst: fc.boolean(),
})

function publicationOf({target, names, readsStateFirst}: Step, index: number): Publication {
  const facts = {revision, build: `context=. target=${target}`, tags: [...names].sort().join(',')}
  return {
    client: `${index}`,
    tags: names.map((name) => targetTag(`${host}/app:${name}`, {kind: 'release', scheme: 'semver', version: '1.2.3'})),
    // Each build of a target results in another image.
    image: imageOf(`${target} ${index}`, facts),
    revision,
    build: facts.build,
    tagNames: facts.tags,
    readsStateFirst,
  }
}

interface Ended {
  readonly step: Step
  readonly run: Publication
  readonly result: PromoteResult
}

async function execute(waves: readonly (readonly Step[])[], registry: MemoryRegistry): Promise<readonly Ended[]> {
  const ended: Ended[] = []
  for (const wave of waves) {
    const runs = wave.map((one, index) => ({step: one, run: publicationOf(one, ended.length + index)}))
    const done = await Promise.all(runs.map(async (one) => ({...one, result: await publish(one.run, [registry])})))
    ended.push(...done)
  }
  return ended
}

/** Targets of the images by tag. */
function targetsByTag(registry: MemoryRegistry, ended: readonly Ended[]): ReadonlyMap<string, string> {
  const targets = new Map<string, string>(ended.map(({step: {target}, run}) => [run.image.digest, target]))
  return new Map(Object.entries(registry.tagsOf('app')).map(([tag, digest]) => [tag, targets.get(digest) ?? digest]))
}

function expectOwnTargets(ended: readonly Ended[], targets: ReadonlyMap<string, string>): void {
  for (const {step: one, result} of ended) {
    if (result.failure !== undefined) continue
    expect(one.names.map((name) => targets.get(name))).toEqual(one.names.map(() => one.target))
  }
}

describe('steps of one commit', () => {
  test('a successful one has its target in each of its tags, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, {minLength: 1, maxLength: 6}), async (steps) => {
        const registry = memoryRegistry({host})
        const ended = await execute(
          steps.map((one) => [one]),
          registry,
        )
        expectOwnTargets(ended, targetsByTag(registry, ended))
      }),
      {numRuns: times(15)},
    )
  })

  /** Registries have no conditional PUT. The later of two concurrent PUTs stays, and the earlier run may have ended. */
  test('concurrent ones point tags only to their images, and agree after a repetition', async () => {
    const history = fc.array(fc.array(step, {minLength: 1, maxLength: 3}), {minLength: 1, maxLength: 3})
    await fc.assert(
      fc.asyncProperty(history, async (waves) => {
        const registry = memoryRegistry({host})
        const ended = await execute(waves, registry)
        for (const [tag, target] of targetsByTag(registry, ended)) {
          const givers = ended.filter(({step: {names}}) => names.includes(tag))
          expect(givers.map((one) => one.step.target)).toContain(target)
        }
        const before = registry.tagsOf('app')
        const again = await execute(
          waves.flat().map((one) => [one]),
          registry,
        )
        expectOwnTargets(again, targetsByTag(registry, [...ended, ...again]))
        expect(registry.tagsOf('app')).toMatchObject(before)
      }),
      {numRuns: times(15)},
    )
  })

  test('a repeated one succeeds, and changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, {minLength: 1, maxLength: 4}), async (steps) => {
        const registry = memoryRegistry({host})
        const ended = await execute(
          steps.map((one) => [one]),
          registry,
        )
        const before = registry.tagsOf('app')
        for (const {step: one, result} of ended) {
          if (result.failure !== undefined) continue
          const [again] = await execute([[one]], registry)
          expect(again?.result.failure).toBeUndefined()
          expect(registry.tagsOf('app')).toEqual(before)
        }
      }),
      {numRuns: times(6)},
    )
  })
})
