import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {processesWith} from '../support/process-watch.ts'
import {startRegistry, type Registry} from '../support/registry.ts'
import {startRelay, type RelayedRequest} from '../support/relay.ts'
import {errorsIn} from '../support/runner-log.ts'
import {Step, type StepResult} from '../support/runner.ts'
import {publishTo} from '../support/sample.ts'
import {loginMarks, modesBelow, tracesIn} from '../support/traces.ts'
import {catalogue} from '../../src/errors/catalogue.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../support/workspace.ts'

const login = {username: 'robot', password: `canary-${randomBytes(12).toString('hex')}`}
let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([
    startRegistry({login}),
    workspaceOf({
      Dockerfile: plainDockerfile,
      'slow.Dockerfile': [...shellDockerfile, 'ARG NONCE', 'RUN echo under way; sleep 60'],
    }),
  ])
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await registry.stop()
})

interface Cancelled {
  readonly result: StepResult
  readonly tookMs: number
  readonly traces: readonly string[]
  readonly processes: readonly string[]
  readonly files: readonly string[]
}

interface Moment {
  readonly name: string
  /** The request that gets no answer, so that the run stands still there. */
  readonly holds: (request: RelayedRequest) => boolean
  readonly inputs?: Readonly<Record<string, string>>
  /** What the log shows then; else the held request is the sign. */
  readonly prints?: RegExp
}

/** Cancels at that moment, and looks around as soon as main has ended, before post. */
async function cancel(signal: NodeJS.Signals, repository: string, {holds, prints, inputs}: Moment): Promise<Cancelled> {
  const reached = Promise.withResolvers<undefined>()
  await using relay = await startRelay(registry.host, async (request) => {
    if (!holds(request)) return undefined
    reached.resolve(undefined)
    return new Promise(() => undefined)
  })
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      ...publishTo(relay.host, login),
      images: `${relay.host}/${repository}`,
      'build-contexts': shellContext(),
      'build-args': `NONCE=${randomBytes(8).toString('hex')}`,
      ...inputs,
    },
  })
  const main = step.main()
  await (prints === undefined ? reached.promise : step.printed(prints))
  const start = performance.now()
  step.kill(signal)
  const result = await main
  const tookMs = performance.now() - start
  const processes = processesWith(step.directory)
  const [traces, modes] = await Promise.all([tracesIn(loginMarks(login), step.directory), modesBelow(step.temp)])
  expect((await step.post()).exitCode).toBe(0)
  return {result, tookMs, traces, processes, files: modes.map(({name}) => name)}
}

const moments: readonly Moment[] = [
  {
    name: 'the login',
    holds: ({path, headers}) => path === '/v2/' && headers.authorization !== undefined,
  },
  {name: 'the build', holds: () => false, prints: /under way/, inputs: {file: 'slow.Dockerfile'}},
  {
    name: 'the build, with a login for later steps',
    holds: () => false,
    prints: /under way/,
    inputs: {file: 'slow.Dockerfile', 'export-login': 'true'},
  },
  {name: 'the push', holds: ({method}) => method === 'PUT' || method === 'POST' || method === 'PATCH'},
]

const rows = moments.flatMap((moment) =>
  (['SIGINT', 'SIGTERM'] as const).map((signal) => ({...moment, signal, repository: repositoryOf(moment, signal)})),
)

function repositoryOf({name}: Moment, signal: NodeJS.Signals): string {
  return `cancelled/${name.replaceAll(/\W+/g, '-')}-${signal.toLowerCase()}`
}

describe('cancelled', () => {
  test.each(rows)('by $signal during $name', async ({signal, repository, ...moment}) => {
    const {result, tookMs, traces, processes, files} = await cancel(signal, repository, moment)
    expect(errorsIn(result.log)).toEqual([
      `${catalogue.cancelled.cause} [cancelled]\nWhat to do: ${catalogue.cancelled.remedy}`,
    ])
    expect(result.exitCode).toBe(1)
    expect(tookMs).toBeLessThan(5000)
    expect({traces, processes, files}).toEqual({traces: [], processes: [], files: []})
    expect(result.outputs.get('pushed') ?? 'false').toBe('false')
    expect(await registry.tags(repository)).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s during the read-back, when all is pushed', async (signal) => {
    const {result, tookMs, traces, processes, files} = await cancel(signal, `cancelled/read-${signal.toLowerCase()}`, {
      name: 'the read-back',
      holds: ({headers}) => headers['user-agent'] === 'tagboat',
    })
    expect(errorsIn(result.log)).toEqual([expect.stringContaining('[cancelled]')])
    expect(result.exitCode).toBe(1)
    expect(tookMs).toBeLessThan(5000)
    expect({traces, processes, files}).toEqual({traces: [], processes: [], files: []})
  })
})
