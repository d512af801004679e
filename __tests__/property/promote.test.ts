import {isDeepStrictEqual} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import type {Digest} from '../../src/oci/digest.ts'
import type {PromoteResult} from '../../src/promote/promote.ts'
import {renderError} from '../../src/errors/render-error.ts'
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

/** Run: what it publishes, and its faults. Requests are counted from 1. */
interface Step {
  readonly what: Release | Commit
  readonly fault: RunFault
}

type RunFault =
  | {readonly kind: 'undisturbed'}
  /** One PUT of a tag fails once, before or after its effect. */
  | {readonly kind: 'transient'; readonly put: number; readonly when: 'before' | 'after'}
  /** All PUTs of one tag fail during the run. */
  | {readonly kind: 'refused'; readonly put: number; readonly when: 'before' | 'after'}
  | {readonly kind: 'cancelled'; readonly request: number}
  /** The connection is lost from this request on. */
  | {readonly kind: 'cut'; readonly request: number}

/** Waves of overlapping runs. The next wave starts when all runs have ended. */
type History = readonly (readonly Step[])[]

const release: fc.Arbitrary<Release> = fc.record({
  kind: fc.constant('release'),
  version: fc
    .tuple(fc.integer({min: 1, max: 2}), fc.nat({max: 2}), fc.nat({max: 3}))
    .map((numbers) => numbers.join('.')),
  suffix: fc.constantFrom('', '', '-alpine'),
})
const commit: fc.Arbitrary<Commit> = fc.record({kind: fc.constant('commit'), number: fc.integer({min: 1, max: 9})})
const undisturbed: fc.Arbitrary<RunFault> = fc.constant({kind: 'undisturbed'})
const when = fc.constantFrom('before' as const, 'after' as const)
const put = fc.integer({min: 1, max: 8})
const transient: fc.Arbitrary<RunFault> = fc.record({kind: fc.constant('transient'), put, when})
const refused: fc.Arbitrary<RunFault> = fc.record({kind: fc.constant('refused'), put, when})
const request = fc.integer({min: 1, max: 45})
const cancelled: fc.Arbitrary<RunFault> = fc.record({kind: fc.constant('cancelled'), request})
const cut: fc.Arbitrary<RunFault> = fc.record({kind: fc.constant('cut'), request})

function history(fault: fc.Arbitrary<RunFault>, max: number): fc.Arbitrary<History> {
  const step = fc.record({what: fc.oneof({arbitrary: release, weight: 3}, {arbitrary: commit, weight: 1}), fault})
  return fc.array(fc.array(step, {minLength: 1, maxLength: max}), {minLength: 1, maxLength: 3})
}

/** Effect of a request on the registry. */
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

/** Registry with the history of its publications and effects. */
class World {
  readonly registry: MemoryRegistry
  readonly effects: Effect[] = []
  readonly ended: Ended[] = []
  /** Version or commit, and revision, by digest. */
  readonly published = new Map<Digest, {readonly name: string; readonly revision: string}>()
  readonly #faults = new Map<string, {readonly fault: RunFault; readonly controller: AbortController}>()
  readonly #counts = new Map<string, number>()
  readonly #refused = new Map<string, string>()
  #count = 0

  constructor(scheduler: fc.Scheduler) {
    this.registry = memoryRegistry({
      host,
      schedule: async (label) => {
        // An event between an effect and its answer can also happen before the next request.
        if (label.startsWith('answer')) return
        await scheduler.schedule(Promise.resolve(), label)
        const [client = '', method = '', path = ''] = label.split(' ')
        this.effects.push({client, method, path})
      },
      fault: ({client, method, path}) => this.#faultOf(client, method, path),
    })
  }

  #faultOf(client: string, method: string, path: string): Fault | undefined {
    const known = this.#faults.get(client)
    if (known === undefined) return undefined
    const {fault, controller} = known
    const requests = this.#increment(`${client} requests`)
    const puts = method === 'PUT' && path.includes('/manifests/') ? this.#increment(`${client} puts`) : 0
    if (fault.kind === 'cancelled' && requests === fault.request) controller.abort(new Error('cancelled'))
    if (fault.kind === 'cut') return requests >= fault.request ? {kind: 'reset'} : undefined
    if (fault.kind === 'transient' && puts === fault.put) return {kind: 'answer', status: 503, when: fault.when}
    return fault.kind === 'refused' && puts > 0 ? this.#refusal(fault, {client, path, puts}) : undefined
  }

  #refusal(
    {put, when}: Extract<RunFault, {kind: 'refused'}>,
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
    this.#faults.set(client, {fault: step.fault, controller})
    const run = {...publicationOf(step.what, client, this.#count), signal: controller.signal}
    this.published.set(run.image.digest, {name: nameOf(step.what), revision: run.revision ?? ''})
    this.ended.push({step, run, result: await publish(run, [this.registry])})
  }

  tags(repository: string): Readonly<Record<string, Digest>> {
    return this.registry.tagsOf(repository.slice(host.length + 1))
  }

  /** Name of the published subject of a digest, such as `1.2.3-alpine` and `commit 4`. */
  name(digest: Digest | undefined): string | undefined {
    return digest === undefined ? undefined : this.published.get(digest)?.name
  }
}

function nameOf(what: Release | Commit): string {
  return what.kind === 'release' ? `${what.version}${what.suffix}` : `commit ${what.number}`
}

/** Publication of a run. Runs of a release have the same commit, but build different images. */
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
    relation: (tagged, current) => (number(current) > number(tagged) ? 'ahead' : 'behind'),
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

/** Versions of the floating version tags in a repository, by tag. */
function floatingVersions(world: World, repository: string): ReadonlyMap<string, string> {
  const tags = Object.entries(world.tags(repository)).filter(([tag]) =>
    /^(?:\d+(?:\.\d+)?|latest)(?:-alpine)?$/.test(tag),
  )
  return new Map(tags.map(([tag, digest]) => [tag, world.name(digest) ?? 'unknown']))
}

/** Expected versions of the floating tags: the highest of the exact tags. */
function expectedVersions(world: World, repository: string): ReadonlyMap<string, string> {
  const right = new Map<string, string>()
  for (const tag of Object.keys(world.tags(repository))) {
    const [, version = '', suffix = ''] = /^(\d+\.\d+\.\d+)(-alpine)?$/.exec(tag) ?? []
    if (version === '') continue
    const [major = '', minor = ''] = version.split('.')
    for (const line of [`${major}.${minor}`, major, 'latest']) {
      const floating = `${line}${suffix}`
      const highest = right.get(floating)?.replace('-alpine', '')
      if (highest === undefined || compareVersions(version, highest) > 0) right.set(floating, `${version}${suffix}`)
    }
  }
  return right
}

/** Violations of the invariants between runs. */
function violations(world: World): readonly string[] {
  const wrong: string[] = []
  for (const repository of repositories) {
    const path = repository.slice(host.length + 1)
    for (const [tag, digest] of Object.entries(world.tags(repository))) {
      if (world.registry.manifest(path, digest) === undefined) wrong.push(`${tag} points to a missing manifest`)
      const isVersion = /^\d+\.\d+\.\d+/.test(tag)
      if (isVersion && world.name(digest) !== tag)
        wrong.push(`${tag} points to ${world.name(digest) ?? 'an unknown image'}`)
    }
  }
  return wrong
}

/** Maximum number of attempts per request. */
const tries = 3

async function execute(world: World, scheduler: fc.Scheduler, wave: readonly Step[]): Promise<void> {
  await scheduler.waitFor(Promise.all(wave.map(async (step) => world.run(step))))
}

/**
 * Exact tags that were changed or deleted. Concurrent runs of one release may both find that its tags are missing: such
 * tags are ignored if they are in `except`.
 */
function changedExact(world: World, except: ReadonlySet<string> = new Set()): readonly string[] {
  return world.registry.moves
    .filter(({tag, from, to}) => exactTag.test(tag) && from !== undefined && from !== to)
    .filter(({tag}) => !except.has(tag.replace('sha-', '')))
    .map(({client, tag}) => `${client} changed ${tag}`)
}

/** Names that are published twice in one wave. */
function findDuplicates(waves: History): ReadonlySet<string> {
  const names = waves.map((wave) => wave.map(({what}) => nameOf(what).replace('commit ', '')))
  return new Set(names.flatMap((wave) => wave.filter((name, index) => wave.indexOf(name) !== index)))
}

const exactTag = /^(?:\d+\.\d+\.\d+|sha-)/

/** Floating tags that do not point to the highest exact tag. */
function wrongVersions(world: World): readonly string[] {
  return repositories.flatMap((repository) => {
    const actual = floatingVersions(world, repository)
    const right = expectedVersions(world, repository)
    const tags = world.tags(repository)
    return [...new Set([...actual.keys(), ...right.keys()])]
      .filter((tag) => actual.get(tag) !== right.get(tag) || tags[tag] !== tags[right.get(tag) ?? ''])
      .map(
        (tag) => `${repository}:${tag} points to ${actual.get(tag) ?? 'nothing'}, not ${right.get(tag) ?? 'nothing'}`,
      )
  })
}

function failures(world: World): readonly string[] {
  return world.ended.flatMap(({result}) => (result.failure === undefined ? [] : [renderError(result.failure)]))
}

/** Floating tags that point to a lower version than before. */
function findBackwardMoves(world: World, before: readonly ReadonlyMap<string, string>[]): readonly string[] {
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

/** Floating tags of a release that point to a lower version than the highest exact tag. Missing tags are ignored. */
function findLowVersions(world: World, {version, suffix}: Release): readonly string[] {
  const [major = '', minor = ''] = version.split('.')
  const lines = new Set([`${major}.${minor}`, major, 'latest'].map((line) => `${line}${suffix}`))
  return repositories.flatMap((repository) => {
    const actual = floatingVersions(world, repository)
    return [...expectedVersions(world, repository)]
      .filter(([tag, right]) => lines.has(tag) && actual.has(tag) && actual.get(tag) !== right)
      .map(([tag, right]) => `${repository}:${tag} points to ${actual.get(tag) ?? ''}, not ${right}`)
  })
}

const again = ({what}: Step): Step => ({what, fault: {kind: 'undisturbed'}})

describe('overlapping runs', () => {
  test('move every floating tag to the highest version', async () => {
    await check(50, history(fc.oneof(undisturbed, transient), 3), async (world, scheduler, waves) => {
      for (const wave of waves) {
        await execute(world, scheduler, wave)
        expect(violations(world)).toEqual([])
        expect(wrongVersions(world)).toEqual([])
        expect(failures(world)).toEqual([])
      }
      expect(changedExact(world, findDuplicates(waves))).toEqual([])
    })
  })

  test('never move a floating version tag backwards if some fail, and are completed by a repetition', async () => {
    await check(20, history(fc.oneof(undisturbed, refused, cancelled), 3), async (world, scheduler, waves) => {
      for (const wave of waves) {
        const before = allFloating(world)
        await execute(world, scheduler, wave)
        expect(violations(world)).toEqual([])
        expect(findBackwardMoves(world, before)).toEqual([])
      }
      const failed = world.ended.filter(({result}) => result.failure !== undefined)
      for (const {step} of failed) await execute(world, scheduler, [again(step)])
      expect(violations(world)).toEqual([])
      expect(wrongVersions(world)).toEqual([])
      expect(changedExact(world, findDuplicates(waves))).toEqual([])
    })
  })
})

describe('overlapping runs with all kinds of failures', () => {
  test('change no exact tag, and a later run of any version corrects the floating tags', async () => {
    const faults = fc.oneof(undisturbed, transient, refused, cancelled, cut)
    await check(10, history(faults, 3), async (world, scheduler, waves) => {
      for (const wave of waves) {
        await execute(world, scheduler, wave)
        expect(violations(world)).toEqual([])
      }
      const releases = world.ended.map(({step}) => step).filter(({what}) => what.kind === 'release')
      for (const step of releases) {
        await execute(world, scheduler, [again(step)])
        if (step.what.kind === 'release') {
          expect(violations(world)).toEqual([])
          expect(findLowVersions(world, step.what)).toEqual([])
        }
      }
      expect(wrongVersions(world)).toEqual([])
      expect(changedExact(world, findDuplicates(waves))).toEqual([])
    })
  })
})

describe('commits of a branch', () => {
  const commits = (max: number): fc.Arbitrary<History> =>
    fc.array(
      fc.array(fc.record({what: commit, fault: fc.oneof(undisturbed, transient)}), {minLength: 1, maxLength: max}),
      {
        minLength: 1,
        maxLength: 4,
      },
    )

  test('move the branch tag only forwards, one after the other', async () => {
    await check(10, commits(1), async (world, scheduler, waves) => {
      let highest = 0
      for (const [step] of waves) {
        if (step === undefined) continue
        await execute(world, scheduler, [step])
        if (step.what.kind === 'commit') highest = Math.max(highest, step.what.number)
        const current = repositories.map((repository) => world.name(world.tags(repository)['main']))
        expect(current).toEqual(repositories.map(() => `commit ${highest}`))
      }
      expect(violations(world)).toEqual([])
      expect(changedExact(world)).toEqual([])
      expect(failures(world)).toEqual([])
    })
  })

  test('overlapping, leave an older commit only if its PUT came after the read-back of the newer run', async () => {
    await check(10, commits(3), async (world, scheduler, waves) => {
      for (const wave of waves) await execute(world, scheduler, wave)
      expect(failures(world)).toEqual([])
      for (const repository of repositories) expect(findUndetectedRun(world, repository)).toBeUndefined()
    })
  })
})

/** Run of an older commit to which the branch tag points, although a newer run could have seen it. */
function findUndetectedRun(world: World, repository: string): string | undefined {
  const path = `${repository.slice(host.length)}/manifests/main`
  const current = world.name(world.tags(repository)['main'])
  const number = (text: string | undefined): number => Number(text?.replace('commit ', ''))
  const lastPut = world.effects.findLastIndex((effect) => effect.method === 'PUT' && effect.path.endsWith(path))
  const newer = world.ended.filter(({step}) => number(nameOf(step.what)) > number(current)).map(({run}) => run.client)
  const seen = newer.find((client) => {
    const put = world.effects.some((one) => one.client === client && one.method === 'PUT' && one.path.endsWith(path))
    const read = world.effects.findLastIndex(
      (one) => one.client === client && one.method === 'GET' && one.path.endsWith(path),
    )
    return put && read > lastPut
  })
  return seen === undefined
    ? undefined
    : `${world.effects[lastPut]?.client ?? ''} put ${current ?? ''}, seen by ${seen}`
}

describe('a single run', () => {
  test('restores all floating tags if it fails or is cancelled before the last tag', async () => {
    await check(15, history(fc.oneof(refused, cancelled), 1), async (world, scheduler, waves) => {
      const [last = []] = waves.slice(-1)
      for (const step of waves.slice(0, -1).flat()) await execute(world, scheduler, [again(step)])
      const before = allFloating(world)
      await execute(world, scheduler, last)
      const isRestored = isDeepStrictEqual(allFloating(world), before)
      const isComplete = wrongVersions(world).length === 0
      expect(isRestored || isComplete).toBe(true)
    })
  })

  test('without a connection is completed by the next one, and leaves valid tags', async () => {
    await check(15, history(cut, 1), async (world, scheduler, waves) => {
      for (const step of waves.flat()) {
        const before = allFloating(world)
        await execute(world, scheduler, [step])
        expect(violations(world)).toEqual([])
        expect(findBackwardMoves(world, before)).toEqual([])
        await execute(world, scheduler, [again(step)])
        expect(violations(world)).toEqual([])
        expect(wrongVersions(world)).toEqual([])
      }
      expect(changedExact(world)).toEqual([])
    })
  })
})
