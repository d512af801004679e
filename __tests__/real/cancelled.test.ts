import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import {processesWith} from '../../testing/process-watch.ts'
import {promptEndMs} from '../../testing/prompt-end.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRelay, type RelayedRequest} from '../../testing/relay.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {stepOn} from '../../testing/pushes.ts'
import {publishTo} from '../../testing/sample.ts'
import {loginMarks, modesBelow, tracesIn} from '../../testing/traces.ts'
import {TagboatError} from '../../src/errors/error.ts'
import {remedies} from '../../src/errors/remedies.ts'
import {renderError} from '../../src/errors/render-error.ts'
import {unchangedTags} from '../../src/report/unchanged-tags.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

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
  /** Whether a request is held without an answer, so that the run waits for it. */
  readonly holds: (request: RelayedRequest) => boolean
  readonly inputs?: Readonly<Record<string, string>>
  /** Log text at this moment. Default: the held request. */
  readonly prints?: RegExp
  /** Time for other requests to be answered. */
  readonly pauseMs?: number
}

/** Cancels the run at a moment, and collects its traces after main, before post. */
async function cancel(
  signal: NodeJS.Signals,
  repository: string,
  {holds, prints, inputs, pauseMs = 0}: Moment,
): Promise<Cancelled> {
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
  await sleep(pauseMs)
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
  {name: 'the read of the tags', holds: ({path}) => path.includes('/tags/list')},
  {name: 'the push', holds: ({method}) => method === 'PUT' || method === 'POST' || method === 'PATCH'},
  {name: 'the push of the image itself', holds: ({method, path}) => method === 'PUT' && path.includes('/manifests/')},
  {name: 'the test', holds: () => false, prints: /^testing$/m, inputs: {test: 'echo testing; sleep 60'}},
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
    const remedy = `${remedies.cancelled} ${unchangedTags}`
    expect(errorsIn(result.log)).toEqual([renderError(new TagboatError('cancelled', {remedy}))])
    expect(result.exitCode).toBe(1)
    expect(tookMs).toBeLessThan(promptEndMs)
    expect({traces, processes, files}).toEqual({traces: [], processes: [], files: []})
    expect(result.outputs.get('pushed') ?? 'false').toBe('false')
    expect(await registry.tags(repository)).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s before the first tag: no tag is written', async (signal) => {
    const repository = `cancelled/exact-${signal.toLowerCase()}`
    const {result, ...left} = await cancel(signal, repository, {
      name: 'the exact tags',
      holds: ({method, path}) => method === 'PUT' && /\/manifests\/(?:1\.2\.3|sha-6113728)$/.test(path),
    })
    expectCancelled(result, left)
    expect(await registry.tags(repository)).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s while floating tags move: all are rolled back', async (signal) => {
    const repository = `cancelled/floating-${signal.toLowerCase()}`
    const before = await publishOlder(repository)
    let isHeld = false
    const {result, ...left} = await cancel(signal, repository, {
      name: 'the floating tags',
      holds: ({method, path}) => {
        // The later PUT of the rollback is not held.
        if (isHeld || method !== 'PUT' || !path.endsWith('/manifests/latest')) return false
        isHeld = true
        return true
      },
    })
    expectCancelled(result, left, true)
    const heads = await headsOf(repository)
    expect({...heads, '1.2.3': undefined, 'sha-6113728': undefined}).toEqual({
      '1.2.2': before,
      '1.2': before,
      '1': before,
      latest: before,
      'sha-aaaaaaa': before,
    })
    // The exact tags of the new image stay, and the next run continues from there.
    expect(heads['1.2.3']).toBe(heads['sha-6113728'])
    expect(heads['1.2.3']).toMatch(/^sha256:/)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s during the read-back: all tags are new', async (signal) => {
    const repository = `cancelled/read-${signal.toLowerCase()}`
    const before = await publishOlder(repository)
    const put = new Set<string>()
    let isHeld = false
    const {result, ...left} = await cancel(signal, repository, {
      name: 'the read-back',
      holds: ({method, path}) => {
        const [, tag = ''] = /\/manifests\/(1|1\.2|latest)$/.exec(path) ?? []
        if (method === 'PUT' && tag !== '') put.add(tag)
        if (isHeld || put.size < 3 || method === 'PUT' || tag === '') return false
        isHeld = true
        return true
      },
    })
    expectCancelled(result, left, true)
    const heads = await headsOf(repository)
    expect(heads['1.2.3']).toMatch(/^sha256:/)
    expect(heads['1.2.3']).not.toBe(before)
    expect([heads['1.2'], heads['1'], heads['latest']]).toEqual(Array.from({length: 3}, () => heads['1.2.3']))
  })
})

/** Publishes release 1.2.2, and returns its digest. */
async function publishOlder(repository: string): Promise<string | undefined> {
  await using step = await stepOn(
    {ref: 'refs/tags/v1.2.2', sha: 'a'.repeat(40), runId: '1'},
    {
      workspace: workspace.directory,
      inputs: {...publishTo(registry.host, login), images: `${registry.host}/${repository}`},
    },
  )
  const {exitCode, outputs} = await step.run()
  expect(exitCode).toBe(0)
  return outputs.get('digest')
}

async function headsOf(repository: string): Promise<Readonly<Record<string, string | undefined>>> {
  const tags = await registry.tags(repository)
  const heads = await Promise.all(
    tags.map(async (tag) => [tag, (await registry.manifest(repository, tag))?.digest] as const),
  )
  return Object.fromEntries(heads)
}

function expectCancelled(result: StepResult, left: Omit<Cancelled, 'result'>, pushed = false): void {
  expect(errorsIn(result.log)).toEqual([expect.stringContaining('[cancelled]')])
  expect(result.exitCode).toBe(1)
  expect(left.tookMs).toBeLessThan(promptEndMs)
  expect({...left, tookMs: 0}).toEqual({tookMs: 0, traces: [], processes: [], files: []})
  expect(result.outputs.get('pushed') ?? 'false').toBe(String(pushed))
}
