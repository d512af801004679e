import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {executedCommands} from '../../testing/runner-log.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** Workflow commands in all forms that a runner reads, and a last line without a line feed. */
const hostile = [
  '::set-output name=digest::sha256:forged',
  '::error::boo',
  '::add-mask::published',
  '::stop-commands::mine',
  '##[add-mask]published',
  '##[error]boo',
  '   ::warning::boo',
]

let workspace: Workspace
let results: readonly StepResult[]

beforeAll(async () => {
  workspace = await workspaceOf({
    Dockerfile: [
      ...shellDockerfile,
      'ARG NONCE',
      `RUN printf '%s\\n' ${hostile.map((line) => `'${line}'`).join(' ')}; printf '\\r::error::boo\\r\\n'; printf '::error::boo'`,
    ],
    'failing/Dockerfile': [
      ...shellDockerfile,
      `RUN printf '%s\\n' ${hostile.map((line) => `'${line}'`).join(' ')}; printf 'no line feed'; exit 1`,
    ],
  })
  results = [await run({}), await run({}), await run({context: 'failing'})]
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
})

async function run(inputs: Readonly<Record<string, string>>): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {'build-contexts': shellContext(), push: 'false', 'no-cache': 'true', images: 'team/app', ...inputs},
  })
  return await step.run()
}

/** Groups of the plan, the labels and the build. */
const groups = Array.from({length: 3}, () => ['group', 'endgroup']).flat()

function names(result: StepResult | undefined): readonly string[] {
  return executedCommands(result?.log ?? '').map(({name}) => name)
}

function token(result: StepResult | undefined): string {
  const [, found = ''] = /^::group::docker buildx build\n::stop-commands::(.*)$/m.exec(result?.log ?? '') ?? []
  return found
}

describe('the output of a build', () => {
  test('is in the log', () => {
    for (const line of hostile) expect(results[0]?.log).toContain(line)
  })

  test('contains no command that a runner executes', () => {
    expect(names(results[0])).toEqual(groups)
    expect(results[0]?.exitCode).toBe(0)
    expect(results[0]?.outputs.get('digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
  })

  test('contains none if the build fails: the only error is that of the step', () => {
    expect(names(results[2])).toEqual([...groups, 'error'])
    expect(results[2]?.exitCode).toBe(1)
    // Its evidence contains the output of the build, in one line of the log.
    const [error] = executedCommands(results[2]?.log ?? '').filter(({name}) => name === 'error')
    expect(error?.message).toContain('::error::boo')
    expect(error?.message).toContain('[build-failed]')
  })

  test.each([0, 1, 2])('is between two tokens at the start of a line (run %d)', (index) => {
    const log = results[index]?.log ?? ''
    const mark = token(results[index])
    expect(log.split('\n').filter((line) => line.includes(mark))).toEqual([`::stop-commands::${mark}`, `::${mark}::`])
  })

  test('does not contain the token', () => {
    const tokens = results.map(token)
    expect(new Set(tokens).size).toBe(results.length)
    for (const mark of tokens) expect(mark).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/)
  })
})
