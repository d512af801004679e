import {describe, expect, test} from '@jest/globals'
import {ensureEmulation, type EmulatingBuilder, type Emulation} from '../../../../src/builder/emulation/qemu.ts'
import {currentContext} from '../../../../src/builder/docker-context.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import {renderError} from '../../../../src/errors/render-error.ts'
import type {BuilderInputs} from '../../../../src/inputs/inputs.ts'
import {formatPlatform, parsePlatform, type Platform} from '../../../../src/oci/platform.ts'
import {scriptedProcesses, type Script} from '../../../../testing/fake-io.ts'

function platforms(text: string): readonly Platform[] {
  return text.split(' ').flatMap((one) => parsePlatform(one) ?? [])
}

function builder(has: string, changes: Partial<EmulatingBuilder> = {}): EmulatingBuilder {
  const nodes = [{endpoint: 'default'}]
  return {name: 'default', driver: 'docker', platforms: platforms(has), nodes, ...changes}
}

interface Given {
  readonly has: EmulatingBuilder
  readonly asked: string
  readonly qemu: BuilderInputs['qemu']
  /** Platforms of the builder at the next inspection. */
  readonly then?: string
  /** Number of inspections that still lack the platform. */
  readonly late?: number
  readonly env?: Readonly<Record<string, string>>
  /** `currentContext` of the user's configuration. */
  readonly configured?: string
  readonly play?: Script
}

interface CommandRun {
  readonly result: Emulation<EmulatingBuilder> | TagboatError
  readonly commands: readonly string[]
  readonly lines: readonly string[]
  readonly warnings: readonly string[]
  /** Number of repeated inspections. */
  readonly asked: number
}

async function ensure({has, asked, qemu, then = '', late, env = {}, configured, play}: Given): Promise<CommandRun> {
  const lines: string[] = []
  const warnings: string[] = []
  let again = 0
  const processes = scriptedProcesses(async (command, onOutput) => {
    const played = await play?.(command, onOutput)
    if (played !== undefined) return played
    const [program] = command.args.slice(command.args[0]?.startsWith('--') === true ? 2 : 0)
    if (program === 'image') return {exitCode: 1}
    if (program === 'version') return {stdout: 'linux/amd64\n'}
    return program === 'run' ? {stderr: 'installing: x OK\n'} : {}
  })
  const timer = {sleep: async () => Promise.resolve(), random: () => 0}
  const request = {
    builder: has,
    platforms: platforms(asked),
    inputs: {qemu, qemuImage: 'q.example/binfmt:1', mirrors: []},
    retries: 1,
    env,
    context: currentContext(env, configured),
    inspectAgain: async () => {
      again += 1
      return Promise.resolve(again > (late ?? 0) ? builder(then) : has)
    },
  }
  const say = (line: string): number => lines.push(line)
  const io = {processes, timer, say, note: say, warn: (text: string) => warnings.push(text)}
  const result = await ensureEmulation(request, io).catch((error: unknown) => {
    if (error instanceof TagboatError) return error
    throw error
  })
  return {result, commands: processes.commands.map(({args}) => args.join(' ')), lines, warnings, asked: again}
}

const amd64 = 'linux/amd64 linux/amd64/v2 linux/386'
const installed = (names: string): readonly string[] => [
  'image inspect q.example/binfmt:1',
  'pull --quiet q.example/binfmt:1',
  `run --rm --privileged --network none --pull never q.example/binfmt:1 --install ${names}`,
]

describe('emulators', () => {
  test.each([
    {name: 'nothing is lacking', qemu: 'auto', has: `${amd64} linux/arm64`, asked: 'linux/amd64 linux/arm64'},
    {name: 'no platform is requested', qemu: 'auto', has: amd64, asked: ''},
    {name: 'the builder has not said', qemu: 'auto', has: '', asked: 'linux/arm64'},
    {name: 'nothing is lacking, and none are wanted', qemu: 'never', has: amd64, asked: 'linux/amd64'},
  ] as const)('are left alone, and nothing is started, where $name', async ({qemu, has, asked}) => {
    const given = builder(has)
    const {result, commands, lines} = await ensure({has: given, asked, qemu})
    expect(result).toEqual({builder: given, gap: undefined})
    expect({commands, lines}).toEqual({commands: [], lines: []})
  })

  test('are installed for the lacking platforms alone, in one line', async () => {
    const {result, commands, lines} = await ensure({
      has: builder(`${amd64} linux/arm64`),
      asked: 'linux/amd64 linux/arm64 linux/s390x linux/arm/v7 linux/arm/v6',
      qemu: 'auto',
      then: `${amd64} linux/arm64 linux/s390x linux/arm/v7 linux/arm/v6`,
    })
    if (result instanceof TagboatError) throw result
    expect(result.gap).toBeUndefined()
    expect(result.builder.platforms.map(formatPlatform)).toContain('linux/s390x')
    expect(commands).toEqual(installed('arm,s390x'))
    expect(lines).toEqual(['Emulators installed: arm, s390x (from q.example/binfmt:1, pulled now)'])
  })

  test.each([
    {name: 'one node is believed at once', nodes: 1, stdout: '{"supported": ["linux/amd64", "linux/arm64"]}', asked: 0},
    {name: 'several nodes are inspected', nodes: 2, stdout: '{"supported": ["linux/amd64", "linux/arm64"]}', asked: 4},
    {name: 'an installer that does not say', nodes: 1, stdout: '', asked: 4},
    {name: 'an installer that says something else', nodes: 1, stdout: '["linux/arm64"]', asked: 4},
    {name: 'an installer without success', nodes: 1, stdout: '{"supported": ["linux/amd64"]}', asked: 4},
  ])('a builder that learns of them late: $name', async ({nodes, stdout, asked}) => {
    const ran = await ensure({
      has: builder(amd64, {nodes: Array.from({length: nodes}, () => ({endpoint: 'default'}))}),
      asked: 'linux/arm64',
      qemu: 'auto',
      then: `${amd64} linux/arm64`,
      late: 3,
      play: ({args}) => (args[0] === 'run' ? {stdout} : {}),
    })
    if (ran.result instanceof TagboatError) throw ran.result
    expect(ran.result.builder.platforms.map(formatPlatform)).toContain('linux/arm64')
    expect(ran.asked).toBe(asked)
  })

  test('come from an image that the engine has already', async () => {
    const {commands, lines} = await ensure({
      has: builder(amd64),
      asked: 'linux/arm64',
      qemu: 'auto',
      then: `${amd64} linux/arm64`,
      play: ({args}) => (args[0] === 'image' ? {exitCode: 0} : {}),
    })
    expect(commands).toEqual(installed('arm64').filter((command) => !command.startsWith('pull')))
    expect(lines).toEqual(['Emulators installed: arm64 (from q.example/binfmt:1)'])
  })

  test('are installed again by `always`, except for the native platform', async () => {
    const has = `${amd64} linux/arm64`
    const {commands} = await ensure({has: builder(has), asked: 'linux/amd64 linux/arm64', qemu: 'always', then: has})
    expect(commands).toEqual(['version --format {{.Server.Os}}/{{.Server.Arch}}', ...installed('arm64')])
  })

  test('are not installed by `always` where every platform is native', async () => {
    const {commands} = await ensure({has: builder(amd64), asked: 'linux/amd64 linux/386', qemu: 'always'})
    expect(commands).toEqual(['version --format {{.Server.Os}}/{{.Server.Arch}}'])
  })

  test.each([
    {
      name: 'a builder in a container',
      changes: {driver: 'docker-container', nodes: [{endpoint: 'unix:///var/run/docker.sock'}]},
    },
    {
      name: 'the engine of DOCKER_HOST',
      changes: {driver: 'docker-container', nodes: [{endpoint: 'tcp://docker:2375'}]},
      env: {DOCKER_HOST: 'tcp://docker:2375'},
    },
    {name: 'the current context', changes: {nodes: [{endpoint: 'colima'}]}, env: {DOCKER_CONTEXT: 'colima'}},
    {name: 'the context of the configuration', changes: {nodes: [{endpoint: 'colima'}]}, configured: 'colima'},
    {
      name: 'the node at the own engine, of several,',
      changes: {driver: 'docker-container', nodes: [{endpoint: 'ssh://me@b.example'}, {endpoint: 'default'}]},
    },
  ])('are for $name too', async ({changes, env = {}, configured = ''}) => {
    const has = builder(amd64, changes)
    const then = `${amd64} linux/arm64`
    const {commands} = await ensure({has, asked: 'linux/arm64', qemu: 'auto', then, env, configured})
    expect(commands).toEqual(installed('arm64'))
  })

  test.each([
    {name: 'another context', endpoint: 'colima', options: '--context colima'},
    {name: 'the default one, beside another', endpoint: 'default', configured: 'colima', options: '--context default'},
    {name: 'an engine at an address', endpoint: 'ssh://me@b.example', options: '--host ssh://me@b.example'},
    {
      name: 'the socket of this machine, beside another context',
      endpoint: 'unix:///var/run/docker.sock',
      configured: 'colima',
      options: '--host unix:///var/run/docker.sock',
    },
  ])('are installed where the builder is: $name', async ({endpoint, configured = '', options}) => {
    const has = builder(amd64, {driver: 'docker-container', nodes: [{endpoint}]})
    const then = `${amd64} linux/arm64`
    const {commands, lines} = await ensure({has, asked: 'linux/arm64', qemu: 'always', then, configured})
    const asks = 'version --format {{.Server.Os}}/{{.Server.Arch}}'
    expect(commands).toEqual([asks, ...installed('arm64')].map((command) => `${options} ${command}`))
    expect(lines).toEqual([`Emulators installed at ${endpoint}: arm64 (from q.example/binfmt:1, pulled now)`])
  })

  test('`always` asks no engine where the builder is on none', async () => {
    const has = builder(`${amd64} linux/arm64`, {driver: 'remote', nodes: [{endpoint: 'tcp://b.example:1234'}]})
    const {result, commands} = await ensure({has, asked: 'linux/amd64 linux/arm64', qemu: 'always'})
    expect(result).toEqual({builder: has, gap: undefined})
    expect(commands).toEqual([])
  })
})

/** The error of a later step that has to run on a missing platform. */
function gapOf({result}: CommandRun): TagboatError {
  if (result instanceof TagboatError) throw result
  if (result.gap === undefined) throw new Error('no platform is missing')
  return result.gap
}

describe('a missing platform is not an error until a step needs it', () => {
  test.each([
    {
      name: 'a remote BuildKit',
      changes: {driver: 'remote', nodes: [{endpoint: 'tcp://b.example:1234'}]},
      way: 'docker run --rm --privileged tonistiigi/binfmt --install arm64',
    },
    {
      name: 'a cluster',
      changes: {driver: 'kubernetes', nodes: [{endpoint: 'kubernetes:///b?deployment=b'}]},
      way: '`driver-opts: qemu.install=true`',
    },
  ])('$name: nothing is installed there', async ({changes, way}) => {
    const ran = await ensure({has: builder(amd64, changes), asked: 'linux/arm64', qemu: 'auto'})
    const {code, message, evidence, remedy} = gapOf(ran)
    expect({commands: ran.commands, warnings: ran.warnings.length}).toEqual({commands: [], warnings: 1})
    expect({code, message}).toEqual({
      code: 'platform-missing',
      message: 'The builder "default" cannot run linux/arm64.',
    })
    expect(evidence).toEqual([
      expect.stringContaining('linux/amd64, linux/amd64/v2, linux/386'),
      expect.stringContaining(`(driver ${changes.driver})`),
    ])
    expect(evidence[1]).toContain(changes.nodes[0]?.endpoint)
    expect(remedy).toContain(way)
  })

  test('`never` says what to set, without a warning', async () => {
    const ran = await ensure({has: builder(amd64), asked: 'linux/amd64 linux/arm64', qemu: 'never'})
    const gap = gapOf(ran)
    expect({code: gap.code, commands: ran.commands, warnings: ran.warnings}).toEqual({
      code: 'platform-missing',
      commands: [],
      warnings: [],
    })
    expect(ran.lines).toEqual([expect.stringContaining('cannot run linux/arm64')])
    expect(renderError(gap)).toContain('What to do: Set `qemu: auto`')
  })

  test.each(['darwin/arm64 windows/amd64', 'wasi/wasm', 'linux/amd64/v4', 'linux/mips'])(
    'nothing is pulled for platforms without an emulator: %s',
    async (asked) => {
      const ran = await ensure({has: builder(amd64), asked, qemu: 'auto'})
      const {evidence, remedy} = gapOf(ran)
      expect(evidence.at(-1)).toContain(asked.split(' ').join(', '))
      expect(remedy).toContain('`FROM --platform=$BUILDPLATFORM`')
      expect(remedy).not.toContain('qemu')
      expect({commands: ran.commands, warnings: ran.warnings}).toEqual({commands: [], warnings: []})
    },
  )

  test('the others get their emulators', async () => {
    const ran = await ensure({
      has: builder(amd64),
      asked: 'darwin/arm64 linux/arm64',
      qemu: 'auto',
      then: `${amd64} linux/arm64`,
    })
    expect(ran.commands).toEqual(installed('arm64'))
    expect(gapOf(ran).message).toBe('The builder "default" cannot run darwin/arm64.')
  })

  test('the error contains the output of a failed installer', async () => {
    const ran = await ensure({
      has: builder(amd64),
      asked: 'linux/arm64',
      qemu: 'auto',
      then: amd64,
      play: ({args}) => (args[0] === 'run' ? {stderr: 'installing: arm64 no such device\n'} : {}),
    })
    expect(gapOf(ran)).toMatchObject({
      code: 'platform-missing',
      evidence: [expect.stringContaining('platforms of'), 'installing: arm64 no such device'],
    })
    expect(ran.warnings).toEqual([expect.stringContaining('installing: arm64 no such device')])
  })

  test('an emulator of the distribution, which the installer cannot replace, is named with the command that removes it', async () => {
    const ran = await ensure({
      has: builder(amd64),
      asked: 'linux/arm64',
      qemu: 'auto',
      then: amd64,
      play: ({args}) => (args[0] === 'run' ? {stderr: 'installing: arm64 qemu-aarch64 already registered\n'} : {}),
    })
    expect(gapOf(ran)).toMatchObject({
      code: 'platform-missing',
      evidence: [
        expect.stringContaining('platforms of'),
        'installing: arm64 qemu-aarch64 already registered',
        expect.stringContaining('/proc/sys/fs/binfmt_misc/qemu-aarch64'),
      ],
      remedy: expect.stringContaining('docker run --rm --privileged tonistiigi/binfmt --uninstall qemu-aarch64'),
    })
  })

  const refusals = [
    {
      name: 'an engine that runs no privileged container',
      play: ({args}: {readonly args: readonly string[]}) =>
        args[0] === 'run' ? {exitCode: 125, stderr: 'docker: privileged mode is not allowed\n'} : {},
      evidence: ['docker: privileged mode is not allowed', expect.stringContaining('code 125')],
      remedy: expect.stringContaining('publish.yml'),
    },
    {
      name: 'an image that cannot be pulled',
      play: ({args}: {readonly args: readonly string[]}) =>
        args[0] === 'pull' ? {exitCode: 1, stderr: 'Error response from daemon: no such host\n'} : {exitCode: 1},
      evidence: ['q.example/binfmt:1: no such host'],
      // The remedy of the code.
      remedy: undefined,
    },
  ]

  test.each(refusals)('$name', async ({play, evidence, remedy}) => {
    const ran = await ensure({has: builder(amd64), asked: 'linux/arm64', qemu: 'auto', play})
    expect(gapOf(ran)).toMatchObject({
      code: 'emulation-failed',
      evidence: [expect.stringContaining('linux/amd64, linux/amd64/v2, linux/386'), ...evidence],
      remedy,
    })
    expect(ran.warnings).toHaveLength(1)
  })

  test.each(refusals)('$name, with `always`: the emulators were asked for', async ({play, evidence}) => {
    const {result} = await ensure({
      has: builder(amd64),
      asked: 'linux/arm64',
      qemu: 'always',
      play: (command) => (command.args[0] === 'version' ? {stdout: 'linux/amd64'} : play(command)),
    })
    expect(result).toMatchObject({code: 'emulation-failed', evidence})
  })
})
