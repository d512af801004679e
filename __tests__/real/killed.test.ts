import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {processesWith} from '../../testing/process-watch.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRelay, type Relay} from '../../testing/relay.ts'
import {Step} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {loginMarks, modesBelow, tracesIn, type Marks} from '../../testing/traces.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: `canary-${randomBytes(12).toString('hex')}`}
const buildSecret = `canary-${randomBytes(12).toString('hex')}`
const marks: Marks = {...loginMarks(login), 'build secret': buildSecret}
/** Moments from before the first process until after the read-back. */
const momentsMs = [50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 1000, 1200, 1400, 1600, 2000, 2600, 3200]
/** Number of concurrent runs, which saves time and varies the moments. */
const concurrency = 4
let registry: Registry
let relay: Relay
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([
    startRegistry({login}),
    workspaceOf({
      Dockerfile: [
        ...shellDockerfile,
        'ARG NONCE',
        'RUN --mount=type=secret,id=one cat /run/secrets/one >/dev/null; sleep 0.5',
      ],
    }),
  ])
  // The login takes long enough to be interrupted.
  relay = await startRelay(registry.host, async ({path, headers}) => {
    if (path === '/v2/' && headers.authorization !== undefined) await sleep(300)
    return undefined
  })
})

afterAll(async () => {
  await Promise.all([relay[Symbol.asyncDispose](), workspace[Symbol.asyncDispose]()])
  await registry.stop()
})

interface Aftermath {
  readonly moment: string
  readonly traces: readonly string[]
  readonly processes: readonly string[]
  readonly files: readonly string[]
}

/** Files and processes at each of these times. */
interface Killed {
  readonly signal: NodeJS.Signals | null
  readonly before: Aftermath
  readonly after: Aftermath
  readonly later: Aftermath
}

async function kill(momentMs: number): Promise<Killed> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      ...publishTo(relay.host, login),
      images: `${relay.host}/killed/after-${momentMs}`,
      tags: 'only',
      'build-contexts': shellContext(),
      'build-args': `NONCE=${randomBytes(8).toString('hex')}`,
      secrets: `one=${buildSecret}`,
    },
  })
  const main = step.main()
  await sleep(momentMs)
  step.kill('SIGKILL')
  const {signal} = await main
  const before = await look(step, `killed after ${momentMs} ms, before post`)
  const post = await step.post()
  expect({exitCode: post.exitCode, log: post.log}).toEqual({exitCode: 0, log: ''})
  const after = await look(step, `killed after ${momentMs} ms, after post`)
  await sleep(1000)
  return {signal, before, after, later: await look(step, `killed after ${momentMs} ms, a second after post`)}
}

async function look(step: Step, moment: string): Promise<Aftermath> {
  const processes = processesWith(step.directory)
  const [traces, modes] = await Promise.all([tracesIn(marks, step.directory), modesBelow(step.temp)])
  return {moment, traces, processes, files: modes.map(({name}) => name)}
}

describe('main killed with SIGKILL', () => {
  const killed: Killed[] = []

  beforeAll(async () => {
    const queue = [...momentsMs]
    const worker = async (): Promise<void> => {
      for (let moment = queue.shift(); moment !== undefined; moment = queue.shift()) killed.push(await kill(moment))
    }
    await Promise.all(Array.from({length: concurrency}, worker))
  }, 60_000)

  test('leaves nothing after post: no credential, no process, no file', () => {
    for (const {after} of killed) {
      expect(after).toEqual({moment: after.moment, traces: [], processes: [], files: []})
    }
  })

  test('and nothing reappears', () => {
    for (const {later} of killed) {
      expect(later).toEqual({moment: later.moment, traces: [], processes: [], files: []})
    }
  })

  test('was killed with credentials on disk and with running processes', () => {
    const dead = killed.filter(({signal}) => signal === 'SIGKILL')
    expect(killed).toHaveLength(momentsMs.length)
    expect(dead.length).toBeGreaterThan(momentsMs.length / 2)
    // Without post, credentials and processes would have been left.
    expect(dead.some(({before}) => before.traces.length > 0)).toBe(true)
    expect(dead.some(({before}) => before.processes.some((line) => line.includes('login')))).toBe(true)
    expect(dead.some(({before}) => before.processes.some((line) => line.includes('buildx')))).toBe(true)
  })
})
