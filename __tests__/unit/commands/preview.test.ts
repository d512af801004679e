import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import {stage} from '../../../src/commands/stage.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {makeImage, memoryRegistry, type MemoryRegistry, type TestImage} from '../../../testing/memory-registry.ts'

const sha = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
const given = {
  images: 'r.example/o/app',
  registry: 'r.example',
  username: 'mona',
  password: 'canary-1',
  tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}',
}
type Command = Parameters<typeof runCommand>[0]

async function run(
  registries: readonly MemoryRegistry[],
  scenario: Partial<Scenario> = {},
  command: Command = publish,
): Promise<CommandRun> {
  return runCommand(command, {...scenario, registries, inputs: {...given, 'dry-run': 'registry', ...scenario.inputs}})
}

function imageOf(version: string, revision: string): TestImage {
  return makeImage({text: version, labels: {[factKeys.revision]: revision, [factKeys.version]: version}})
}

interface PlannedOutcome {
  readonly reference: string
  readonly outcome: string
  readonly code: string
}

/** Outcome and code of each tag in the output `plan`, by reference. */
function outcomes({outputs}: CommandRun): Readonly<Record<string, string>> {
  const {tags} = JSON.parse(outputs['plan'] ?? '') as {readonly tags: readonly PlannedOutcome[]}
  return Object.fromEntries(
    tags.map(({reference, outcome, code}) => [reference.replace('r.example/o/app:', ''), `${outcome} ${code}`]),
  )
}

/** Expects that a run has only read, and started no program. */
function expectReadOnly(done: CommandRun, registries: readonly MemoryRegistry[]): void {
  const methods = new Set(registries.flatMap(({requests}) => requests.map(({method}) => method)))
  expect([...methods].filter((method) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  expect(done.programs).toEqual([])
  expect(done.outputs['pushed']).toBe('false')
  expect(done.outputs['moved-tags']).toBe('')
}

describe('dry-run: registry', () => {
  test('shows what would be new, move and be kept', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    registry.store('o/app', imageOf('2.0.0', 'b'.repeat(40)), ['2.0.0', 'latest'])
    registry.store('o/app', imageOf('1.2.2', 'a'.repeat(40)), ['1.2.2', '1.2'])
    const done = await run([registry])
    expect(done.failure).toBeUndefined()
    expect(outcomes(done)).toEqual({
      '1.2.3': 'new new-tag',
      '1.2': 'moved highest-version',
      latest: 'kept higher-version',
    })
    expectReadOnly(done, [registry])
    expect(done.io.workflow.log).toContainEqual(
      expect.stringMatching(/^printed: would move +r\.example\/o\/app:1\.2 from 1\.2\.2/),
    )
    expect(done.io.workflow.log.at(-1)).toMatch(/^info: Dry run of .*would create 1 tag, move 1 tag, keep 1 tag$/)
    expect(done.summary).toMatch(/^### Dry run/)
    expect(done.summary).toMatch(/\| `1\.2` \| \S+\swould\smove\sfrom\s`1\.2\.2` \|/)
    expect(done.summary).not.toContain('moved')
  })

  test('finds the release of an earlier run, without a builder that knows its platform', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const published = await run([registry], {inputs: {'dry-run': 'false'}})
    expect(published.failure).toBeUndefined()
    const before = registry.requests.length
    const done = await run([registry])
    expect(done.failure).toBeUndefined()
    expect(outcomes(done)).toEqual({
      '1.2.3': 'unchanged up-to-date',
      '1.2': 'unchanged up-to-date',
      latest: 'unchanged up-to-date',
    })
    expect(registry.requests.slice(before).every(({method}) => method === 'GET' || method === 'HEAD')).toBe(true)
  })

  const refusals = [
    {name: 'an exact tag of another commit', inputs: {}, code: 'tag-taken', failed: '1.2.3'},
    {name: 'if-exists: fail', inputs: {'if-exists': 'fail'}, code: 'tag-exists', failed: '1.2.3'},
    {name: 'on-stale: fail', inputs: {'if-exists': 'skip', 'on-stale': 'fail'}, code: 'tag-stale', failed: 'latest'},
  ] as const
  test.each(refusals)('fails as a real run would: $name', async ({inputs, code, failed}) => {
    const registry = memoryRegistry({host: 'r.example'})
    registry.store('o/app', imageOf('2.0.0', 'b'.repeat(40)), ['2.0.0', 'latest'])
    registry.store('o/app', imageOf('1.2.3', 'a'.repeat(40)), ['1.2.3'])
    const done = await run([registry], {inputs})
    const real = await run([registry], {inputs: {...inputs, 'dry-run': 'false'}})
    expect(done.failure?.code).toBe(code)
    expect(real.failure?.code).toBe(code)
    expect(done.failure?.message).toBe(real.failure?.message)
    expect(outcomes(done)).toMatchObject({[failed]: 'failed image-failed', '1.2': 'not-created others-failed'})
    expect(done.outputs['pushed']).toBe('false')
    expect(done.summary).toMatch(/^### ❌ Dry run/)
    const printed = done.io.workflow.log.filter((line) => /^printed: .* r\.example\/o\/app:\S+(?:: | at |$)/.test(line))
    expect(printed).toHaveLength(3)
    expect(printed.every((line) => /^printed: would (?:refuse|keep|not create) /.test(line))).toBe(true)
  })

  test('fails without a registry, and without credentials', async () => {
    const registry = memoryRegistry({host: 'r.example', fault: () => ({kind: 'reset'})})
    expect((await run([registry], {inputs: {retries: '0'}})).failure?.code).toBe('registry-unreachable')
    expect((await run([], {inputs: {password: ''}})).failure?.code).toBe('credentials-missing')
  })

  test('of a stage', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    registry.store('o/app', imageOf('1.2.3', 'a'.repeat(40)), ['1.2.3'])
    const done = await run([registry], {}, stage)
    expect(done.failure?.code).toBe('tag-taken')
    expectReadOnly({...done, outputs: {...done.outputs, 'moved-tags': ''}}, [registry])
  })

  test('of a promote', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const image = imageOf('1.2.3', sha)
    registry.store('o/app', image, ['staging', '1.2'])
    const done = await run([registry], {builds: false, inputs: {from: 'r.example/o/app:staging'}}, promote)
    expect(done.failure).toBeUndefined()
    expect(outcomes(done)).toEqual({
      '1.2.3': 'new new-tag',
      '1.2': 'unchanged up-to-date',
      latest: 'new highest-version',
    })
    expectReadOnly(done, [registry])
    const missing = await run([registry], {builds: false, inputs: {from: 'r.example/o/app:other'}}, promote)
    expect(missing.failure?.code).toBe('source-missing')
  })

  test('warns of an image that is not required', async () => {
    const mirror = memoryRegistry({host: 'm.example', fault: () => ({kind: 'answer', status: 503})})
    const registry = memoryRegistry({host: 'r.example'})
    const done = await run([registry, mirror], {
      inputs: {images: 'r.example/o/app\nname=m.example/o/app,required=false', retries: '0'},
    })
    expect(done.failure).toBeUndefined()
    expect(outcomes(done)).toMatchObject({
      latest: 'new highest-version',
      'm.example/o/app:latest': 'failed image-failed',
    })
    expect(done.io.workflow.log).toContainEqual(expect.stringMatching(/^warning: m\.example\/o\/app is not required/))
    expectReadOnly(done, [registry, mirror])
  })

  test('shows no move of an image that is not required if the run would be refused', async () => {
    const [registry, mirror] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 'm.example'})]
    registry.store('o/app', imageOf('1.2.3', 'a'.repeat(40)), ['1.2.3'])
    const done = await run([registry, mirror], {
      inputs: {images: 'r.example/o/app\nname=m.example/o/app,required=false'},
    })
    expect(done.failure?.code).toBe('tag-taken')
    expect(outcomes(done)).toMatchObject({
      '1.2.3': 'failed image-failed',
      'm.example/o/app:1.2.3': 'not-created others-failed',
      'm.example/o/app:latest': 'not-created others-failed',
    })
  })

  test('does not take a cancellation for a failure of an image that is not required', async () => {
    const controller = new AbortController()
    const mirror = memoryRegistry({
      host: 'm.example',
      fault: () => {
        controller.abort(new Error('cancelled'))
        return {kind: 'answer', status: 503}
      },
    })
    let warned = -1
    const command: Command = async (io) => {
      try {
        await publish(io)
      } finally {
        warned = io.workflow.warnings().length
      }
    }
    const inputs = {images: 'r.example/o/app\nname=m.example/o/app,required=false', retries: '0'}
    const scenario = {inputs, signal: controller.signal}
    const done = await run([memoryRegistry({host: 'r.example'}), mirror], scenario, command).catch(
      (error: unknown) => error,
    )
    expect(done).not.toMatchObject({failure: undefined})
    expect(warned).toBe(0)
  })

  test('shows withdrawn versions', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const done = await run([registry], {inputs: {withdrawn: '1.2.3'}})
    expect(outcomes(done)).toMatchObject({'1.2.3': 'new new-tag', latest: 'not-created version-withdrawn'})
  })

  test('sends no request if nothing would be pushed, and none with true', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    for (const inputs of [{push: 'false'}, {'dry-run': 'true'}]) {
      const done = await run([registry], {inputs})
      expect(done.failure).toBeUndefined()
      expect(outcomes(done)['latest']).toBe('undefined undefined')
    }
    expect(registry.requests).toEqual([])
  })

  test('is one of three values', async () => {
    const done = await run([], {inputs: {'dry-run': 'server'}})
    expect(done.failure?.evidence.join()).toMatch(/^dry-run: .*registry/)
  })
})
