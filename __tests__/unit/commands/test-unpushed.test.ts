import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import {formatUntested} from '../../../src/reasons/untested-reasons.ts'
import {programOf, runCommand, valuesOf, type CommandRun, type Scenario} from '../../../testing/command-run.ts'

const marker = '123e4567-e89b-42d3-a456-426614174000'
const base = `r.example/o/app:tagboat-test-${marker}`
const both = 'linux/amd64,linux/arm64'
const withStore = '[["driver-type","io.containerd.snapshotter.v1"]]\nlinux/amd64\n'
const withoutStore = 'null\nlinux/x86_64\n'

interface Given {
  readonly inputs?: Readonly<Record<string, string>>
  readonly scenario?: Partial<Scenario>
  readonly engine?: string
  readonly bash?: () => {readonly exitCode: number}
}

async function run({inputs = {}, scenario = {}, engine = withStore, bash}: Given): Promise<CommandRun> {
  return runCommand(publish, {
    event: 'pull-request',
    marker,
    ...scenario,
    inputs: {images: 'r.example/o/app', test: 'true', ...inputs},
    program: (command) => {
      if (programOf(command) === 'info') return engine === '' ? {exitCode: 1, stderr: 'no engine'} : {stdout: engine}
      return programOf(command) === 'bash' ? bash?.() : undefined
    },
  })
}

/** Variables of `test` that name the image. */
function variables({io}: CommandRun): Readonly<Record<string, string>> {
  const {env = {}} = io.processes.commands.find(({file}) => file === 'bash') ?? {}
  return Object.fromEntries(Object.entries(env).filter(([name]) => /^(?:IMAGE|PLATFORM)/.test(name)))
}

function outputsOf({io}: CommandRun): readonly string[] {
  return io.processes.commands.flatMap((command) => valuesOf(command, '--output'))
}

function removed({io}: CommandRun): readonly string[] {
  return io.processes.commands.filter(({args}) => args[1] === 'rm').flatMap(({args}) => args.slice(3))
}

describe('`test` without a push', () => {
  test('uses the image that Buildx loads under a name of the run, which is removed', async () => {
    const done = await run({inputs: {platforms: 'linux/amd64'}})
    expect(done.failure).toBeUndefined()
    expect(outputsOf(done)).toEqual([`type=docker,name=${base}`])
    expect(variables(done)).toEqual({IMAGE: base, IMAGE_LINUX_AMD64: base, PLATFORM: 'linux/amd64'})
    expect(removed(done)).toEqual([base])
    expect(done.io.workflow.state.get('test-images')).toBe('')
    expect(done.programs).not.toContain('login')
  })

  test.each([
    {name: 'of the engine', builder: 'inspect-containerd-store'},
    {name: 'elsewhere', builder: 'inspect-remote'},
  ] as const)('names the image of each platform, with a builder $name', async ({builder}) => {
    const done = await run({inputs: {platforms: both}, scenario: {builder}})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('load')
    expect(variables(done)).toEqual({
      IMAGE: base,
      IMAGE_LINUX_AMD64: `${base}-linux-amd64`,
      IMAGE_LINUX_ARM64: `${base}-linux-arm64`,
      PLATFORM: 'linux/amd64',
    })
    expect(removed(done)).toEqual([base, `${base}-linux-amd64`, `${base}-linux-arm64`])
  })

  test('names the platforms that an engine without the containerd image store does not keep', async () => {
    const done = await run({inputs: {platforms: both}, scenario: {builder: 'inspect-remote'}, engine: withoutStore})
    expect(variables(done)).toEqual({IMAGE: base, IMAGE_LINUX_AMD64: base, PLATFORM: 'linux/amd64'})
    const reason = {code: 'engine-keeps-one', platforms: ['linux/arm64']} as const
    expect(done.io.workflow.log).toContain(`notice: ${formatUntested(reason)}`)
  })

  test('fails with the commands, and removes the image', async () => {
    const done = await run({inputs: {platforms: both}, bash: () => ({exitCode: 3})})
    expect(done.failure?.code).toBe('test-failed')
    expect(done.failure?.evidence).toEqual([expect.stringMatching(/code 3: true$/), `$IMAGE is ${base} (linux/amd64)`])
    expect(done.failure?.remedy).toBeUndefined()
    expect(done.summary).toMatch(/^### ❌ Built `r\.example\/o\/app:pr-2`, test failed\n/)
    expect(removed(done)).toContain(base)
    expect(done.outputs['digest']).toMatch(/^sha256:/)
  })

  test('says that no engine responds, and builds', async () => {
    const done = await run({inputs: {platforms: both}, scenario: {builder: 'inspect-remote'}, engine: ''})
    expect(done.failure).toBeUndefined()
    expect(done.programs).not.toContain('bash')
    expect(done.io.workflow.log).toContain(`notice: ${formatUntested({code: 'no-engine'})}`)
  })

  test('uses the names of `load: true`, which stay', async () => {
    const done = await run({inputs: {platforms: 'linux/amd64', load: 'true'}})
    expect(outputsOf(done)).toEqual(['type=docker,name=r.example/o/app:pr-2'])
    expect(variables(done)['IMAGE']).toBe('r.example/o/app:pr-2')
    expect(removed(done)).toEqual([])
  })

  test('leaves the names in `outputs` alone', async () => {
    const done = await run({inputs: {platforms: 'linux/amd64', outputs: 'type=oci,dest=image.tar'}})
    expect(outputsOf(done)).toEqual(['type=oci,dest=image.tar,name=r.example/o/app:pr-2', `type=docker,name=${base}`])
  })

  test('does not run in a dry run', async () => {
    const done = await run({inputs: {'dry-run': 'true'}})
    expect(done.programs).toEqual([])
  })

  test('does not run for a call that makes no image, with a notice', async () => {
    const done = await run({inputs: {call: 'check'}})
    expect(done.programs).not.toContain('bash')
    expect(done.io.workflow.log.filter((line) => line.startsWith('notice: `test`'))).toHaveLength(1)
  })
})
