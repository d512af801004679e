import {existsSync, readFileSync} from 'node:fs'
import {mkdir, readdir, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {keptBuilderNames} from '../../../src/builder/builder-name.ts'
import {parseRecord} from '../../../src/builder/builder-record.ts'
import {publish} from '../../../src/commands/publish.ts'
import {causes} from '../../../src/errors/causes.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {remedies} from '../../../src/errors/remedies.ts'
import {formatReason} from '../../../src/reasons/reason.ts'
import {
  programOf,
  runCommand,
  valuesOf,
  type BuilderFixture,
  type ProgramScript,
  type CommandRun,
} from '../../../testing/command-run.ts'
import {temporaryDirectory} from '../../../testing/fake-io.ts'
import {memoryRegistry} from '../../../testing/memory-registry.ts'

async function run(
  inputs: Readonly<Record<string, string>>,
  program: ProgramScript = () => undefined,
): Promise<CommandRun> {
  return runCommand(publish, {inputs: {push: 'false', driver: 'docker-container', ...inputs}, program})
}

function created({io}: CommandRun): readonly string[] {
  return io.processes.commands.flatMap((command) =>
    programOf(command) === 'buildx create' ? valuesOf(command, '--name') : [],
  )
}

describe('a builder for one run', () => {
  test('is saved for the post step before it is created', async () => {
    const done = await run({})
    expect(done.failure).toBeUndefined()
    const [name = ''] = created(done)
    expect(name).toMatch(/^tagboat-\d+-1-marker$/)
    expect(done.io.workflow.log).toContain(
      `printed: Builder: new docker-container, since ${formatReason({code: 'driver-chosen', driver: 'docker-container'})}`,
    )
    expect(done.programs.filter((program) => program !== 'login')).toEqual([
      'buildx build',
      'buildx create',
      'buildx inspect',
      'info',
      'ps',
    ])
    expect(parseRecord(done.io.workflow.state.get('builder') ?? '')).toMatchObject({name, keepState: false})
  })

  test('is removed by the run itself without a runner', async () => {
    const done = await runCommand(publish, {
      inputs: {push: 'false', driver: 'docker-container'},
      environment: {RUNNER_TEMP: ''},
    })
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('buildx rm')
    expect(done.io.workflow.state.get('builder')).toBe('')
  })

  test('is left to the post step if it cannot be removed at the end of the run', async () => {
    const done = await runCommand(publish, {
      inputs: {push: 'false', driver: 'docker-container'},
      environment: {RUNNER_TEMP: ''},
      program: (command) =>
        programOf(command) === 'buildx rm' ? {exitCode: 1, stderr: 'ERROR: unavailable\n'} : undefined,
    })
    expect(done.failure).toBeUndefined()
    const [name = ''] = created(done)
    expect(done.io.workflow.log).toContainEqual(expect.stringContaining(`${name}: ERROR: unavailable`))
    expect(parseRecord(done.io.workflow.state.get('builder') ?? '')).toMatchObject({name, keepState: false})
  })

  test('is left to the post step by a cancelled run, which does not wait', async () => {
    const abort = new AbortController()
    const done = await runCommand(publish, {
      inputs: {push: 'false', driver: 'docker-container'},
      signal: abort.signal,
      program: (command) => {
        if (programOf(command) !== 'buildx build') return undefined
        abort.abort(new TagboatError('cancelled'))
        throw new TagboatError('cancelled')
      },
    })
    expect(done.failure?.code).toBe('cancelled')
    expect(done.programs).not.toContain('buildx rm')
    expect(parseRecord(done.io.workflow.state.get('builder') ?? '')?.name).toBe(created(done)[0])
  })

  test('reads its configuration from a private file, which the run removes', async () => {
    let file = ''
    let text = ''
    const done = await run({'buildkitd-config-inline': '[worker.oci]\n  gc = false\n'}, (command) => {
      if (programOf(command) === 'buildx create') {
        file = valuesOf(command, '--buildkitd-config')[0] ?? ''
        text = readFileSync(file, 'utf8')
      }
      return undefined
    })
    expect(done.failure).toBeUndefined()
    expect(text).toBe('[worker.oci]\n  gc = false\n')
    expect(existsSync(file)).toBe(false)
  })

  test('has the mirrors in addition to the default configuration of the machine', async () => {
    await using config = await temporaryDirectory()
    await writeFile(path.join(config.path, 'buildkitd.default.toml'), 'debug = true\n')
    const texts: string[] = []
    const created = async (inputs: Readonly<Record<string, string>>): Promise<void> => {
      const done = await runCommand(publish, {
        inputs: {push: 'false', driver: 'docker-container', mirrors: 'docker.io=mirror.example', ...inputs},
        environment: {BUILDX_CONFIG: config.path},
        program: (command) => {
          const files = programOf(command) === 'buildx create' ? valuesOf(command, '--buildkitd-config') : []
          texts.push(...files.map((file) => readFileSync(file, 'utf8')))
          return undefined
        },
      })
      expect(done.failure).toBeUndefined()
    }
    await created({})
    await created({'buildkitd-config-inline': 'trace = true'})
    // Buildx reads the default configuration itself.
    await created({mirrors: ''})
    const mirrored = '[registry."docker.io"]\nmirrors = [ "mirror.example" ]\n'
    expect(texts).toEqual([`debug = true\n\n${mirrored}`, `trace = true\n\n${mirrored}`])
  })

  test('is not created if its configuration does not exist', async () => {
    const done = await run({'buildkitd-config': '/nowhere/buildkitd.toml'})
    expect(done.failure).toMatchObject({
      code: 'input-invalid',
      evidence: [expect.stringMatching(/^buildkitd-config: .*\/nowhere\/buildkitd.toml/)],
    })
    expect(created(done)).toEqual([])
  })

  test('leaves no files if it cannot be created', async () => {
    const done = await run({}, (command) =>
      programOf(command) === 'buildx create' ? {exitCode: 1, stderr: 'ERROR: refused'} : undefined,
    )
    expect(done.failure?.code).toBe('builder-not-created')
    expect(done.programs).toContain('buildx rm')
    expect(done.io.workflow.state.get('builder')).toBe('')
    expect(done.leftFiles).toEqual([])
  })
})

describe('a builder of this job', () => {
  const container = {driver: 'docker-container'}

  interface JobStep {
    readonly inputs: Readonly<Record<string, string>>
    readonly program?: ProgramScript
  }

  /** Runs steps of one job, one after the other. The engine has no containerd image store. */
  async function job(...steps: readonly JobStep[]): Promise<readonly CommandRun[]> {
    await using temp = await temporaryDirectory()
    await using config = await temporaryDirectory()
    const environment = {RUNNER_TEMP: temp.path, DOCKER_CONFIG: config.path}
    const runs: CommandRun[] = []
    for (const [index, {inputs, program}] of steps.entries()) {
      const inspect: ProgramScript = (command) => {
        const name = command.args.find((arg) => arg.startsWith('tagboat-'))
        if (programOf(command) !== 'buildx inspect') return undefined
        if (name === undefined) return {stdout: fixture('inspect-docker-driver')}
        return {stdout: fixture('inspect-remote').replace('far\nDriver', `${name}\nDriver`)}
      }
      const done = await runCommand(publish, {
        inputs: {push: 'false', ...inputs},
        environment,
        marker: `0000000${index}-0000`,
        program: async (command) => (await program?.(command)) ?? inspect(command),
      })
      expect(done.failure).toBeUndefined()
      // Only the post step of its creator removes a builder.
      expect(done.programs).not.toContain('buildx rm')
      expect(done.io.workflow.state.has('builder')).toBe(created(done).length > 0)
      runs.push(done)
    }
    return runs
  }

  /** Last characters of the builder names of the builds: `0` for that of the first step; `-` for the current one. */
  function buildersOf(runs: readonly CommandRun[]): string {
    const builds = runs.flatMap(({io}) =>
      io.processes.commands.filter((command) => programOf(command) === 'buildx build'),
    )
    const names = builds.map((command) => valuesOf(command, '--builder')[0] ?? '-')
    return names.map((name) => name.slice(-1)).join(' ')
  }

  test.each([
    {name: 'the same settings: shared', steps: [container, container], expected: '0 0'},
    {
      name: 'no settings: shared, because the first step needed a new builder',
      steps: [{provenance: 'true'}, {}],
      expected: '0 0',
    },
    {
      name: 'a driver: shared, because the first step needed a new builder',
      steps: [{provenance: 'true'}, container],
      expected: '0 0',
    },
    {
      name: 'the settings of one of two builders: shared with that one',
      steps: [container, {...container, 'driver-opts': 'default-load=true'}, container],
      expected: '0 1 0',
    },
    {
      name: 'another configuration: not shared',
      steps: [container, {'buildkitd-config-inline': 'debug = true'}],
      expected: '0 1',
    },
    {name: 'another driver: not shared', steps: [container, {driver: 'docker'}], expected: '0 t'},
    {name: 'no need for a new builder: not created', steps: [{}, {}], expected: '- -'},
  ])('for a step with $name', async ({steps, expected}) => {
    expect(buildersOf(await job(...steps.map((inputs) => ({inputs}))))).toBe(expected)
  })

  test('is not used for a base image that only the engine has', async () => {
    const program: ProgramScript = (command) =>
      programOf(command) === 'image' && command.args.includes('acme/base:ci') ? {stdout: '[]\n'} : undefined
    const inputs = {'build-contexts': 'base=docker-image://acme/base:ci'}
    expect(buildersOf(await job({inputs: container}, {inputs, program}))).toBe('0 -')
  })

  test('is replaced if it no longer exists', async () => {
    const program: ProgramScript = (command) =>
      command.args.join(' ').includes('inspect --bootstrap tagboat-2188841209-1-00000000')
        ? {exitCode: 1, stderr: 'ERROR: no builder "x" found\n'}
        : undefined
    expect(buildersOf(await job({inputs: container}, {inputs: container, program}))).toBe('0 1')
  })
})

describe('base images that only the engine has', () => {
  const inputs = {images: 'registry.example/app', 'build-contexts': 'base=docker-image://acme/base:ci'}

  async function publishOn(digests: string, more: Readonly<Record<string, string>> = {}): Promise<CommandRun> {
    return runCommand(publish, {
      inputs: {...inputs, ...more},
      builder: 'inspect-docker-driver',
      registries: [memoryRegistry({host: 'registry.example'})],
      program: (command) => {
        if (programOf(command) === 'image') return digests === '' ? {exitCode: 1} : {stdout: `${digests}\n`}
        return programOf(command) === 'buildx create' ? {exitCode: 1, stderr: 'ERROR: no'} : undefined
      },
    })
  }

  test.each([
    {name: 'yes: no registry has had them', digests: '[]', creates: false},
    {name: 'yes, if they are copies of other images', digests: '["alpine@sha256:00"]', creates: false},
    {name: 'no, if a registry has them', digests: '["acme/base@sha256:00"]', creates: true},
    {name: 'no: the engine lacks them too', digests: '', creates: true},
  ])('require the builder of the engine: $name', async ({digests, creates}) => {
    const done = await publishOn(digests)
    expect(created(done)).toHaveLength(creates ? 1 : 0)
    const reason = formatReason({code: 'engine-images', images: ['acme/base:ci']})
    expect(done.io.workflow.log.some((line) => line.includes(reason))).toBe(!creates)
  })

  test.each([
    {name: '`test`, which needs the image before it has tags', more: {test: 'true'}},
    {name: 'several platforms', more: {platforms: 'linux/amd64,linux/arm64'}},
  ])('do not replace a builder that is required for $name', async ({more}) => {
    expect(created(await publishOn('[]', more))).toHaveLength(1)
  })
})

describe('a build that fails because of its builder', () => {
  async function failWith(error: string, builder: BuilderFixture, inputs = {}): Promise<TagboatError | undefined> {
    const done = await runCommand(publish, {
      inputs: {images: 'registry.example/app', ...inputs},
      builder,
      registries: [memoryRegistry({host: 'registry.example'})],
      program: (command) =>
        programOf(command) === 'buildx build' ? {exitCode: 1, stderr: `ERROR: failed to solve: ${error}\n`} : undefined,
    })
    return done.failure
  }

  const missing = 'acme/base: failed to resolve source metadata for docker.io/acme/base:ci: pull access denied'

  test.each([
    {name: 'one platform', inputs: {}, remedy: 'Set `driver: docker`'},
    {name: 'several platforms', inputs: {platforms: 'linux/amd64,linux/arm64'}, remedy: 'Push the base image'},
    {name: '`test`', inputs: {test: 'true'}, remedy: 'Push the base image'},
  ])('names the base image that only the engine has, and the remedy for $name', async ({inputs, remedy}) => {
    const failure = await failWith(missing, 'inspect-remote', inputs)
    expect(failure).toMatchObject({
      code: 'base-image-unreachable',
      message: expect.stringContaining('docker.io/acme/base:ci'),
      remedy: expect.stringContaining(remedy),
    })
  })

  test('has the general remedy if the builder of the engine fails', async () => {
    const failure = await failWith(missing, 'inspect-containerd-store')
    expect(failure).toMatchObject({
      code: 'base-image-unreachable',
      remedy: expect.stringContaining(remedies['base-image-unreachable']),
    })
  })

  test('names the setting for a registry with plain HTTP', async () => {
    const failure = await failWith(
      'failed to push registry.example/app: failed to do request: Head "https://registry.example/v2/app/blobs/x": http: server gave HTTP response to HTTPS client',
      'inspect-containerd-store',
    )
    expect(failure).toMatchObject({
      code: 'registry-unreachable',
      remedy: expect.stringContaining('insecure-registries'),
    })
  })
})

describe('a builder that cannot be created', () => {
  const refused =
    'ERROR: could not create a builder instance with TLS data loaded from environment. Please use `docker context create <context-name>` to create a context for current environment and then create a builder instance with context set to <context-name>'
  const program: ProgramScript = (command) => {
    if (programOf(command) === 'buildx create') return {exitCode: 1, stderr: `${refused}\n`}
    return programOf(command) === 'buildx inspect' ? {stdout: fixture('inspect-docker-driver')} : undefined
  }

  test('is replaced by the current builder, with a warning, if the run does not require it', async () => {
    const inputs = {push: 'false', cache: 'registry', images: 'registry.example/app'}
    const done = await runCommand(publish, {inputs, program})
    expect(done.failure).toBeUndefined()
    expect(created(done)).toHaveLength(1)
    const warnings = done.io.workflow.log.filter((line) => line.startsWith('warning: '))
    expect(warnings).toEqual([expect.stringMatching(/"default" \(docker\).*cannot export a cache/)])
    expect(warnings[0]).toContain(`${causes['builder-not-created'].slice(0, -1)}: ${refused}`)
    expect(done.io.processes.commands.filter(({args}) => args.includes('--builder'))).toEqual([])
    expect(done.io.workflow.state.get('builder')).toBe('')
    expect(done.leftFiles).toEqual([])
  })

  test.each([
    {name: 'the current builder lacks a required feature', inputs: {provenance: 'true'}},
    {name: '`driver` requires it', inputs: {driver: 'docker-container'}},
  ])('fails the run: $name', async ({inputs}) => {
    const done = await runCommand(publish, {inputs: {push: 'false', ...inputs}, program})
    expect(done.failure?.code).toBe('builder-not-created')
  })
})

describe('an existing builder', () => {
  test.each([
    {name: 'of the environment', environment: {DOCKER_CONTEXT: 'colima'}, expected: 'colima'},
    {name: 'of DOCKER_HOST', environment: {DOCKER_HOST: 'tcp://e:1', DOCKER_CONTEXT: 'colima'}, expected: 'default'},
    {name: 'of the CLI', environment: {}, expected: 'default'},
  ])('with `driver: docker` is that of the context $name', async ({environment, expected}) => {
    const done = await runCommand(publish, {inputs: {push: 'false', driver: 'docker'}, environment})
    expect(inspections(done)).toEqual([`buildx inspect ${expected}`])
  })

  test('with `driver: docker` is that of the context in the configuration', async () => {
    await using config = await temporaryDirectory()
    await writeFile(path.join(config.path, 'config.json'), '{"currentContext":"colima"}')
    const environment = {DOCKER_CONFIG: config.path}
    const done = await runCommand(publish, {inputs: {push: 'false', driver: 'docker'}, environment})
    expect(inspections(done)).toEqual(['buildx inspect colima'])
  })

  test.each([
    {platforms: 'linux/arm64', expected: []},
    {platforms: 'linux/s390x', expected: ['buildx inspect --bootstrap idle']},
    {platforms: '', expected: []},
  ])('is booted if it does not report whether it runs $platforms', async ({platforms, expected}) => {
    const done = await runCommand(publish, {
      inputs: {push: 'false', qemu: 'never', platforms},
      program: (command) => {
        if (programOf(command) !== 'buildx inspect') return undefined
        const idle = fixture('inspect-inactive')
        const running = idle.replace('inactive', 'running').replace('linux/arm64*', 'linux/amd64')
        return {stdout: command.args.includes('--bootstrap') ? running : idle}
      },
    })
    expect(inspections(done).slice(1)).toEqual(expected)
    expect(done.failure).toBeUndefined()
    const gaps = done.io.workflow.log.filter((line) => line.includes('cannot run linux/s390x'))
    expect(gaps).toHaveLength(expected.length)
  })
})

function inspections({io}: CommandRun): readonly string[] {
  const commands = io.processes.commands.filter((command) => programOf(command) === 'buildx inspect')
  return commands.map(({args}) => args.join(' '))
}

function fixture(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', '..', 'fixtures', 'buildx', `${name}.txt`), 'utf8')
}

describe('keep-state', () => {
  const inputs = {push: 'false', driver: 'docker-container', 'keep-state': 'true'}

  /** Index of the name that a run uses among those of kept builders, while other runs use the first ones; -1 for none. */
  async function slotWith(others: number): Promise<number> {
    await using config = await temporaryDirectory()
    const claims = path.join(config.path, 'tagboat-claims')
    await mkdir(claims)
    const names = keptBuilderNames('https://github.com/Codertocat/Hello-World')
    const text = 'another 2026-01-02T03:00:00.000Z\n'
    await Promise.all(names.slice(0, others).map(async (name) => writeFile(path.join(claims, name), text)))
    const done = await runCommand(publish, {inputs, environment: {BUILDX_CONFIG: config.path}})
    expect(done.failure).toBeUndefined()
    const [name = ''] = created(done)
    const isKept = names.includes(name)
    // The claims of other runs are not removed. The post step removes the claim of this run.
    const claimed = isKept ? [...names.slice(0, others), name] : names.slice(0, others)
    expect((await readdir(claims)).sort()).toEqual([...claimed].sort())
    return names.indexOf(name)
  }

  test.each([0, 1, 9])('uses the first name that no other run uses: %i in use', async (others) => {
    expect(await slotWith(others)).toBe(others)
  })

  test.each([
    {event: 'pull-request-fork', reason: 'fork'},
    {event: 'workflow-run-fork', reason: 'pull request'},
  ])('is not for unreviewed code: $event', async ({event, reason}) => {
    const done = await runCommand(publish, {inputs, event})
    expect(done.failure).toBeUndefined()
    expect(created(done)).toEqual([expect.stringMatching(/^tagboat-\d+-1-marker$/)])
    expect(done.io.workflow.log).toContainEqual(expect.stringMatching(`^printed: keep-state: .*: .*${reason}$`))
  })

  test('is used for a pull request of the same repository', async () => {
    expect(created(await runCommand(publish, {inputs, event: 'pull-request'}))).toEqual([
      expect.stringMatching(/^tagboat-kept-/),
    ])
  })

  test('keeps no cache if all names are in use', async () => {
    expect(await slotWith(10)).toBe(-1)
  })
})
