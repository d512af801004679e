import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {memoryRegistry} from '../../testing/memory-registry.ts'
import {RealClock} from '../../testing/chaos/clock.ts'
import {inProcesses} from '../../testing/chaos/processes.ts'
import {executeRound} from '../../testing/chaos/round.ts'
import {stepOn} from '../../testing/pushes.ts'
import {workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Factor for delays in real time. */
const pace = 0.1
let workspace: Workspace

beforeAll(async () => {
  workspace = await workspaceOf({})
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

describe('overlapping processes with lost requests and kills break no promise', () => {
  test.each([
    {mode: 'versions', seed: 3},
    {mode: 'other-build', seed: 1},
    {mode: 'branch', seed: 2},
  ] as const)('$mode, seed $seed', async ({mode, seed}) => {
    const executeRun = inProcesses(workspace.directory)
    const round = await executeRound(mode, seed, {
      endings: 0.5,
      without: new Set(),
      clock: new RealClock(pace),
      executeRun,
    })
    expect(round.verdict.violations).toEqual([])
    expect(round.runs.length).toBeGreaterThan(3)
  })
})

describe('a promote that does not push', () => {
  test('sends no request to the registry', async () => {
    const registry = memoryRegistry()
    await using server = await registry.serve()
    const image = registry.putImage('app', {text: 'staged'})
    const [push, sha] = ['refs/tags/v1.2.3', 'c'.repeat(40)]
    const inputs = {images: `${server.host}/app`, digests: image.digest, push: 'false'}
    await using step = await stepOn(
      {ref: push, sha, runId: '1'},
      {action: 'promote', workspace: workspace.directory, inputs},
    )
    const {exitCode, outputs} = await step.run()
    expect({exitCode, pushed: outputs.get('pushed')}).toEqual({exitCode: 0, pushed: 'false'})
    expect(registry.requests).toEqual([])
  })
})
