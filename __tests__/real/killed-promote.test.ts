import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {
  directClients,
  floatingTags,
  headsOf,
  headsWhen,
  newer,
  newTags,
  older,
  oldTags,
  pointing,
  store,
  storeOlder,
  type Heads,
} from '../../testing/next-release.ts'
import {processesWith} from '../../testing/process-watch.ts'
import {promptEndMs} from '../../testing/prompt-end.ts'
import type {TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRelay} from '../../testing/relay.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {seeded} from '../../testing/seeded.ts'
import {loginMarks, tracesIn} from '../../testing/traces.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: `canary-${randomBytes(12).toString('hex')}`}
const parts = ['one', 'two'] as const
/** Duration of each request, so that a signal comes between or during requests. */
const latencyMs = 15
const concurrency = 3
let registry: Registry
let workspace: Workspace
let clients: TestClients
/** Number of requests of an undisturbed promote. */
let usual = 0

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({})])
  clients = directClients(login)
  usual = (await promoteTo('usual', undefined)).requests
})

afterAll(async () => {
  clients[Symbol.dispose]()
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

interface Moment {
  readonly signal: NodeJS.Signals
  /** Number of the request that triggers the signal. */
  readonly request: number
  readonly laterMs: number
}

interface Promoted {
  readonly result: StepResult
  readonly requests: number
  /** Time from the signal to the end. */
  readonly tookMs: number
  readonly traces: readonly string[]
  readonly processes: readonly string[]
  /** Digests of the tags per repository. */
  readonly heads: readonly Heads[]
}

async function prepareRepositories(path: string): Promise<void> {
  const [one, two] = parts.map((part) => clients.of(registry.host, `${path}/${part}`))
  if (one === undefined || two === undefined) throw new Error('no repositories')
  await Promise.all([storeOlder(one), storeOlder(two), store(one, newer)])
}

/** Promotes release 1.2.3 in two repositories, which contain 1.2.2 before the first promote. */
async function promoteTo(path: string, moment: Moment | undefined, isFirst = true): Promise<Promoted> {
  if (isFirst) await prepareRepositories(path)
  let requests = 0
  let sentAt: number | undefined
  await using relay = await startRelay(registry.host, async () => {
    requests += 1
    if (moment?.request === requests) void interrupt(moment)
    await sleep(latencyMs)
    return undefined
  })
  await using step = await Step.prepare({
    action: 'promote',
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      ...publishTo(relay.host, login),
      images: parts.map((part) => `${relay.host}/${path}/${part}`).join('\n'),
      digests: newer.digest,
    },
  })
  const interrupt = async ({signal, laterMs}: Moment): Promise<void> => {
    await sleep(laterMs)
    sentAt = performance.now()
    step.kill(signal)
  }
  const result = await step.main()
  const tookMs = performance.now() - (sentAt ?? performance.now())
  const processes = processesWith(step.directory)
  const traces = await tracesIn(loginMarks(login), step.directory)
  expect((await step.post()).exitCode).toBe(0)
  // The registry completes the writes that it has started.
  await sleep(2 * latencyMs)
  const heads = await Promise.all(parts.map(async (part) => headsOf(clients.of(registry.host, `${path}/${part}`))))
  return {result, requests, tookMs, traces, processes, heads}
}

interface Interrupted extends Promoted {
  readonly moment: Moment
  readonly next: Promoted
}

/** Interrupts promotes at random but reproducible moments, each followed by the next run. */
async function interruptAll(signals: readonly NodeJS.Signals[], seed: number): Promise<readonly Interrupted[]> {
  const random = seeded(seed)
  const queue = signals.map((signal, index): readonly [string, Moment] => {
    const request = 1 + Math.floor(random() * usual)
    return [`${signal.toLowerCase()}/n${index}`, {signal, request, laterMs: Math.floor(random() * 2 * latencyMs)}]
  })
  const done: Interrupted[] = []
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [path, moment] = next
      const promoted = await promoteTo(path, moment)
      done.push({...promoted, moment, next: await promoteTo(path, undefined, false)})
    }
  }
  await Promise.all(Array.from({length: concurrency}, worker))
  return done
}

function only(heads: Heads, tags: readonly string[]): Heads {
  return Object.fromEntries(Object.entries(heads).filter(([tag]) => tags.includes(tag)))
}

/** Expects that existing exact tags are unchanged, and that those of the new release are right or missing. */
function expectExactTagsRight(all: readonly Heads[]): void {
  for (const heads of all) {
    expect(only(heads, oldTags)).toEqual(pointing(oldTags, older.digest))
    expect({...pointing(newTags, newer.digest), ...only(heads, newTags)}).toEqual(pointing(newTags, newer.digest))
  }
}

const complete = [headsWhen('new', newer.digest), headsWhen('new', newer.digest)]

function expectRepaired(all: readonly Interrupted[]): void {
  for (const {next, moment} of all) {
    expect({moment, exitCode: next.result.exitCode, heads: next.heads}).toEqual({moment, exitCode: 0, heads: complete})
  }
}

describe('a promote killed with SIGKILL at 50 random moments', () => {
  let killed: readonly Interrupted[] = []

  beforeAll(async () => {
    killed = await interruptAll(
      Array.from({length: 50}, () => 'SIGKILL'),
      20_260_102,
    )
  }, 600_000)

  test('leaves correct exact tags, and each floating tag either old or new', () => {
    for (const {heads} of killed) {
      expectExactTagsRight(heads)
      for (const one of heads) {
        expect(Object.keys(only(one, floatingTags)).sort()).toEqual(floatingTags)
        for (const digest of Object.values(only(one, floatingTags)))
          expect([older.digest, newer.digest]).toContain(digest)
      }
    }
  })

  test('is completed by the next run', () => {
    expectRepaired(killed)
  })

  test('leaves no credential', () => {
    for (const {traces, processes} of killed) expect({traces, processes}).toEqual({traces: [], processes: []})
  })

  test('was interrupted between the first and the last tag', () => {
    expect(killed).toHaveLength(50)
    const dead = killed.filter(({result}) => result.signal === 'SIGKILL')
    expect(dead.length).toBeGreaterThan(40)
    const hasPart = ({heads}: Interrupted): boolean => {
      const moved = heads.flatMap((one) => Object.entries(one).filter(([, digest]) => digest === newer.digest))
      return moved.length > 0 && moved.length < parts.length * (newTags.length + floatingTags.length)
    }
    expect(dead.some(hasPart)).toBe(true)
  })
})

describe('a promote cancelled with SIGINT and SIGTERM at 16 random moments', () => {
  let cancelled: readonly Interrupted[] = []

  beforeAll(async () => {
    const signals = Array.from({length: 16}, (_, index) => (index % 2 === 0 ? 'SIGINT' : 'SIGTERM'))
    cancelled = await interruptAll(signals, 20_260_103)
  }, 600_000)

  test('ends by itself with the error', () => {
    for (const {moment, result, tookMs} of cancelled) {
      const {exitCode, signal} = result
      // A promote that ended before the signal is not cancelled.
      const isOver = exitCode === 0
      expect({moment, exitCode, signal}).toEqual({moment, exitCode: isOver ? 0 : 1, signal: null})
      expect(errorsIn(result.log)).toEqual(isOver ? [] : [expect.stringContaining('[cancelled]')])
      expect(tookMs).toBeLessThan(promptEndMs)
    }
    expect(cancelled.filter(({result}) => result.exitCode === 1).length).toBeGreaterThan(10)
  })

  test('leaves all floating tags old, or all new', () => {
    for (const {moment, heads, result} of cancelled) {
      expectExactTagsRight(heads)
      const [first = ''] = heads.flatMap((one) => Object.values(only(one, floatingTags)))
      expect([older.digest, newer.digest]).toContain(first)
      const expected = pointing(floatingTags, first)
      const found = heads.map((one) => only(one, floatingTags))
      expect({moment, found, log: result.log}).toEqual({moment, found: [expected, expected], log: result.log})
      if (first === newer.digest) expect(heads).toEqual(complete)
    }
  })

  test('leaves no credential and no process', () => {
    for (const {traces, processes} of cancelled) expect({traces, processes}).toEqual({traces: [], processes: []})
  })

  test('is completed by the next run', () => {
    expectRepaired(cancelled)
  })
})
