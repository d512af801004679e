import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {setTimeout as sleep} from 'node:timers/promises'
import {directClients, floatingTags, headsOf, older, oldTags, pointing, storeOlder} from '../../testing/next-release.ts'
import {stepOn} from '../../testing/pushes.ts'
import type {TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRelay, type RelayedRequest, type Respond} from '../../testing/relay.ts'
import type {StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {seeded} from '../../testing/seeded.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const versions = [
  {version: '1.2.3', sha: 'c'.repeat(40)},
  {version: '1.2.4', sha: 'd'.repeat(40)},
] as const
let registry: Registry
let workspace: Workspace
let clients: TestClients

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
  clients = directClients(login)
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

/** Timing of two overlapping runs. */
interface Round {
  readonly name: string
  /** Whether release 1.2.2 exists, so that floating tags are moved instead of created. */
  readonly hasOlder: boolean
  readonly seed: number
  /** Maximum delay of a request for tags, per run. */
  readonly delaysMs: readonly [number, number]
}

const delays = [
  {name: 'both at the same pace', delaysMs: [150, 150]},
  {name: 'the lower one slower', delaysMs: [600, 50]},
  {name: 'the higher one slower', delaysMs: [50, 600]},
] as const

const rounds: readonly Round[] = delays.flatMap(({name, delaysMs}, index) =>
  [true, false].map((hasOlder) => ({
    name: `${name}, ${hasOlder ? 'after' : 'without'} an older release`,
    hasOlder,
    seed: index * 2 + (hasOlder ? 1 : 0),
    delaysMs,
  })),
)

interface Barrier {
  /** Waits until all runs have arrived. */
  readonly meet: () => Promise<void>
  /** Releases all waiting runs, because another run has ended. */
  readonly lift: () => void
}

function barrier(count: number): Barrier {
  const all = Promise.withResolvers<undefined>()
  let come = 0
  const lift = (): void => {
    all.resolve(undefined)
  }
  const meet = async (): Promise<void> => {
    come += 1
    if (come === count) lift()
    await all.promise
  }
  return {meet, lift}
}

/** Delays the requests of a run. Both runs write their exact tags at the same time. Later requests for tags take a random time. */
function respondFor(version: string, longestMs: number, random: () => number, meet: () => Promise<void>): Respond {
  let hasMet: Promise<void> | undefined
  return async ({method, path, headers}: RelayedRequest) => {
    if (headers['user-agent'] !== 'tagboat') return undefined
    if (method === 'PUT' && path.endsWith(`/manifests/${version}`)) await (hasMet ??= meet())
    const isAboutTags = path.includes('/tags/list') || /\/manifests\/[^:]+$/.test(path)
    if (hasMet !== undefined && isAboutTags) await sleep(random() * longestMs)
    return undefined
  }
}

/** Publishes both versions at the same time, each through a separate relay. `onEnd` is called when one has ended. */
async function publishBoth(
  path: string,
  responses: readonly Respond[],
  onEnd: (version: string) => void = () => undefined,
): Promise<readonly StepResult[]> {
  return Promise.all(
    versions.map(async ({version, sha}, index) => {
      await using relay = await startRelay(registry.host, responses[index] ?? (() => undefined))
      const push = {ref: `refs/tags/v${version}`, sha, runId: String(index)}
      const inputs = {...publishTo(relay.host, login), images: `${relay.host}/${path}`}
      await using step = await stepOn(push, {workspace: workspace.directory, inputs})
      const result = await step.run()
      onEnd(version)
      return result
    }),
  )
}

async function expectHigherEverywhere(path: string, results: readonly StepResult[], hasOlder: boolean): Promise<void> {
  expect(results.filter(({exitCode}) => exitCode !== 0).map(({log}) => log)).toEqual([])
  const [lower = '', higher = ''] = results.map(({outputs}) => outputs.get('digest'))
  expect(lower).not.toBe(higher)
  expect(await headsOf(clients.of(registry.host, path))).toEqual({
    ...(hasOlder ? pointing(oldTags, older.digest) : {}),
    '1.2.3': lower,
    'sha-ccccccc': lower,
    '1.2.4': higher,
    'sha-ddddddd': higher,
    ...pointing(floatingTags, higher),
  })
}

function isPutOf({method, path}: RelayedRequest, tags: readonly string[]): boolean {
  return method === 'PUT' && tags.some((tag) => path.endsWith(`/manifests/${tag}`))
}

describe('concurrent releases of 1.2.3 and 1.2.4: 1.2, 1 and latest point to 1.2.4', () => {
  test.each(rounds)('$name', async ({seed, hasOlder, delaysMs}) => {
    const path = `race/n${seed}`
    if (hasOlder) await storeOlder(clients.of(registry.host, path))
    const random = seeded(seed)
    const {meet, lift} = barrier(versions.length)
    const responses = versions.map(({version}, index) => respondFor(version, delaysMs[index] ?? 0, random, meet))
    await expectHigherEverywhere(path, await publishBoth(path, responses, lift), hasOlder)
  })

  // The lower version cannot detect the other by any read before its last PUT.
  test.each([
    {name: 'after an older release', hasOlder: true, slow: floatingTags, path: 'race/overtaken'},
    {name: 'without an older release', hasOlder: false, slow: floatingTags, path: 'race/overtaken-first'},
    {name: 'with one tag', hasOlder: true, slow: ['latest'], path: 'race/overtaken-once'},
  ])(
    'the higher version is published between the list and the floating tags of the lower one, $name',
    async ({hasOlder, slow, path}) => {
      if (hasOlder) await storeOlder(clients.of(registry.host, path))
      const isDecided = Promise.withResolvers<undefined>()
      const isOver = Promise.withResolvers<undefined>()
      const lower: Respond = async (request) => {
        if (!isPutOf(request, slow)) return undefined
        isDecided.resolve(undefined)
        await isOver.promise
        return undefined
      }
      const higher: Respond = async (request) => {
        if (isPutOf(request, ['1.2.4', 'sha-ddddddd'])) await isDecided.promise
        return undefined
      }
      const results = await publishBoth(path, [lower, higher], (version) => {
        const ended = version === '1.2.4' ? isOver : isDecided
        ended.resolve(undefined)
      })
      await expectHigherEverywhere(path, results, hasOlder)
    },
  )
})
