import {execFile} from 'node:child_process'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {promisify} from 'node:util'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {formatReason} from '../../src/reasons/reason.ts'
import {docker} from '../../testing/docker.ts'
import {expectFailure} from '../../testing/failure.ts'
import {promptEndMs} from '../../testing/prompt-end.ts'
import {stepOn} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {errorsIn} from '../../testing/runner-log.ts'
import type {Step, StepOptions, StepResult} from '../../testing/runner.ts'
import {builderTraces, makeStandIn, type StandIn} from '../../testing/stand-in-builder.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Separate repository ID, so that the builders of other tests are ignored. */
let runId = 700_000
let registry: Registry
let workspace: Workspace
let standIn: StandIn

beforeAll(async () => {
  ;[registry, workspace, standIn] = await Promise.all([
    startRegistry(),
    workspaceOf({
      Dockerfile: plainDockerfile,
      'broken.Dockerfile': ['FROM scratch', 'COPY nowhere /'],
      'slow.Dockerfile': [...shellDockerfile, 'ARG NONCE', 'RUN echo under way; sleep 60'],
    }),
    makeStandIn(),
  ])
})

afterAll(async () => {
  await standIn[Symbol.asyncDispose]()
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

beforeEach(() => {
  runId += 1
})

async function prepare(
  inputs: Readonly<Record<string, string>>,
  env: NonNullable<StepOptions['env']> = {},
): Promise<Step> {
  return stepOn(
    {ref: 'refs/tags/v1.2.3', sha: 'a'.repeat(40), runId: String(runId)},
    {
      workspace: workspace.directory,
      inputs: {images: `${registry.host}/life/app-${runId}`, ...inputs},
      env: {DOCKER_CONFIG: standIn.config, ...env},
    },
  )
}

async function run(inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  await using step = await prepare(inputs)
  return await step.run()
}

function container(): Readonly<Record<string, string>> {
  return {driver: 'docker-container', 'driver-opts': standIn.driverOpts}
}

/** Inputs for a slow build, which is interrupted. */
function slow(): Readonly<Record<string, string>> {
  return {
    ...container(),
    file: 'slow.Dockerfile',
    'build-contexts': shellContext(),
    'build-args': `NONCE=${runId}`,
  }
}

async function traces(): Promise<readonly string[]> {
  return builderTraces(standIn.config, `tagboat-${runId}-`)
}

describe('a current builder that is sufficient', () => {
  test('is used, with its reason, and nothing is created', async () => {
    const result = await run({platforms: 'linux/amd64,linux/arm64'})
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    const needs = [{code: 'several-platforms', count: 2} as const, {code: 'staging'} as const]
    expect(result.log).toContain(`Builder: default (docker), since ${formatReason({code: 'builder-suits', needs})}`)
    expect(await builderTraces(standIn.config, 'tagboat-')).toEqual([])
  })
})

describe('a new builder of the driver docker-container', () => {
  test('builds, publishes, and ends with post', async () => {
    await using step = await prepare({...container(), platforms: 'linux/amd64,linux/arm64'})
    const result = await step.main()
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain(
      `Builder: new docker-container, since ${formatReason({code: 'driver-chosen', driver: 'docker-container'})}`,
    )
    expect(result.summary).toMatch(new RegExp(`tagboat-${runId}-1-[0-9a-f]{8}.*docker-container`))
    expect(await registry.tags(`life/app-${runId}`)).toContain('1.2.3')
    expect(await traces()).toHaveLength(3)
    const post = await step.post()
    expect({exitCode: post.exitCode, log: post.log}).toEqual({exitCode: 0, log: ''})
    expect(await traces()).toEqual([])
  })

  test('is shared by the steps of a job, of which the first one removes it at the end', async () => {
    await using temp = await workspaceOf({})
    const env = {RUNNER_TEMP: temp.directory}
    await using first = await prepare({...container(), load: 'true', push: 'false'}, env)
    await using second = await prepare(container(), env)
    expect((await first.main()).exitCode).toBe(0)
    const result = await second.main()
    expect(errorsIn(result.log)).toEqual([])
    expect(result.log).toContain(formatReason({code: 'builder-of-job'}))
    expect(result.log).toContain('CACHED')
    const left = await traces()
    expect(left).toHaveLength(3)
    expect((await second.post()).exitCode).toBe(0)
    expect(await traces()).toEqual(left)
    expect((await first.post()).exitCode).toBe(0)
    expect(await traces()).toEqual([])
    expect(await readdir(path.join(temp.directory, 'tagboat-builders'))).toEqual([])
  })

  test('has the network of this machine for a registry on loopback', async () => {
    const options = standIn.driverOpts.split('\n').filter((option) => !option.startsWith('network='))
    const result = await run({...container(), 'driver-opts': options.join('\n')})
    expect(errorsIn(result.log)).toEqual([])
    expect(result.log).toContain(`(network=host), to reach ${registry.host}`)
    expect(await registry.tags(`life/app-${runId}`)).toContain('1.2.3')
  })

  test('shows its log with `--debug`, in the post step', async () => {
    await using step = await prepare({...container(), 'buildkitd-flags': '--debug'})
    expect((await step.main()).exitCode).toBe(0)
    const {log} = await step.post()
    expect(log).toContain(`BuildKit container logs: buildx_buildkit_tagboat-${runId}-1-`)
    expect(log).toContain('the daemon runs')
    expect(await traces()).toEqual([])
  })

  test('is kept in the temporary directory of the runner where the configuration is read-only', async () => {
    await using home = await workspaceOf({
      'config.json': await readFile(path.join(standIn.config, 'config.json'), 'utf8'),
    })
    const mount = async (...args: readonly string[]): Promise<unknown> => promisify(execFile)('mount', args)
    await mount('--bind', home.directory, home.directory)
    try {
      await mount('-o', 'remount,bind,ro', home.directory)
      await using step = await prepare(container(), {DOCKER_CONFIG: home.directory})
      const result = await step.main()
      expect(errorsIn(result.log)).toEqual([])
      expect(await registry.tags(`life/app-${runId}`)).toContain('1.2.3')
      expect((await step.post()).exitCode).toBe(0)
      expect(await traces()).toEqual([])
    } finally {
      await promisify(execFile)('umount', [home.directory])
    }
  })

  test('is created with an option whose value contains a comma', async () => {
    const result = await run({...container(), 'driver-opts': `${standIn.driverOpts}\nenv.no_proxy=localhost,127.0.0.1`})
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(await traces()).toEqual([])
  })

  test('is removed after a failed build', async () => {
    const result = await run({...container(), file: 'broken.Dockerfile'})
    expectFailure(result, {
      code: 'build-failed',
      values: ['nowhere'],
      remedy: '.dockerignore',
    })
    expect(await traces()).toEqual([])
  })

  test('ends at once if the run is cancelled, and is removed by post', async () => {
    await using step = await prepare(slow())
    const main = step.main()
    await step.printed(/under way/)
    const start = performance.now()
    step.kill('SIGTERM')
    const result = await main
    expect(performance.now() - start).toBeLessThan(promptEndMs)
    expect(errorsIn(result.log)).toEqual([expect.stringContaining('[cancelled]')])
    expect((await step.post()).exitCode).toBe(0)
    expect(await traces()).toEqual([])
  })

  test('fails without an image, and the error names its address', async () => {
    const result = await run({driver: 'docker-container', 'driver-opts': `image=${registry.host}/no/buildkit:1`})
    expectFailure(result, {code: 'builder-image-missing', values: [`${registry.host}/no/buildkit:1`, 'not found']})
    expect(await traces()).toEqual([])
  })
})

describe('main killed with SIGKILL', () => {
  /** Parts of the builder that exist when the run is killed. */
  const moments: readonly {readonly name: string; readonly reached: (step: Step) => Promise<boolean>}[] = [
    {name: 'its record', reached: async (step) => (await step.state()).has('builder')},
    {name: 'its instance', reached: async () => hasTrace('instance')},
    {name: 'its volume', reached: async () => hasTrace('volume')},
    {name: 'its container', reached: async () => hasTrace('container')},
  ]
  const rows = moments.flatMap((moment) => [0, 100, 400].map((pauseMs) => ({...moment, pauseMs})))

  async function hasTrace(kind: string): Promise<boolean> {
    return (await traces()).some((line) => line.startsWith(kind))
  }

  test.each(rows)('$pauseMs ms after the creation of $name: post removes the builder', async ({reached, pauseMs}) => {
    await using step = await prepare(slow())
    const main = step.main()
    while (!(await reached(step))) await sleep(5)
    await sleep(pauseMs)
    step.kill('SIGKILL')
    expect((await main).signal).toBe('SIGKILL')
    const post = await step.post()
    expect({exitCode: post.exitCode, log: post.log}).toEqual({exitCode: 0, log: ''})
    expect(await traces()).toEqual([])
    await sleep(500)
    expect(await traces()).toEqual([])
  })

  test('during the build: the builder exists until post', async () => {
    await using step = await prepare(slow())
    const main = step.main()
    await step.printed(/under way/)
    step.kill('SIGKILL')
    await main
    expect(await traces()).toHaveLength(3)
    expect((await step.post()).exitCode).toBe(0)
    expect(await traces()).toEqual([])
  })
})

describe('keep-state', () => {
  const volumes = async (): Promise<readonly string[]> =>
    (await builderTraces(standIn.config, 'tagboat-kept-')).filter((line) => line.startsWith('volume '))

  afterAll(async () => {
    for (const line of await volumes()) await docker(['volume', 'rm', '--force', line.slice('volume '.length)])
  })

  test('keeps a cache for the next run, separate for concurrent runs', async () => {
    const inputs = {...container(), 'keep-state': 'true'}
    expect((await run(inputs)).exitCode).toBe(0)
    const [first = ''] = await volumes()
    expect(await builderTraces(standIn.config, 'tagboat-kept-')).toEqual([first])
    const volume = first.slice('volume '.length)
    expect(await standIn.boots(volume)).toBe(1)
    const both = await Promise.all([run(inputs), run({...inputs, images: `${registry.host}/life/other-${runId}`})])
    expect(both.map(({exitCode}) => exitCode)).toEqual([0, 0])
    expect(await standIn.boots(volume)).toBe(2)
    expect(await builderTraces(standIn.config, 'tagboat-kept-')).toHaveLength(2)
    expect(await volumes()).toHaveLength(2)
  })

  test('after a killed run, its cache exists', async () => {
    const inputs = {...container(), 'keep-state': 'true'}
    await using step = await prepare({...inputs, ...slow()})
    const main = step.main()
    await step.printed(/under way/)
    step.kill('SIGKILL')
    await main
    const before = await volumes()
    expect((await step.post()).exitCode).toBe(0)
    expect(await builderTraces(standIn.config, 'tagboat-kept-')).toEqual(before)
    const count = await standIn.boots((before[0] ?? '').slice('volume '.length))
    expect((await run(inputs)).exitCode).toBe(0)
    expect(await standIn.boots((before[0] ?? '').slice('volume '.length))).toBe(count + 1)
  })
})

describe('a builder of a killed run without a post step', () => {
  async function leave(name: string, lastUsed: Date): Promise<void> {
    const options = standIn.driverOpts.split('\n').flatMap((option) => ['--driver-opt', option])
    const create = ['buildx', 'create', '--bootstrap', '--name', name, '--driver', 'docker-container', ...options]
    await docker(create, standIn.config)
    await writeFile(path.join(standIn.config, 'buildx', 'activity', name), lastUsed.toISOString())
  }

  test('is removed by the next run that creates a builder, but not if it is new', async () => {
    const [stale, fresh] = ['tagboat-1-1-0a1b2c3d', 'tagboat-2-1-4e5f6a7b']
    const hour = 60 * 60 * 1000
    await leave(stale, new Date(Date.now() - (5 * 24 + 1) * hour))
    await leave(fresh, new Date(Date.now() - (5 * 24 - 1) * hour))
    const result = await run(container())
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain(`: ${stale}`)
    expect(await builderTraces(standIn.config, stale)).toEqual([])
    expect(await builderTraces(standIn.config, fresh)).toHaveLength(3)
    await docker(['buildx', 'rm', '--force', fresh], standIn.config)
  })
})

describe('driver: remote', () => {
  test('has a builder, until post', async () => {
    const result = await run({driver: 'remote', endpoint: standIn.address})
    expect(errorsIn(result.log)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain(
      `Builder: new remote, since ${formatReason({code: 'driver-chosen', driver: 'remote'})}`,
    )
    expect(await registry.tags(`life/app-${runId}`)).toContain('1.2.3')
    expect(await traces()).toEqual([])
  })

  test('fails with the endpoint if it does not answer', async () => {
    const result = await run({driver: 'remote', endpoint: 'tcp://127.0.0.1:1', 'driver-opts': 'default-load=false'})
    expectFailure(result, {
      code: 'builder-not-created',
      values: ['(driver remote)', 'tcp://127.0.0.1:1'],
      remedy: '`endpoint` and `append`',
    })
    expect(await traces()).toEqual([])
  })
})

test('the current builder of the user is unchanged', async () => {
  const current = await readFile(path.join(standIn.config, 'buildx', 'current'), 'utf8').catch(() => 'none')
  expect(current).toBe('none')
})
