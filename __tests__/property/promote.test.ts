import {isDeepStrictEqual} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import type {Digest} from '../../src/oci/digest.ts'
import type {PromoteResult} from '../../src/promote/promote.ts'
import {renderError} from '../../src/errors/error.ts'
import {memoryRegistry, type Fault, type MemoryRegistry} from '../../testing/memory-registry.ts'
import {branchTag, commitTag, imageOf, publish, releaseTags, type Publication} from '../../testing/promotions.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const host = 'registry.example'
const repositories = [`${host}/app`, `${host}/mirror`]

interface Release {
  readonly kind: 'release'
  readonly version: string
  readonly suffix: string
}

interface Commit {
  readonly kind: 'commit'
  readonly number: number
}

/** What is published, and how the run fares; requests are counted from 1. */
interface Step {
  readonly what: Release | Commit
  readonly fate: Fate
}

type Fate =
  | {readonly kind: 'well'}
  /** One PUT of a tag is answered with an error once, and its effect is there or not. */
  | {readonly kind: 'hiccup'; readonly put: number; readonly when: 'before' | 'after'}
  /** The tag of one PUT cannot be given, however often the run tries; afterwards it can. */
  | {readonly kind: 'refused'; readonly put: number; readonly when: 'before' | 'after'}
  | {readonly kind: 'cancelled'; readonly request: number}
  /** Nothing that it asks from here on gets anywhere. */
  | {readonly kind: 'cut'; readonly request: number}

/** Runs of one wave lie over each other; the next wave begins when all have ended. */
type History = readonly (readonly Step[])[]

const release: fc.Arbitrary<Release> = fc.record({
  kind: fc.constant('release'),
  version: fc
    .tuple(fc.integer({min: 1, max: 2}), fc.nat({max: 2}), fc.nat({max: 3}))
    .map((numbers) => numbers.join('.')),
  suffix: fc.constantFrom('', '', '-alpine'),
})
const commit: fc.Arbitrary<Commit> = fc.record({kind: fc.constant('commit'), number: fc.integer({min: 1, max: 9})})
const well: fc.Arbitrary<Fate> = fc.constant({kind: 'well'})
const when = fc.constantFrom('before' as const, 'after' as const)
const put = fc.integer({min: 1, max: 8})
const hiccup: fc.Arbitrary<Fate> = fc.record({kind: fc.constant('hiccup'), put, when})
const refused: fc.Arbitrary<Fate> = fc.record({kind: fc.constant('refused'), put, when})
const request = fc.integer({min: 1, max: 45})
const cancelled: fc.Arbitrary<Fate> = fc.record({kind: fc.constant('cancelled'), request})
const cut: fc.Arbitrary<Fate> = fc.record({kind: fc.constant('cut'), request})

function history(fate: fc.Arbitrary<Fate>, most: number): fc.Arbitrary<History> {
  const step = fc.record({what: fc.oneof({arbitrary: release, weight: 3}, {arbitrary: commit, weight: 1}), fate})
  return fc.array(fc.array(step, {minLength: 1, maxLength: most}), {minLength: 1, maxLength: 3})
}

/** One effect on the registry, in the order in which they happened. */
interface Effect {
  readonly client: string
  readonly method: string
  readonly path: string
}

interface Ended {
  readonly step: Step
  readonly run: Publication
  readonly result: PromoteResult
}

/** A registry, everything that was ever published to it, and what happened. */
class World {
  readonly registry: MemoryRegistry
  readonly effects: Effect[] = []
  readonly ended: Ended[] = []
  /** By digest: a version or the number of a commit, and its revision. */
  readonly published = new Map<Digest, {readonly name: string; readonly revision: string}>()
  readonly #fates = new Map<string, {readonly fate: Fate; readonly controller: AbortController}>()
  readonly #counts = new Map<string, number>()
  readonly #refused = new Map<string, string>()
  #count = 0

  constructor(scheduler: fc.Scheduler) {
    this.registry = memoryRegistry({
      host,
      schedule: async (label) => {
        // What comes between an effect and its answer comes before the next request as well.
        if (label.startsWith('answer')) return
        await scheduler.schedule(Promise.resolve(), label)
        const [client = '', method = '', path = ''] = label.split(' ')
        this.effects.push({client, method, path})
      },
      fault: ({client, method, path}) => this.#faultOf(client, method, path),
    })
  }

  #faultOf(client: string, method: string, path: string): Fault | undefined {
    const known = this.#fates.get(client)
    if (known === undefined) return undefined
    const {fate, controller} = known
    const requests = this.#increment(`${client} requests`)
    const puts = method === 'PUT' && path.includes('/manifests/') ? this.#increment(`${client} puts`) : 0
    if (fate.kind === 'cancelled' && requests === fate.request) controller.abort(new Error('cancelled'))
    if (fate.kind === 'cut') return requests >= fate.request ? {kind: 'reset'} : undefined
    if (fate.kind === 'hiccup' && puts === fate.put) return {kind: 'answer', status: 503, when: fate.when}
    return fate.kind === 'refused' && puts > 0 ? this.#refusal(fate, {client, path, puts}) : undefined
  }

  #refusal(
    {put, when}: Extract<Fate, {kind: 'refused'}>,
    {client, path, puts}: {readonly client: string; readonly path: string; readonly puts: number},
  ): Fault | undefined {
    if (puts === put) this.#refused.set(client, path)
    if (this.#refused.get(client) !== path || this.#increment(`${client} refusals`) > tries) return undefined
    return {kind: 'answer', status: 500, when}
  }

  #increment(name: string): number {
    const next = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, next)
    return next
  }

  async run(step: Step): Promise<void> {
    this.#count += 1
    const client = `run${this.#count}`
    const controller = new AbortController()
    this.#fates.set(client, {fate: step.fate, controller})
    const run = {...publicationOf(step.what, client, this.#count), signal: controller.signal}
    this.published.set(run.image.digest, {name: nameOf(step.what), revision: run.revision ?? ''})
    this.ended.push({step, run, result: await publish(run, [this.registry])})
  }

  tags(repository: string): Readonly<Record<string, Digest>> {
    return this.registry.tagsOf(repository.slice(host.length + 1))
  }

  /** What the run of that digest was of: `1.2.3`, `1.2.3-alpine`, `commit 4`. */
  name(digest: Digest | undefined): string | undefined {
    return digest === undefined ? undefined : this.published.get(digest)?.name
  }
}

function nameOf(what: Release | Commit): string {
  return what.kind === 'release' ? `${what.version}${what.suffix}` : `commit ${what.number}`
}

/** A release is always of the same commit, however often it runs; each run builds something else. */
function publicationOf(what: Release | Commit, client: string, runId: number): Publication {
  const revision = what.kind === 'release' ? `of-${what.version}` : `of-commit-${what.number}`
  const version = what.kind === 'release' ? {version: what.version} : {}
  const image = imageOf(`built by ${client}`, {revision, runId: String(runId), ...version})
  const tags = repositories.flatMap((repository) =>
    what.kind === 'release'
      ? [
          ...releaseTags(repository, what.version, what.suffix),
          commitTag(repository, `sha-${what.version}${what.suffix}`),
        ]
      : [commitTag(repository, `sha-${what.number}`), branchTag(repository, 'main')],
  )
  const number = (text: string): number => Number(text.replace('of-commit-', ''))
  return {
    client,
    tags,
    image,
    revision,
    runId: String(runId),
    readsStateFirst: runId % 2 === 0,
    relation: (held, ours) => (number(ours) > number(held) ? 'ahead' : 'behind'),
  }
}

function compareVersions(a: string, b: string): number {
  const [first, second] = [a, b].map((text) => text.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    const difference = (first?.[index] ?? 0) - (second?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Floating tags of versions in a repository: tag → version that it holds. */
function floatingVersions(world: World, repository: string): ReadonlyMap<string, string> {
  const tags = Object.entries(world.tags(repository)).filter(([tag]) =>
    /^(?:\d+(?:\.\d+)?|latest)(?:-alpine)?$/.test(tag),
  )
  return new Map(tags.map(([tag, digest]) => [tag, world.name(digest) ?? 'nobody knows']))
}

/** What each floating tag holds when it holds the highest of the exact tags that are there. */
function rightVersions(world: World, repository: string): ReadonlyMap<string, string> {
  const right = new Map<string, string>()
  for (const tag of Object.keys(world.tags(repository))) {
    const [, version = '', suffix = ''] = /^(\d+\.\d+\.\d+)(-alpine)?$/.exec(tag) ?? []
    if (version === '') continue
    const [major = '', minor = ''] = version.split('.')
    for (const line of [`${major}.${minor}`, major, 'latest']) {
      const floating = `${line}${suffix}`
      const held = right.get(floating)?.replace('-alpine', '')
      if (held === undefined || compareVersions(version, held) > 0) right.set(floating, `${version}${suffix}`)
    }
  }
  return right
}

/** What has to be so at every moment when no run is under way, whatever went wrong. */
function unsound(world: World): readonly string[] {
  const wrong: string[] = []
  for (const repository of repositories) {
    const path = repository.slice(host.length + 1)
    for (const [tag, digest] of Object.entries(world.tags(repository))) {
      if (world.registry.manifest(path, digest) === undefined) wrong.push(`${tag} points at nothing`)
      const isVersion = /^\d+\.\d+\.\d+/.test(tag)
      if (isVersion && world.name(digest) !== tag) wrong.push(`${tag} holds ${world.name(digest) ?? 'nothing known'}`)
    }
  }
  return wrong
}

/** Of one request. */
const tries = 3

async function play(world: World, scheduler: fc.Scheduler, wave: readonly Step[]): Promise<void> {
  await scheduler.waitFor(Promise.all(wave.map(async (step) => world.run(step))))
}

/**
 * Exact tags that were given other content, or were taken away. Two runs of one release at the same time may both find
 * its tags missing: those are left out where `besides` has them.
 */
function changedExact(world: World, besides: ReadonlySet<string> = new Set()): readonly string[] {
  return world.registry.moves
    .filter(({tag, from, to}) => exactTag.test(tag) && from !== undefined && from !== to)
    .filter(({tag}) => !besides.has(tag.replace('sha-', '')))
    .map(({client, tag}) => `${client} changed ${tag}`)
}

/** What is published twice in one wave, as exact tags name it. */
function twice(waves: History): ReadonlySet<string> {
  const names = waves.map((wave) => wave.map(({what}) => nameOf(what).replace('commit ', '')))
  return new Set(names.flatMap((wave) => wave.filter((name, index) => wave.indexOf(name) !== index)))
}

const exactTag = /^(?:\d+\.\d+\.\d+|sha-)/

/** Floating versions that are not what the exact tags make them. */
function wrongVersions(world: World): readonly string[] {
  return repositories.flatMap((repository) => {
    const held = floatingVersions(world, repository)
    const right = rightVersions(world, repository)
    const tags = world.tags(repository)
    return [...new Set([...held.keys(), ...right.keys()])]
      .filter((tag) => held.get(tag) !== right.get(tag) || tags[tag] !== tags[right.get(tag) ?? ''])
      .map((tag) => `${repository}:${tag} holds ${held.get(tag) ?? 'nothing'}, not ${right.get(tag) ?? 'nothing'}`)
  })
}

function failures(world: World): readonly string[] {
  return world.ended.flatMap(({result}) => (result.failure === undefined ? [] : [renderError(result.failure)]))
}

/** Floating versions that are lower than they were. */
function wentBack(world: World, before: readonly ReadonlyMap<string, string>[]): readonly string[] {
  return repositories.flatMap((repository, index) => {
    const now = floatingVersions(world, repository)
    return [...(before[index] ?? [])]
      .filter(([tag, version]) => compareVersions(plain(now.get(tag) ?? '0'), plain(version)) < 0)
      .map(([tag, version]) => `${repository}:${tag} went from ${version} to ${now.get(tag) ?? 'nothing'}`)
  })
}

function plain(version: string): string {
  return version.replace('-alpine', '')
}

function allFloating(world: World): readonly ReadonlyMap<string, string>[] {
  return repositories.map((repository) => floatingVersions(world, repository))
}

async function check(
  runs: number,
  waves: fc.Arbitrary<History>,
  predicate: (world: World, scheduler: fc.Scheduler, waves: History) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(fc.scheduler(), waves, async (scheduler, given) => {
    await predicate(new World(scheduler), scheduler, given)
  })
  await fc.assert(property, {numRuns: times(runs)})
}

/** Lines of this run's version that hold a lower one than the exact tags have; what is not there may be left to others. */
function lowVersions(world: World, {version, suffix}: Release): readonly string[] {
  const [major = '', minor = ''] = version.split('.')
  const lines = new Set([`${major}.${minor}`, major, 'latest'].map((line) => `${line}${suffix}`))
  return repositories.flatMap((repository) => {
    const held = floatingVersions(world, repository)
    return [...rightVersions(world, repository)]
      .filter(([tag, right]) => lines.has(tag) && held.has(tag) && held.get(tag) !== right)
      .map(([tag, right]) => `${repository}:${tag} holds ${held.get(tag) ?? ''}, not ${right}`)
  })
}

const again = ({what}: Step): Step => ({what, fate: {kind: 'well'}})

describe('runs that lie over each other', () => {
  test('leave the highest version in every floating tag, and the same in all tags of a release', async () => {
    await check(50, history(fc.oneof(well, hiccup), 3), async (world, scheduler, waves) => {
      for (const wave of waves) {
        await play(world, scheduler, wave)
        expect(unsound(world)).toEqual([])
        expect(wrongVersions(world)).toEqual([])
        expect(failures(world)).toEqual([])
      }
      expect(changedExact(world, twice(waves))).toEqual([])
    })
  })

  test('move no floating version back, whichever of them fail or are cancelled, and the same runs complete the rest', async () => {
    await check(20, history(fc.oneof(well, refused, cancelled), 3), async (world, scheduler, waves) => {
      for (const wave of waves) {
        const before = allFloating(world)
        await play(world, scheduler, wave)
        expect(unsound(world)).toEqual([])
        expect(wentBack(world, before)).toEqual([])
      }
      const failed = world.ended.filter(({result}) => result.failure !== undefined)
      for (const {step} of failed) await play(world, scheduler, [again(step)])
      expect(unsound(world)).toEqual([])
      expect(wrongVersions(world)).toEqual([])
      expect(changedExact(world, twice(waves))).toEqual([])
    })
  })
})

describe('runs that lie over each other and are killed, refused or cancelled', () => {
  test('change no exact tag, and leave no version low once a run of any version has followed', async () => {
    const fates = fc.oneof(well, hiccup, refused, cancelled, cut)
    await check(10, history(fates, 3), async (world, scheduler, waves) => {
      for (const wave of waves) {
        await play(world, scheduler, wave)
        expect(unsound(world)).toEqual([])
      }
      const releases = world.ended.map(({step}) => step).filter(({what}) => what.kind === 'release')
      for (const step of releases) {
        await play(world, scheduler, [again(step)])
        if (step.what.kind === 'release') {
          expect(unsound(world)).toEqual([])
          expect(lowVersions(world, step.what)).toEqual([])
        }
      }
      expect(wrongVersions(world)).toEqual([])
      expect(changedExact(world, twice(waves))).toEqual([])
    })
  })
})

describe('commits of a branch', () => {
  const commits = (most: number): fc.Arbitrary<History> =>
    fc.array(fc.array(fc.record({what: commit, fate: fc.oneof(well, hiccup)}), {minLength: 1, maxLength: most}), {
      minLength: 1,
      maxLength: 4,
    })

  test('move the branch tag forward alone, one after the other', async () => {
    await check(10, commits(1), async (world, scheduler, waves) => {
      let highest = 0
      for (const [step] of waves) {
        if (step === undefined) continue
        await play(world, scheduler, [step])
        if (step.what.kind === 'commit') highest = Math.max(highest, step.what.number)
        const held = repositories.map((repository) => world.name(world.tags(repository)['main']))
        expect(held).toEqual(repositories.map(() => `commit ${highest}`))
      }
      expect(unsound(world)).toEqual([])
      expect(changedExact(world)).toEqual([])
      expect(failures(world)).toEqual([])
    })
  })

  test('lying over each other, leave an older one there only where its PUT came after the newer run had read its own back', async () => {
    await check(10, commits(3), async (world, scheduler, waves) => {
      for (const wave of waves) await play(world, scheduler, wave)
      expect(failures(world)).toEqual([])
      for (const repository of repositories) expect(lateWinner(world, repository)).toBeUndefined()
    })
  })
})

/** The run whose older commit is in the branch tag, although a newer run could have seen it there. */
function lateWinner(world: World, repository: string): string | undefined {
  const path = `${repository.slice(host.length)}/manifests/main`
  const held = world.name(world.tags(repository)['main'])
  const number = (text: string | undefined): number => Number(text?.replace('commit ', ''))
  const lastPut = world.effects.findLastIndex((effect) => effect.method === 'PUT' && effect.path.endsWith(path))
  const newer = world.ended.filter(({step}) => number(nameOf(step.what)) > number(held)).map(({run}) => run.client)
  const seen = newer.find((client) => {
    const put = world.effects.some((one) => one.client === client && one.method === 'PUT' && one.path.endsWith(path))
    const read = world.effects.findLastIndex(
      (one) => one.client === client && one.method === 'GET' && one.path.endsWith(path),
    )
    return put && read > lastPut
  })
  return seen === undefined ? undefined : `${world.effects[lastPut]?.client ?? ''} put ${held ?? ''}, seen by ${seen}`
}

describe('a run by itself', () => {
  test('leaves all floating tags as they were when a tag cannot be given, or it is cancelled before the last', async () => {
    await check(15, history(fc.oneof(refused, cancelled), 1), async (world, scheduler, waves) => {
      const [last = []] = waves.slice(-1)
      for (const step of waves.slice(0, -1).flat()) await play(world, scheduler, [again(step)])
      const before = allFloating(world)
      await play(world, scheduler, last)
      expect([isDeepStrictEqual(allFloating(world), before), wrongVersions(world).length === 0]).toContain(true)
    })
  })

  test('that is cut off anywhere is completed by the next one, and nothing was wrong in between', async () => {
    await check(15, history(cut, 1), async (world, scheduler, waves) => {
      for (const step of waves.flat()) {
        const before = allFloating(world)
        await play(world, scheduler, [step])
        expect(unsound(world)).toEqual([])
        expect(wentBack(world, before)).toEqual([])
        await play(world, scheduler, [again(step)])
        expect(unsound(world)).toEqual([])
        expect(wrongVersions(world)).toEqual([])
      }
      expect(changedExact(world)).toEqual([])
    })
  })
})
