import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {expectFailure} from '../../testing/failure.ts'
import {stepOn, type Push} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {publishTo} from '../../testing/sample.ts'
import type {StepResult} from '../../testing/runner.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const repository = 'team/sized'

let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  // Random bytes do not compress.
  const data = [
    'ARG SIZE',
    'RUN head -c ${SIZE}000 /dev/urandom > /data',
    'FROM scratch',
    'COPY --from=shell /data /data',
  ]
  ;[registry, workspace] = await Promise.all([
    startRegistry({login}),
    workspaceOf({Dockerfile: [...shellDockerfile, ...data]}),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

type Inputs = Readonly<Record<string, string>>

function release(version: string): Push {
  return {ref: `refs/tags/v${version}`, sha: version.replaceAll('.', '').padEnd(40, '0'), runId: '940'}
}

async function run(version: string, inputs: Inputs, action?: 'stage' | 'promote'): Promise<StepResult> {
  await using step = await stepOn(release(version), {
    ...(action && {action}),
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), images: `${registry.host}/${repository}`, ...inputs},
  })
  return await step.run()
}

function built(kilobytes: number): Inputs {
  return {platforms: 'linux/amd64', 'build-args': `SIZE=${kilobytes}`, 'build-contexts': shellContext()}
}

function gates({outputs}: StepResult): unknown {
  return JSON.parse(outputs.get('gates') ?? '')
}

describe('limits', () => {
  test('hold for a release: its size, and its growth since latest', async () => {
    const first = await run('1.0.0', {...built(100), 'max-size': '1 MB', 'max-growth': '10%'})
    expect(first.exitCode).toBe(0)
    expect(gates(first)).toEqual([
      expect.objectContaining({gate: 'platforms', outcome: 'passed'}),
      expect.objectContaining({
        gate: 'size',
        outcome: 'passed',
        reason: expect.stringMatching(/^linux\/amd64: 1\d\d\.\d kB .*1\.00 MB/),
      }),
    ])

    const grown = await run('1.0.1', {...built(150), 'max-growth': '10%'})
    expectFailure(grown, {
      code: 'image-too-large',
      values: ['1.0.0', '10%'],
    })
    expect(gates(grown)).toContainEqual(expect.objectContaining({gate: 'size', outcome: 'failed'}))
    expect(grown.summary).toMatch(/❌\sfailed/)
    expect([...(await registry.tags(repository))].sort()).not.toContain('1.0.1')
    expect((await registry.manifest(repository, 'latest'))?.digest).toBe(first.outputs.get('digest'))

    const allowed = await run('1.0.1', {...built(150), 'max-growth': '100 kB'})
    expect(allowed.exitCode).toBe(0)
    expect((await registry.manifest(repository, 'latest'))?.digest).toBe(allowed.outputs.get('digest'))
  })

  test('fails a stage, before its test', async () => {
    const staged = await run('2.0.0', {...built(90), 'max-size': '10 kB', test: 'echo tested'}, 'stage')
    expectFailure(staged, {code: 'image-too-large', values: ['10.0 kB']})
    expect(staged.log).not.toMatch(/^tested$/m)
  })

  test('fails a promote: no tag moves', async () => {
    const staged = await run('2.1.0', built(200), 'stage')
    const digests = staged.outputs.get('digest') ?? ''
    const before = await registry.tags(repository)
    const refused = await run('2.1.0', {digests, 'max-growth': '1%', 'max-size': 'linux/s390x=1 MB'}, 'promote')
    expectFailure(refused, {code: 'image-too-large', values: ['1%']})
    expect(refused.log).toMatch(/^::warning::.*linux\/s390x/m)
    expect(await registry.tags(repository)).toEqual(before)
    expect((await run('2.1.0', {digests, 'max-size': '1 MB'}, 'promote')).exitCode).toBe(0)
  })
})
