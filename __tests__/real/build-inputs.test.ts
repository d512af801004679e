import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {docker, engineAddress, pluginDirectory} from '../../testing/docker.ts'
import {readConfig, readIndex} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder} from '../../testing/remote-builder.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import {Step, type StepOptions, type StepResult} from '../../testing/runner.ts'
import {publishTo} from '../../testing/sample.ts'
import {plainDockerfile, shellContext, shellDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

let registry: Registry
let workspace: Workspace
let scratch: string
const login = {username: 'robot', password: 'a-fair-wind'}

/** Stages whose commands write to `/out`, which the last stage copies. */
function seen(...commands: readonly string[]): readonly string[] {
  return [...shellDockerfile, 'WORKDIR /out', ...commands, 'FROM scratch', 'COPY --from=shell /out /']
}

beforeAll(async () => {
  ;[registry, workspace] = await Promise.all([
    startRegistry({login}),
    workspaceOf({
      Dockerfile: plainDockerfile,
      'arguments.Dockerfile': seen('ARG ONE TWO', `RUN printf '%s' "$ONE" >one; printf '%s' "$TWO" >two`),
      'secrets.Dockerfile': seen(
        ...['one', 'two', 'three', 'four'].map(
          (id) => `RUN --mount=type=secret,id=${id} [ ! -e /run/secrets/${id} ] || cat /run/secrets/${id} >${id}`,
        ),
      ),
      'target.Dockerfile': ['FROM scratch AS first', 'COPY Dockerfile /first', 'FROM first', 'COPY Dockerfile /last'],
      'context.Dockerfile': ['FROM scratch', 'COPY --from=extra note /note'],
      'extra/note': 'from the named context',
      'sub/Dockerfile': ['FROM scratch', 'COPY note /note'],
      'sub/note': 'from the context',
      'machine.Dockerfile': seen(
        'RUN cat /etc/hosts >hosts',
        `RUN df -k /dev/shm | tail -n 1 >shm`,
        'RUN ulimit -n >files',
      ),
      'chance.Dockerfile': seen('RUN cat /proc/sys/kernel/random/uuid >chance'),
      'warning.Dockerfile': ['FROM scratch as lower', 'COPY Dockerfile /Dockerfile'],
      'secret-file': 'from a file\n',
    }),
  ])
})

afterAll(async () => {
  await Promise.all([registry.stop(), workspace[Symbol.asyncDispose]()])
})

beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'tagboat-out-'))
})

afterEach(async () => {
  await rm(scratch, {recursive: true, force: true})
})

async function run(
  inputs: Readonly<Record<string, string>>,
  options: Partial<Pick<StepOptions, 'env' | 'token'>> = {},
): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {push: 'false', images: 'team/app', 'build-contexts': shellContext(), ...inputs},
    ...options,
  })
  return await step.run()
}

/** Builds into a directory, and returns a reader of its files. */
async function exported(
  inputs: Readonly<Record<string, string>>,
  env: StepOptions['env'] = {},
): Promise<(name: string) => Promise<string>> {
  const result = await run({outputs: `type=local,dest=${scratch}`, ...inputs}, {env})
  expect(result.exitCode).toBe(0)
  return async (name) => readFile(path.join(scratch, name), 'utf8')
}

describe('build-args', () => {
  test('reach the build unchanged', async () => {
    const file = await exported({
      file: 'arguments.Dockerfile',
      'build-args': ['# a comment', 'ONE=a=b, "c" $HOME `d`', '', 'TWO='].join('\n'),
    })
    expect(await file('one')).toBe('a=b, "c" $HOME `d`')
    expect(await file('two')).toBe('')
  })

  test('without a value use the variable', async () => {
    const file = await exported({file: 'arguments.Dockerfile', 'build-args': 'ONE'}, {ONE: 'from the step'})
    expect(await file('one')).toBe('from the step')
  })
})

describe('secrets', () => {
  const awkward = `it's "quoted", costs $5, and\tends \\ here`

  // The value of a secret is not part of the cache key.
  const fresh = {file: 'secrets.Dockerfile', 'no-cache': 'true'}

  test('reach the build unchanged', async () => {
    const file = await exported({
      ...fresh,
      secrets: [`one=${awkward}`, '"two=first line', 'second ""line"""', 'three=a=b', '"four=key', '', '"'].join('\n'),
    })
    expect(await file('one')).toBe(awkward)
    expect(await file('two')).toBe('first line\nsecond "line"')
    expect(await file('three')).toBe('a=b')
    expect(await file('four')).toBe('key\n\n')
  })

  test('come from variables and from files', async () => {
    const file = await exported(
      {
        ...fresh,
        'secret-envs': 'one=FROM_ENVIRONMENT\ntwo=WITH_COMMA',
        'secret-files': 'three=secret-file',
      },
      {FROM_ENVIRONMENT: awkward, WITH_COMMA: 'a,b\nc'},
    )
    expect(await file('one')).toBe(awkward)
    expect(await file('two')).toBe('a,b\nc')
    expect(await file('three')).toBe('from a file\n')
    await expect(file('four')).rejects.toThrow('ENOENT')
  })

  test('are masked, each line of them', async () => {
    const {log} = await run({file: 'secrets.Dockerfile', secrets: '"one=first line\nsecond line"'})
    const masks = executedCommands(log).flatMap(({name, message}) => (name === 'add-mask' ? [message] : []))
    expect(masks).toEqual(['first line\nsecond line', 'first line', 'second line'])
  })
})

describe('inputs for the source', () => {
  test('target', async () => {
    const file = await exported({file: 'target.Dockerfile', target: 'first'})
    expect(await file('first')).toContain('FROM scratch')
    await expect(file('last')).rejects.toThrow('ENOENT')
  })

  test('context', async () => {
    expect(await (await exported({context: 'sub'}))('note')).toBe('from the context')
  })

  test('file, which is not below the context', async () => {
    expect(await (await exported({context: 'extra', file: './sub/Dockerfile'}))('note')).toBe('from the named context')
  })

  test('build-contexts', async () => {
    const file = await exported({file: 'context.Dockerfile', 'build-contexts': 'extra=./extra'})
    expect(await file('note')).toBe('from the named context')
  })

  test('add-hosts, shm-size and ulimit', async () => {
    const file = await exported({
      file: 'machine.Dockerfile',
      'add-hosts': 'harbour.example:192.0.2.7\nquay.example=192.0.2.8',
      'shm-size': '96m',
      ulimit: 'nofile=321:654',
    })
    const hosts = await file('hosts')
    expect(hosts).toMatch(/^192\.0\.2\.7\s+harbour\.example$/m)
    expect(hosts).toMatch(/^192\.0\.2\.8\s+quay\.example$/m)
    expect((await file('shm')).split(/\s+/)[1]).toBe(String(96 * 1024))
    expect(await file('files')).toBe('321\n')
  })

  test('no-cache', async () => {
    const chances: string[] = []
    for (const noCache of ['false', 'false', 'true']) {
      const file = await exported({file: 'chance.Dockerfile', 'no-cache': noCache})
      chances.push(await file('chance'))
    }
    expect(chances[1]).toBe(chances[0])
    expect(chances[2]).not.toBe(chances[0])
  })

  test('no-cache-filters', async () => {
    const chances: string[] = []
    for (const stage of ['', 'shell']) {
      const file = await exported({file: 'chance.Dockerfile', 'no-cache-filters': stage})
      chances.push(await file('chance'))
    }
    expect(chances[1]).not.toBe(chances[0])
  })
})

describe('outputs', () => {
  test('outputs type=oci writes an archive with the image', async () => {
    const archive = path.join(scratch, 'image.tar')
    const {exitCode, outputs} = await run({outputs: `type=oci,dest=${archive}`})
    expect(exitCode).toBe(0)
    const content = (await readFile(archive)).toString('latin1')
    expect(content).toContain(outputs.get('digest') ?? 'no digest')
    expect(outputs.get('digest')).toMatch(/^sha256:/)
    expect(outputs.get('pushed')).toBe('false')
  })

  test('outputs type=local has no digest', async () => {
    const {exitCode, outputs} = await run({outputs: `type=local,dest=${scratch}`})
    expect(exitCode).toBe(0)
    expect(outputs.get('digest')).toBe('')
    expect(outputs.get('imageid')).toBe('')
  })

  test('load adds the image and its labels to the engine', async () => {
    const name = `tagboat.test/load-${path.basename(scratch).toLowerCase()}`
    try {
      const {exitCode, outputs} = await run({
        images: name,
        load: 'true',
        tags: 'type=raw,value=loaded',
        labels: [
          'org.opencontainers.image.title=Another title',
          'org.opencontainers.image.description=',
          'colour=sea green, "quoted"',
        ].join('\n'),
      })
      expect(exitCode).toBe(0)
      expect(outputs.get('tags')).toBe(`${name}:loaded`)
      const [image] = JSON.parse(await docker(['image', 'inspect', `${name}:loaded`])) as {
        readonly Id: string
        readonly Config: {readonly Labels: Readonly<Record<string, string>>}
      }[]
      expect(image?.Id).toBe(outputs.get('imageid'))
      const {Labels: labels} = image?.Config ?? {Labels: {}}
      expect(Object.keys(labels).sort()).toEqual([
        'colour',
        'io.github.tagboat.build',
        'io.github.tagboat.commit-date',
        'io.github.tagboat.floating',
        'io.github.tagboat.ref',
        'io.github.tagboat.run-id',
        'io.github.tagboat.version',
        'org.opencontainers.image.created',
        'org.opencontainers.image.licenses',
        'org.opencontainers.image.revision',
        'org.opencontainers.image.source',
        'org.opencontainers.image.title',
        'org.opencontainers.image.url',
        'org.opencontainers.image.version',
      ])
      expect(labels).toMatchObject({colour: 'sea green, "quoted"', 'org.opencontainers.image.title': 'Another title'})
      expect(outputs.get('labels')).toContain('colour=sea green, "quoted"')
      expect(outputs.get('labels')).not.toContain('org.opencontainers.image.description')
    } finally {
      await docker(['image', 'rm', '--force', `${name}:loaded`])
    }
  })

  test('push and outputs type=local can be combined', async () => {
    const file = await exported({
      ...publishTo(registry.host, login),
      images: `${registry.host}/inputs/both`,
      push: 'true',
    })
    expect(await file('Dockerfile')).toContain('FROM scratch')
    expect(await registry.tags('inputs/both')).toContain('1.2.3')
  })
})

describe('caches', () => {
  test('type=local is written and read', async () => {
    const cache = path.join(scratch, 'cache')
    const first = await run({'cache-to': `type=local,dest=${cache},mode=max`, file: 'chance.Dockerfile'})
    expect(first.exitCode).toBe(0)
    const index = JSON.parse(await readFile(path.join(cache, 'index.json'), 'utf8')) as {manifests: object[]}
    expect(index.manifests).toHaveLength(1)
    const second = await run({'cache-from': `type=local,src=${cache}`, file: 'chance.Dockerfile'})
    expect(second.exitCode).toBe(0)
    expect(second.log).toMatch(/importing cache manifest from local/)
  })

  test('type=registry is written and read with the login of the step', async () => {
    const cache = `${registry.host}/inputs/cache:main`
    const inputs = {...publishTo(registry.host, login), file: 'chance.Dockerfile'}
    const first = await run({...inputs, 'cache-to': `type=registry,ref=${cache},mode=max`})
    expect(first.exitCode).toBe(0)
    expect(await registry.tags('inputs/cache')).toEqual(['main'])
    const second = await run({...inputs, 'cache-from': cache})
    expect(second.exitCode).toBe(0)
    expect(second.log).toContain(`cache manifest from ${cache}`)
    const reads = (await registry.requests()).filter(
      ({method, path: address, status}) =>
        method === 'GET' && status === 200 && address.startsWith('/v2/inputs/cache/manifests/'),
    )
    expect(reads.length).toBeGreaterThan(0)
  })
})

describe('call', () => {
  test.each([
    {name: 'succeeds without findings', file: 'Dockerfile', exitCode: 0, errors: []},
    {
      name: 'fails with findings',
      file: 'warning.Dockerfile',
      exitCode: 1,
      errors: [expect.stringMatching(/Check complete, \d+ warnings? ha(?:s|ve) been found!/)],
    },
  ])('check builds no image, and $name', async ({file, exitCode, errors}) => {
    const result = await run({call: 'check', file, push: 'auto'})
    expect(result.log).toContain('Check complete')
    expect(errorsIn(result.log)).toEqual(errors)
    expect(result.exitCode).toBe(exitCode)
    expect(result.outputs.get('pushed')).toBe('false')
    expect(result.outputs.get('digest')).toBe('')
  })

  test('check ignores index annotations, an SBOM and several platforms', async () => {
    const result = await run({
      call: 'check',
      platforms: 'linux/amd64,linux/arm64',
      'annotation-levels': 'index,manifest',
      sbom: 'true',
    })
    expect(errorsIn(result.log)).toEqual([])
    expect(result.log).toContain('Check complete, no warnings found.')
  })
})

describe('attestations', () => {
  async function publish(repository: string, inputs: Readonly<Record<string, string>>): Promise<StepResult> {
    const result = await run({
      ...publishTo(registry.host, login),
      images: `${registry.host}/${repository}`,
      push: 'auto',
      ...inputs,
    })
    expect(result.exitCode).toBe(0)
    return result
  }

  test('provenance: false results in an index of images only', async () => {
    const {outputs} = await publish('inputs/plain', {provenance: 'false', platforms: 'linux/amd64,linux/arm64'})
    const {manifests} = await readIndex({registry, repository: 'inputs/plain', reference: '1.2.3'})
    expect(manifests.map(({platform}) => platform?.architecture)).toEqual(['amd64', 'arm64'])
    expect(Object.keys(JSON.parse(outputs.get('digests') ?? '{}') as object)).toEqual(['linux/amd64', 'linux/arm64'])
  })

  test('provenance: false for one platform results in a manifest, with its digest and size', async () => {
    const {outputs} = await publish('inputs/single', {provenance: 'false', platforms: 'linux/arm64'})
    const stored = await registry.manifest('inputs/single', '1.2.3')
    expect(stored?.mediaType).toMatch(/\.manifest\.v\d\+json$/)
    expect(stored?.digest).toBe(outputs.get('digest'))
    expect(JSON.parse(outputs.get('digests') ?? '')).toEqual({'linux/arm64': outputs.get('digest')})
    const {architecture} = await readConfig({registry, repository: 'inputs/single', reference: '1.2.3'})
    expect(architecture).toBe('arm64')
  })

  test('annotations are written to the manifest', async () => {
    await publish('inputs/annotated', {provenance: 'false', annotations: 'colour=sea green\nmanifest:depth=7'})
    const stored = await registry.manifest('inputs/annotated', '1.2.3')
    expect(stored?.json).toMatchObject({annotations: {colour: 'sea green', depth: '7'}})
  })
})

describe('builder', () => {
  test('can be an existing one, by name', async () => {
    await using builder = await startRemoteBuilder('faraway')
    const result = await run(
      {...publishTo(registry.host, login), images: `${registry.host}/inputs/faraway`, push: 'auto', builder: 'faraway'},
      {env: {DOCKER_CONFIG: builder.config}},
    )
    expect(result.log).toContain('Builder: faraway (remote)')
    expect(result.exitCode).toBe(0)
    expect(result.summary).toContain('`faraway` (driver remote)')
    const stored = await registry.manifest('inputs/faraway', '1.2.3')
    expect(stored?.digest).toBe(result.outputs.get('digest'))
  })

  test('returns a digest without a push', async () => {
    await using builder = await startRemoteBuilder('faraway')
    const result = await run({builder: 'faraway', push: 'false'}, {env: {DOCKER_CONFIG: builder.config}})
    expect(result.exitCode).toBe(0)
    expect(result.outputs.get('digest')).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(result.outputs.get('pushed')).toBe('false')
  })

  test('can be the current context', async () => {
    const config = path.join(scratch, 'config')
    await docker(['context', 'create', 'elsewhere', '--docker', `host=${await engineAddress()}`], config)
    await writeFile(
      path.join(config, 'config.json'),
      JSON.stringify({currentContext: 'elsewhere', cliPluginsExtraDirs: [await pluginDirectory()]}),
    )
    const result = await run({}, {env: {DOCKER_CONFIG: config, DOCKER_HOST: undefined}})
    expect(result.log).toContain('Builder: elsewhere (docker)')
    expect(result.exitCode).toBe(0)
  })
})
