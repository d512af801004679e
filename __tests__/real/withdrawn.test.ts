import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {stepOn, type Push} from '../../testing/pushes.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {publishTo} from '../../testing/sample.ts'
import type {StepResult} from '../../testing/runner.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: 'a-fair-wind'}
const repository = 'team/withdrawn'
const good: Push = {ref: 'refs/tags/v1.2.2', sha: 'a'.repeat(40), date: '2026-01-01T00:00:00Z', runId: '920'}
const faulty: Push = {ref: 'refs/tags/v1.2.3', sha: 'b'.repeat(40), date: '2026-02-01T00:00:00Z', runId: '921'}
const next: Push = {ref: 'refs/tags/v1.2.4', sha: 'd'.repeat(40), date: '2026-04-01T00:00:00Z', runId: '923'}
const manual: Push = {ref: 'refs/heads/main', sha: 'c'.repeat(40), date: '2026-03-01T00:00:00Z', runId: '922'}
const floating = ['1', '1.2', 'latest']

let registry: Registry
let workspace: Workspace

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([startRegistry({login}), workspaceOf({Dockerfile: plainDockerfile})])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

type Inputs = Readonly<Record<string, string>>

async function run(push: Push, inputs: Inputs = {}, action?: 'promote'): Promise<StepResult> {
  await using step = await stepOn(push, {
    ...(action && {action}),
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), images: `${registry.host}/${repository}`, ...inputs},
  })
  const result = await step.run()
  if (result.exitCode !== 0) throw new Error(result.log)
  return result
}

async function digests(...tags: readonly string[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(tags.map(async (tag) => (await registry.manifest(repository, tag))?.digest))
}

test('a rollback by one promote stays when the runs of the withdrawn version and of a later one are repeated', async () => {
  const first = (await run(good)).outputs.get('digest')
  const second = (await run(faulty)).outputs.get('digest')
  expect(second).not.toBe(first)
  expect(await digests(...floating)).toEqual([second, second, second])

  const earlier = {
    from: `${registry.host}/${repository}:1.2.2`,
    version: '1.2.2',
    tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}\nlatest',
  }
  const refused = await run(manual, earlier, 'promote')
  expect(await digests(...floating)).toEqual([second, second, second])
  expect(refused.log.match(/^::notice.*list 1\.2\.3 .*`withdrawn`/gm)).toHaveLength(3)

  const rollBack = await run(manual, {...earlier, withdrawn: '1.2.3'}, 'promote')
  expect(await digests(...floating)).toEqual([first, first, first])
  expect(rollBack.summary).toContain('which is withdrawn')
  expect(rollBack.summary).toMatch(/^### ✅ Rolled back to `\S+:1\.2\.2`$/m)
  expect(rollBack.log).toMatch(/^Rolled back to \S+:1\.2\.2 with 3 tags /m)

  const again = await run(faulty, {withdrawn: '1.2.3'})
  expect(await digests('1.2.3', ...floating)).toEqual([second, first, first, first])
  expect(again.outputs.get('pushed')).toBe('false')
  expect(again.log).toContain('1.2.3 is withdrawn')
  expect(again.log).toMatch(/^Publishing \S+:1\.2\.3 \(withdrawn\) with /m)
  expect(again.log).toMatch(/^Already published \S+:1\.2\.3 \(withdrawn\) with /m)
  expect(again.summary).not.toContain('compose.yaml')
  expect(again.log).not.toContain('::group::docker buildx build')

  const later = (await run(next, {withdrawn: '>=1.2.3 <1.2.4'})).outputs.get('digest')
  expect(await digests(...floating)).toEqual([later, later, later])
})
