import {expect, test} from '@jest/globals'
import type {Digest} from '../../src/oci/digest.ts'
import {memoryRegistry, type MemoryRegistry} from '../../testing/memory-registry.ts'
import {imageOf, publish, releaseTags} from '../../testing/promotions.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const repository = 'registry.example/app'

/** Run of a version; a PUT of a floating tag may fail in it. */
interface Run {
  readonly version: string
  readonly fails: boolean
}

const version = fc
  .tuple(fc.integer({min: 1, max: 2}), fc.nat({max: 1}), fc.nat({max: 3}))
  .map((numbers) => numbers.join('.'))
const run: fc.Arbitrary<Run> = fc.record({version, fails: fc.boolean()})
const wave = fc.array(run, {minLength: 1, maxLength: 3})

/** Registry with the versions of the images that were published to it. */
class World {
  readonly registry: MemoryRegistry
  readonly versions = new Map<Digest, string>()
  readonly #failing = new Set<string>()
  #count = 0

  constructor(scheduler: fc.Scheduler) {
    this.registry = memoryRegistry({
      schedule: async (label) => {
        if (!label.startsWith('answer')) await scheduler.schedule(Promise.resolve(), label)
      },
      fault: ({client, method, path}) =>
        this.#failing.has(client) && method === 'PUT' && path.endsWith('/manifests/latest')
          ? {kind: 'answer', status: 500}
          : undefined,
    })
  }

  async publish({version: published, fails}: Run, withdrawn: readonly string[]): Promise<boolean> {
    this.#count += 1
    const client = `run${this.#count}`
    if (fails) this.#failing.add(client)
    const revision = `of-${published}`
    const image = imageOf(client, {revision, version: published})
    this.versions.set(image.digest, published)
    const isWithdrawn = (one: {readonly version: string}): boolean => withdrawn.includes(one.version)
    const given = {client, image, revision, tags: releaseTags(repository, published), policy: {isWithdrawn}}
    return (await publish(given, [this.registry])).failure === undefined
  }

  /** Versions of all tags. */
  tags(): Readonly<Record<string, string | undefined>> {
    const tags = Object.entries(this.registry.tagsOf('app'))
    return Object.fromEntries(tags.map(([tag, digest]) => [tag, this.versions.get(digest)]))
  }

  /** Number of moves so far, and the tags now. */
  now(): {readonly moves: number; readonly tags: Readonly<Record<string, Digest>>} {
    return {moves: this.registry.moves.length, tags: this.registry.tagsOf('app')}
  }

  /**
   * Floating tags that were moved to one of these versions since a time, except by the rollback of a failed run, which
   * restores what the tag had then.
   */
  movedTo(withdrawn: readonly string[], since: ReturnType<World['now']>): readonly string[] {
    return this.registry.moves
      .slice(since.moves)
      .filter(({tag, to}) => !/^\d+\.\d+\.\d+$/.test(tag) && to !== undefined)
      .filter(({to}) => to !== undefined && withdrawn.includes(this.versions.get(to) ?? ''))
      .filter(({client, tag, to}) => !(this.#failing.has(client) && to === since.tags[tag]))
      .map(({client, tag}) => `${client} moved ${tag}`)
  }
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', {numeric: true})
}

/** Highest version that is not withdrawn, for each floating tag of a version. */
function expected(
  world: World,
  of: string,
  withdrawn: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const [major = '', minor = ''] = of.split('.')
  const exact = Object.keys(world.tags()).filter((tag) => /^\d+\.\d+\.\d+$/.test(tag) && !withdrawn.includes(tag))
  const highest = (line: string): string | undefined =>
    exact
      .filter((tag) => tag.startsWith(line))
      .sort(compare)
      .at(-1)
  const lines = {[`${major}.${minor}`]: `${major}.${minor}.`, [major]: `${major}.`, latest: ''}
  // A missing tag is created by the run of the highest version only.
  const existing = Object.entries(lines).filter(([tag]) => Object.hasOwn(world.tags(), tag))
  return Object.fromEntries(existing.map(([tag, line]) => [tag, highest(line)]))
}

test('overlapping runs never move a floating tag to a withdrawn version, and leave one', async () => {
  const history = fc.record({
    before: wave,
    after: wave,
    withdrawn: fc.uniqueArray(version, {minLength: 1, maxLength: 4}),
  })
  const property = fc.asyncProperty(fc.scheduler(), history, async (scheduler, {before, after, withdrawn}) => {
    const world = new World(scheduler)
    const execute = async (runs: readonly Run[], versions: readonly string[]): Promise<readonly boolean[]> =>
      scheduler.waitFor(Promise.all(runs.map(async (one) => world.publish(one, versions))))
    await execute(before, [])
    const start = world.now()
    await execute(after, withdrawn)
    expect(world.movedTo(withdrawn, start)).toEqual([])
    for (const {version: published} of [...before, ...after]) {
      await execute([{version: published, fails: false}], withdrawn)
      if (withdrawn.includes(published)) continue
      expect(world.tags()).toMatchObject(expected(world, published, withdrawn))
    }
    expect(world.movedTo(withdrawn, start)).toEqual([])
    for (const {version: published} of [...before, ...after]) expect(world.tags()[published]).toBe(published)
  })
  await fc.assert(property, {numRuns: times(100)})
})
