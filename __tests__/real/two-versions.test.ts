import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {setTimeout as sleep} from 'node:timers/promises'
import {directClients, floatingTags, headsOf, older, oldTags, pointing, storeOlder} from '../support/next-release.ts'
import {stepOn} from '../support/pushes.ts'
import type {TestClients} from '../support/registry-client.ts'
import {startRegistry, type Registry} from '../support/registry.ts'
import {startRelay, type RelayedRequest, type Respond} from '../support/relay.ts'
import type {StepResult} from '../support/runner.ts'
import {publishTo} from '../support/sample.ts'
import {seeded} from '../support/seeded.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../support/workspace.ts'

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

/** How the runs are brought to lie over each other. */
interface Round {
  readonly name: string
  /** Release 1.2.2 is there, so that floating tags are moved; else they are made. */
  readonly hasOlder: boolean
  readonly seed: number
  /** The longest delay of a request about tags, by run. */
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

/** Nobody goes on before all have come. */
function barrier(count: number): () => Promise<void> {
  const all = Promise.withResolvers<undefined>()
  let come = 0
  return async () => {
    come += 1
    if (come === count) all.resolve(undefined)
    await all.promise
  }
}

/** Both runs give their exact tags at the same time; from there on each request about tags takes a random time. */
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

async function publishBoth(path: string, {delaysMs, seed}: Round): Promise<readonly StepResult[]> {
  const random = seeded(seed)
  const meet = barrier(versions.length)
  return Promise.all(
    versions.map(async ({version, sha}, index) => {
      await using relay = await startRelay(registry.host, respondFor(version, delaysMs[index] ?? 0, random, meet))
      const push = {ref: `refs/tags/v${version}`, sha, runId: String(index)}
      const inputs = {...publishTo(relay.host, login), images: `${relay.host}/${path}`}
      await using step = await stepOn(push, {workspace: workspace.directory, inputs})
      return await step.run()
    }),
  )
}

describe('1.2.3 and 1.2.4, published by two processes at the same time', () => {
  test.each(rounds)('$name: the higher one has 1.2, 1 and latest at the end', async (round) => {
    const path = `race/n${round.seed}`
    const client = clients.of(registry.host, path)
    if (round.hasOlder) await storeOlder(client)
    const results = await publishBoth(path, round)
    const failed = results.filter(({exitCode}) => exitCode !== 0).map(({log}) => log)
    expect(failed).toEqual([])
    const [lower = '', higher = ''] = results.map(({outputs}) => outputs.get('digest'))
    expect(lower).not.toBe(higher)
    expect(await headsOf(client)).toEqual({
      ...(round.hasOlder ? pointing(oldTags, older.digest) : {}),
      '1.2.3': lower,
      'sha-ccccccc': lower,
      '1.2.4': higher,
      'sha-ddddddd': higher,
      ...pointing(floatingTags, higher),
    })
  })
})
