import {describe, expect, test} from '@jest/globals'
import {publish} from '../../../src/commands/publish.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {isDigest} from '../../../src/oci/digest.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {field, parseJson} from '../../../src/oci/manifest.ts'
import {
  programOf,
  runCommand,
  valuesOf,
  type BuilderFixture,
  type CommandRun,
  type Scenario,
} from '../../../testing/command-run.ts'
import {
  makeImage,
  memoryRegistry,
  type TestImage,
  type MemoryRegistry,
  type RecordedRequest,
} from '../../../testing/memory-registry.ts'

const sha = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
const platforms = 'linux/amd64,linux/arm64'
const login = {images: 'r.example/o/app', registry: 'r.example', username: 'mona', password: 'canary-1', platforms}
const semver = 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}'

function registryAt(host = 'r.example', options: Parameters<typeof memoryRegistry>[0] = {}): MemoryRegistry {
  return memoryRegistry({host, ...options})
}

async function run(
  registries: readonly MemoryRegistry[],
  inputs: object = {},
  scenario: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(publish, {...scenario, registries, inputs: {...login, tags: semver, ...inputs}})
}

/** Image of a commit that an earlier run published. */
function imageOf(revision: string, text: string, facts: Readonly<Record<string, string>> = {}): TestImage {
  const labels = {[factKeys.revision]: revision, [factKeys.commitDate]: '2019-01-01T00:00:00Z', ...facts}
  return makeImage({platforms: platforms.split(','), labels, text})
}

function isTagWrite({method, path}: RecordedRequest): boolean {
  return method === 'PUT' && /\/manifests\/(?!sha256:)/.test(path)
}

function shown({io, summary}: CommandRun): string {
  const {log, outputs, state} = io.workflow
  return JSON.stringify([log, [...outputs], [...state], summary])
}

const built = ['buildx build', 'buildx inspect', 'login']
const stagingBuilders: readonly {readonly builder: BuilderFixture}[] = [
  {builder: 'inspect-containerd-store'},
  {builder: 'inspect-remote'},
]

describe('publish', () => {
  test.each(stagingBuilders)('builds once, stages and tests before it tags: $builder', async ({builder}) => {
    const registry = registryAt()
    let atTest: object | undefined
    const done = await run(
      [registry],
      {test: 'true'},
      {
        builder,
        program: (command) => {
          if (programOf(command) !== 'bash') return undefined
          atTest = {tags: registry.tagsOf('o/app'), image: command.env['IMAGE']}
          return {}
        },
      },
    )
    expect(done.failure).toBeUndefined()
    expect(done.programs).toEqual(['bash', ...built])
    const {digest = ''} = done.outputs
    expect(atTest).toEqual({tags: {}, image: `r.example/o/app@${digest}`})
    expect(registry.tagsOf('o/app')).toEqual({'1.2': digest, '1.2.3': digest, latest: digest})
    const writes = registry.requests.filter(isTagWrite).map(({path}) => path.split('/').at(-1))
    expect(writes[0]).toBe('1.2.3')
    expect(writes.slice(1).sort()).toEqual(['1.2', 'latest'])
    expect(done.outputs).toMatchObject({
      imageid: digest,
      pushed: 'true',
      tags: 'r.example/o/app:1.2.3\nr.example/o/app:1.2\nr.example/o/app:latest',
      image: `r.example/o/app@${digest}`,
      'kept-tags': '[]',
    })
    expect(Object.keys(JSON.parse(done.outputs['digests'] ?? '') as object)).toEqual(platforms.split(','))
    expect(done.summary).toContain('### ✅ Published `r.example/o/app:1.2.3`')
    expect(done.io.workflow.log).toContain(
      `info: Published r.example/o/app:1.2.3 with 3 tags for ${platforms.replace(',', ', ')} in 0.0 s: ${digest}`,
    )
    expect(done.leftFiles).toEqual([])
    expect(done.isUserConfigUnchanged).toBe(true)
  })

  test('pushes one build to all registries', async () => {
    const registries = [registryAt(), registryAt('s.example')]
    const done = await run(registries, {images: 'r.example/o/app\ns.example/p/app'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toEqual(built)
    const {digest = ''} = done.outputs
    const tags = {'1.2': digest, '1.2.3': digest, latest: digest}
    expect(registries[0]?.tagsOf('o/app')).toEqual(tags)
    expect(registries[1]?.tagsOf('p/app')).toEqual(tags)
    expect(done.outputs['images']).toBe(`r.example/o/app@${digest}\ns.example/p/app@${digest}`)
  })

  test('adds labels for later runs to the image', async () => {
    const done = await run([registryAt()])
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    const labels = build === undefined ? [] : valuesOf(build, '--label')
    expect(labels).toContain(`${factKeys.revision}=${sha}`)
    expect(labels.filter((label) => label.startsWith(`${factKeys.runId}=`))).toHaveLength(1)
  })

  test('does not print or store secrets', async () => {
    const registry = registryAt('r.example', {auth: {kind: 'basic', users: {mona: 'canary-1'}}})
    const done = await run([registry], {secrets: 'npm=canary-2', 'github-token': 'canary-3', test: 'true'})
    expect(done.failure).toBeUndefined()
    const argv = JSON.stringify(done.io.processes.commands.map(({file, args}) => [file, ...args]))
    for (const text of [shown(done), argv]) expect(text).not.toContain('canary')
    expect([...new Set(done.io.workflow.masks)].sort()).toEqual([
      btoa('mona:canary-1'),
      'canary-1',
      'canary-2',
      'canary-3',
    ])
    expect(registry.requests.every(({host}) => host === 'r.example')).toBe(true)
  })

  test('passes no inputs to child processes, and the password only to the login', async () => {
    const done = await run(
      [registryAt()],
      {test: 'true'},
      {environment: {INPUT_PASSWORD: 'canary-1', STATE_home: '/x'}},
    )
    expect(done.programs).toEqual(['bash', ...built])
    for (const command of done.io.processes.commands) {
      expect(Object.keys(command.env).filter((name) => /^(?:INPUT|STATE)_/.test(name))).toEqual([])
      expect(command.input).toBe(programOf(command) === 'login' ? 'canary-1' : undefined)
    }
  })

  test.each([
    {name: 'has a summary', inputs: {}, heading: '### ❌ Not started'},
    {name: 'has no summary with summary: false', inputs: {summary: 'False'}, heading: ''},
  ])('invalid inputs: the run $name', async ({inputs: more, heading}) => {
    const done = await run([registryAt()], {tags: 'type=nothing', ...more})
    expect(done.failure?.code).toBe('input-invalid')
    expect(done.summary.split('\n')[0]).toBe(heading)
    expect(done.summary.includes('nothing')).toBe(heading !== '')
  })

  test('names the versions that the tags had', async () => {
    const registry = registryAt()
    const labels = {[factKeys.revision]: '3'.repeat(40), [factKeys.version]: '1.2.2'}
    const held = makeImage({platforms: platforms.split(','), labels, text: 'held'})
    registry.store('o/app', held, ['1.2.2', '1.2', 'latest'])
    const done = await run([registry])
    expect(done.failure).toBeUndefined()
    expect(done.summary.replaceAll('\u00a0', ' ')).toContain('| `1.2` | 🟢 moved from `1.2.2` |')
    const short = held.digest.slice(0, 19)
    expect(done.io.workflow.log).toContainEqual(
      expect.stringMatching(`^printed: moved     r\\.example/o/app:1\\.2 from 1\\.2\\.2 \\(${short}\\): `),
    )
  })

  test('starts no process and sends no request in a dry run, but sets the outputs', async () => {
    const registry = registryAt()
    const done = await run([registry], {tags: 'x', 'dry-run': 'true', context: '/nowhere'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toEqual([])
    expect(registry.requests).toEqual([])
    expect([...done.io.workflow.state.keys()]).toEqual(['bake'])
    expect(done.outputs).toMatchObject({tags: 'r.example/o/app:x', pushed: 'false', 'moved-tags': ''})
    expect(done.summary).toContain('### Dry run `r.example/o/app:x`')
  })

  test('starts no process without anything to publish', async () => {
    const registry = registryAt()
    const done = await run([registry], {tags: 'x'}, {event: 'push-branch-deleted'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toEqual([])
    expect(registry.requests).toEqual([])
    expect(done.outputs['skipped']).toBe('true')
    expect(JSON.parse(done.outputs['plan'] ?? '')).toMatchObject({
      ...{push: false, code: 'ref-deleted'},
      ...{version: null, versionSource: null, tags: []},
    })
  })

  test('builds a pull request without a request to a registry', async () => {
    const registry = registryAt()
    const done = await run([registry], {tags: ''}, {event: 'pull-request'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('buildx build')
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args.join(' ')).not.toMatch(/--push|push=true|type=oci/)
    expect(registry.requests).toEqual([])
    expect(done.outputs).toMatchObject({pushed: 'false', image: '', 'moved-tags': ''})
  })

  test('writes no summary with summary: false', async () => {
    const done = await run([registryAt()], {summary: 'false'})
    expect(done.failure).toBeUndefined()
    expect(done.io.workflow.summaries).toEqual([])
  })

  test('logs a temporary failure of a request in one line', async () => {
    const fault = ({method, path}: RecordedRequest, count: number): {kind: 'answer'; status: 503} | undefined =>
      method === 'PUT' && path.endsWith('/1.2.3') && count === 1 ? {kind: 'answer', status: 503} : undefined
    const done = await run([registryAt('r.example', {fault})])
    expect(done.failure).toBeUndefined()
    const lines = done.io.workflow.log.filter((line) => line.includes('(503)'))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^info: r\.example: PUT manifests\/1\.2\.3 .*\(503\).* 2 of 5/)
  })

  test('does not tag an image whose platforms cannot be read', async () => {
    const registry: MemoryRegistry = registryAt('r.example', {
      fault: ({method, path}) => {
        const digest = /\/manifests\/(sha256:\w+)$/.exec(path)?.[1] ?? ''
        const isPlatform = isDigest(digest) && registry.manifest('o/app', digest)?.mediaType.includes('index') === false
        return method === 'GET' && isPlatform ? {kind: 'answer', status: 500} : undefined
      },
    })
    const done = await run([registry], {retries: '0'})
    expect(done.failure?.code).toBe('registry-failed')
    expect(registry.tagsOf('o/app')).toEqual({})
  })
})

describe('a published release', () => {
  test('is not rebuilt, and its floating tags are repaired', async () => {
    const registry = registryAt()
    const first = await run([registry])
    const {digest = ''} = first.outputs
    const other = imageOf('1'.repeat(40), 'other')
    registry.store('o/app', other, ['1.2'])
    const second = await run([registry])
    expect(second.failure).toBeUndefined()
    expect(second.programs).not.toContain('buildx build')
    expect(registry.tagsOf('o/app')).toEqual({'1.2': digest, '1.2.3': digest, latest: digest})
    expect(second.outputs).toMatchObject({digest, pushed: 'true', image: `r.example/o/app@${digest}`})
    expect(JSON.parse(second.outputs['moved-tags'] ?? '')).toMatchObject([
      {tag: '1.2', before: other.digest, after: digest},
    ])
    expect(second.summary).toContain('nothing was built')
  })

  test('of another commit with if-exists: skip is not built, and tags of this commit are not created', async () => {
    const registry = registryAt()
    const other = imageOf('1'.repeat(40), 'other')
    registry.store('o/app', other, ['1.2.3', 'main'])
    const tags = `${semver}\ntype=sha\ntype=raw,value=main\ntype=raw,value=next`
    const done = await run([registry], {'if-exists': 'skip', tags})
    expect(done.failure).toBeUndefined()
    expect(done.programs).not.toContain('buildx build')
    const {digest} = other
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': digest, '1.2': digest, latest: digest, main: digest})
    expect(done.outputs).toMatchObject({digest, image: `r.example/o/app@${digest}`, pushed: 'true'})
    const {log} = done.io.workflow
    expect(log).toContainEqual(expect.stringMatching(/unchanged +r\.example\/o\/app:1\.2\.3: if-exists: skip$/))
    const kept = JSON.parse(done.outputs['kept-tags'] ?? '') as readonly object[]
    const withheld = ['sha-6113728', 'main', 'next'].map((tag) => ({tag, code: 'other-release'}))
    expect(kept).toEqual(expect.arrayContaining(withheld.map((one) => expect.objectContaining(one))))
    for (const {tag} of withheld) expect(log).toContainEqual(expect.stringContaining(`notice: r.example/o/app:${tag} `))
  })

  test('of another commit in one registry with if-exists: skip determines the output images', async () => {
    const [one, two] = [registryAt(), registryAt('s.example')]
    const other = imageOf('1'.repeat(40), 'other')
    one.store('o/app', other, ['1.2.3'])
    const inputs = {images: 'r.example/o/app\ns.example/p/app', 'if-exists': 'skip', tags: `${semver}\ntype=sha`}
    const done = await run([one, two], inputs)
    expect(done.failure).toBeUndefined()
    const secondDigest = two.tagsOf('p/app')['1.2.3'] ?? ''
    expect(one.tagsOf('o/app')).toMatchObject({'1.2.3': other.digest, '1.2': other.digest, 'sha-6113728': secondDigest})
    expect(done.outputs['images']).toBe(`r.example/o/app@${other.digest}\ns.example/p/app@${secondDigest}`)
  })

  test('reports how to add a missing platform', async () => {
    const registry = registryAt()
    const labels = {[factKeys.revision]: sha}
    registry.store('o/app', makeImage({platforms: ['linux/amd64'], labels}), ['1.2.3'])
    const done = await run([registry])
    expect(done.failure).toMatchObject({
      code: 'platforms-incomplete',
      message: '1.2.3 is already published, without linux/arm64.',
    })
    expect(done.failure?.remedy).toContain('`if-exists: overwrite`')
    expect(done.programs).not.toContain('buildx build')
  })

  test('is not changed if it is complete', async () => {
    const registry = registryAt()
    await run([registry])
    const moves = registry.moves.length
    const second = await run([registry])
    expect(second.failure).toBeUndefined()
    expect(registry.moves.length).toEqual(moves)
    expect(second.outputs).toMatchObject({pushed: 'false', 'moved-tags': '[]'})
    expect(second.summary).toContain('### ✅ Already published `r.example/o/app:1.2.3`')
  })

  const suffixed = (suffix: string): string =>
    `type=semver,pattern={{version}},suffix=-${suffix}\ntype=semver,pattern={{version}}\ntype=raw,value=${suffix}`

  test.each([
    {
      name: 'another target',
      one: {target: 'rootless'},
      two: {target: 'standard'},
      says: ['target rootless', 'target standard'],
    },
    {name: 'another context', one: {}, two: {context: 'git'}, says: ['context context', 'context git']},
    {
      name: 'another argument',
      one: {'build-args': 'EDITION=a'},
      two: {'build-args': 'EDITION=b'},
      says: ['build argument EDITION'],
    },
    {
      name: 'more platforms',
      one: {},
      two: {platforms: 'linux/amd64'},
      says: ['platforms linux/amd64, linux/arm64', 'platform linux/amd64'],
    },
    {name: 'the same definition for other tags', one: {}, two: {}, says: ['built for 1.2.3, 1.2.3-one']},
  ])('does not belong to another step: $name', async ({one, two, says}) => {
    const registry = registryAt()
    const first = await run([registry], {...one, tags: suffixed('one')})
    const held = registry.tagsOf('o/app')
    const second = await run([registry], {...two, tags: suffixed('two')})
    expect(first.failure).toBeUndefined()
    expect(second.failure?.code).toBe('tag-taken')
    for (const text of says) expect(second.failure?.evidence.join('\n')).toContain(text)
    expect(second.programs).not.toContain('buildx build')
    expect(registry.tagsOf('o/app')).toEqual(held)
  })

  test('of this commit with another definition keeps its tag with skip, and the other tags are built', async () => {
    const registry = registryAt()
    const first = await run([registry], {target: 'rootless', tags: suffixed('one')})
    const tags = `${suffixed('two')}\ntype=semver,pattern={{major}}.{{minor}},suffix=-two`
    const second = await run([registry], {target: 'standard', tags, 'if-exists': 'skip'}, {image: {text: 'standard'}})
    expect(first.failure).toBeUndefined()
    expect(second.failure).toBeUndefined()
    const [one, two] = [first.outputs['digest'], second.outputs['digest']]
    expect(one).not.toBe(two)
    expect(registry.tagsOf('o/app')).toMatchObject({
      '1.2.3': one,
      '1.2.3-one': one,
      '1.2.3-two': two,
      '1.2-two': two,
      two,
    })
  })

  test('of two concurrent steps with two images is that of one of them', async () => {
    const registry = registryAt()
    const done = await Promise.all(
      ['one', 'two'].map(async (target) => run([registry], {target, tags: suffixed(target)}, {image: {text: target}})),
    )
    const held = registry.tagsOf('o/app')
    expect(done.filter(({failure}) => failure === undefined).length).toBeLessThanOrEqual(1)
    for (const [index, {outputs, failure}] of done.entries()) {
      const name = index === 0 ? 'one' : 'two'
      if (failure === undefined) expect(held['1.2.3']).toBe(outputs['digest'])
      if (held[`1.2.3-${name}`] !== undefined) expect(held[`1.2.3-${name}`]).toBe(outputs['digest'])
    }
  })

  test('in one of two registries is copied to the other', async () => {
    const [one, two] = [registryAt(), registryAt('s.example')]
    const image = imageOf(sha, 'release')
    one.store('o/app', image, ['1.2.3'])
    const done = await run([one, two], {images: 'r.example/o/app\ns.example/p/app'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).not.toContain('buildx build')
    const tags = {'1.2': image.digest, '1.2.3': image.digest, latest: image.digest}
    expect(one.tagsOf('o/app')).toEqual(tags)
    expect(two.tagsOf('p/app')).toEqual(tags)
    expect(two.snapshot()['p/app']?.blobs).toEqual(one.snapshot()['o/app']?.blobs)
  })

  test('in two registries as two builds has a digest per registry', async () => {
    const [one, two] = [registryAt(), registryAt('s.example')]
    const [here, there] = [imageOf(sha, 'here'), imageOf(sha, 'there')]
    one.store('o/app', here, ['1.2.3'])
    two.store('p/app', there, ['1.2.3'])
    const done = await run([one, two], {images: 'r.example/o/app\ns.example/p/app'})
    expect(done.failure).toBeUndefined()
    expect(done.outputs).toMatchObject({
      digest: here.digest,
      images: `r.example/o/app@${here.digest}\ns.example/p/app@${there.digest}`,
    })
  })

  test.each([
    {
      name: 'its platforms',
      image: makeImage({platforms: ['linux/amd64'], labels: {[factKeys.revision]: sha}}),
      code: 'platforms-incomplete',
    },
    {name: 'the test', image: imageOf(sha, 'release'), code: 'test-failed'},
  ])('passes the gates before it is tagged: $name', async ({image, code}) => {
    const registry = registryAt()
    registry.store('o/app', image, ['1.2.3'])
    const program: Scenario['program'] = (command) => (programOf(command) === 'bash' ? {exitCode: 1} : undefined)
    const done = await run([registry], {test: 'false'}, {program})
    expect(done.failure?.code).toBe(code)
    expect(registry.requests.filter(isTagWrite)).toEqual([])
  })

  test.each([
    {
      name: 'a directory',
      inputs: {outputs: 'type=local,dest=out'},
      built: {'--output': ['type=local,dest=out'], '--cache-to': []},
    },
    {
      name: 'a directory, an archive and an unexported image',
      inputs: {outputs: 'out\ntype=oci,dest=image.tar\ntype=image'},
      built: {'--output': ['out', expect.stringMatching(/^type=oci,dest=image\.tar,/)], '--cache-to': []},
    },
    {
      name: 'a cache',
      inputs: {'cache-to': 'type=local,dest=cache'},
      built: {'--output': ['type=cacheonly'], '--cache-to': ['type=local,dest=cache']},
    },
    {
      name: 'both',
      inputs: {outputs: 'type=tar,dest=out.tar', 'cache-to': 'type=inline'},
      built: {'--output': ['type=tar,dest=out.tar'], '--cache-to': ['type=inline']},
    },
  ])('is built for outputs other than the tags: $name', async ({inputs, built: expected}) => {
    const registry = registryAt()
    const first = await run([registry])
    const moves = registry.moves.length
    const second = await run([registry], inputs)
    expect(first.failure).toBeUndefined()
    expect(second.failure).toBeUndefined()
    expect(registry.moves.length).toEqual(moves)
    const builds = second.io.processes.commands.filter((command) => programOf(command) === 'buildx build')
    expect(builds).toHaveLength(1)
    for (const [flag, values] of Object.entries(expected)) {
      expect(builds.flatMap((command) => valuesOf(command, flag))).toEqual(values)
    }
    expect(builds.flatMap(({args}) => args.filter((arg) => /push|--load/.test(arg)))).toEqual([])
    expect(registry.requests.filter(isTagWrite)).toHaveLength(3)
    expect(second.outputs).toMatchObject({
      digest: first.outputs['digest'],
      imageid: first.outputs['imageid'],
      pushed: 'false',
    })
    expect(second.summary).toContain('only `outputs` and `cache-to` were built')
  })

  test('needs a place outside the builder', async () => {
    const registry = registryAt()
    const inputs = {outputs: 'type=image,name=target,annotation-index.a=b'}
    const first = await run([registry], inputs)
    const second = await run([registry], inputs)
    expect(first.failure).toBeUndefined()
    expect(second.failure).toBeUndefined()
    expect([first, second].map(({programs}) => programs.includes('buildx build'))).toEqual([true, false])
  })

  test('is not tagged if it cannot be built for its outputs', async () => {
    const registry = registryAt()
    await run([registry], {floating: 'never'})
    const program: Scenario['program'] = (command) =>
      programOf(command) === 'buildx build' ? {exitCode: 1} : undefined
    const second = await run([registry], {outputs: 'out'}, {program})
    expect(second.failure?.code).toBe('build-failed')
    expect(Object.keys(registry.tagsOf('o/app'))).toEqual(['1.2.3'])
  })

  test.each([
    {name: 'an index', content: {}, id: (image: TestImage) => image.digest},
    {
      name: 'a single image',
      content: {platforms: ['linux/amd64']},
      id: (image: TestImage) => field(field(parseJson(image.bytes), 'config'), 'digest'),
    },
  ])('has the same outputs as a build: $name', async ({content, id}) => {
    const registry = registryAt()
    const image = makeImage({platforms: platforms.split(','), labels: {[factKeys.revision]: sha}, ...content})
    registry.store('o/app', image, ['1.2.3'])
    const done = await run([registry], {platforms: ''})
    expect(done.failure).toBeUndefined()
    expect(done.outputs['imageid']).toBe(id(image))
    expect(JSON.parse(done.outputs['metadata'] ?? '')).toMatchObject({
      'containerimage.digest': image.digest,
      'containerimage.descriptor': {mediaType: image.mediaType, digest: image.digest, size: image.bytes.byteLength},
      'image.name': 'r.example/o/app',
    })
  })

  test('is not tested again if it is complete', async () => {
    const registry = registryAt()
    const inputs = {test: 'true'}
    await run([registry], inputs)
    const second = await run([registry], inputs)
    expect(second.failure).toBeUndefined()
    expect(second.programs.includes('bash')).toBe(false)
  })

  test('is recognised by the revision that the user set', async () => {
    const registry = registryAt()
    const inputs = {
      annotations: 'org.opencontainers.image.revision=r-77',
      labels: 'org.opencontainers.image.revision=r-77',
    }
    const first = await run([registry], inputs)
    const second = await run([registry], inputs)
    expect(first.failure).toBeUndefined()
    expect(second.failure).toBeUndefined()
    expect(second.outputs['digest']).toBe(first.outputs['digest'])
    expect(second.programs).not.toContain('buildx build')
  })

  test('fails without tags if it is deleted during the run', async () => {
    const image = imageOf(sha, 'release')
    const one = registryAt('r.example', {
      fault: ({method, path}) =>
        method === 'GET' && path.endsWith(image.digest) ? {kind: 'answer', status: 404} : undefined,
    })
    const two = registryAt('s.example')
    one.store('o/app', image, ['1.2.3'])
    const done = await run([one, two], {images: 'r.example/o/app\ns.example/p/app'})
    expect(done.failure?.code).toBe('source-missing')
    expect([...one.requests, ...two.requests].filter(isTagWrite)).toEqual([])
  })
})

describe('a repeated run with tags of its commit alone', () => {
  const tags = `type=sha\n${sha}-alpine`

  test('builds nothing, and has the outputs of the first run', async () => {
    const [registry, other] = [registryAt(), registryAt('s.example')]
    const images = 'r.example/o/app\ns.example/o/app'
    const first = await run([registry], {tags})
    expect(first.failure).toBeUndefined()
    const logins = [registry, other].map(({host}) => ({registry: host, username: 'mona', password: 'canary-1'}))
    const inputs = {images, tags, platforms, retries: '0', 'registry-auth': JSON.stringify(logins)}
    const again = await runCommand(publish, {registries: [registry, other], inputs})
    expect(again.failure).toBeUndefined()
    expect(again.programs).not.toContain('buildx build')
    const {digest = ''} = first.outputs
    expect(again.outputs).toMatchObject({digest, image: `r.example/o/app@${digest}`})
    expect(again.outputs['images']).toBe(`r.example/o/app@${digest}\ns.example/o/app@${digest}`)
    for (const one of [registry, other])
      expect(one.tagsOf('o/app')).toEqual({'sha-6113728': digest, [`${sha}-alpine`]: digest})
    expect(again.io.workflow.log.at(-1)).toMatch(/^info: Published .* with 2 tags \(2 up to date\)/)
  })

  test('leaves the tags at the image of another build definition, which the outputs do not name', async () => {
    const registry = registryAt()
    registry.store('o/app', imageOf(sha, 'other', {[factKeys.build]: 'context=other'}), ['sha-6113728'])
    const done = await run([registry], {tags: 'type=sha'})
    expect(done.failure).toBeUndefined()
    expect(done.outputs).toMatchObject({image: '', images: '', pushed: 'false'})
    expect(done.io.workflow.log.at(-1)).toMatch(
      /since its tag stays where it is\. .*linux\/arm64: sha256:[0-9a-f]{64}$/,
    )
  })
})

describe('tags that are kept', () => {
  test('a floating tag with a higher version is kept with a notice', async () => {
    const registry = registryAt()
    const higher = imageOf('2'.repeat(40), 'higher')
    registry.store('o/app', higher, ['1.2.9', '1.2', 'latest'])
    const done = await run([registry])
    expect(done.failure).toBeUndefined()
    const {digest = ''} = done.outputs
    expect(registry.tagsOf('o/app')).toEqual({
      '1.2': higher.digest,
      '1.2.3': digest,
      '1.2.9': higher.digest,
      latest: higher.digest,
    })
    const notices = done.io.workflow.log.filter((line) => line.startsWith('notice: '))
    expect(notices).toHaveLength(2)
    expect(notices[0]).toMatch(/^notice: r\.example\/o\/app:1\.2 stays at sha256:/)
    expect(JSON.parse(done.outputs['kept-tags'] ?? '')).toMatchObject([
      {tag: '1.2', code: 'higher-version'},
      {tag: 'latest', code: 'higher-version'},
    ])
    expect(done.io.workflow.log).toContain(
      `info: Published r.example/o/app:1.2.3 with 1 tag (2 kept) for ${platforms.replace(',', ', ')} in 0.0 s: ${digest}`,
    )
  })

  test.each<{name: string; answer: string | Error; moves: boolean}>([
    {name: 'the commit is ahead on GitHub', answer: 'ahead', moves: true},
    {name: 'the commit is behind on GitHub', answer: 'behind', moves: false},
    {name: 'GitHub is unreachable, and the date is later', answer: new Error('connect ECONNREFUSED'), moves: true},
  ])('moves a branch tag only forward: $name', async ({answer, moves}) => {
    const registry = registryAt()
    const held = imageOf('3'.repeat(40), 'branch', {[factKeys.commitDate]: '2018-01-01T00:00:00Z'})
    registry.store('o/app', held, ['main'])
    const compare = async (): Promise<string> =>
      answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    const inputs = {tags: 'type=raw,value=main', 'github-token': 'canary-3'}
    const done = await run([registry], inputs, {event: 'push-default-branch', gitHub: {compare}})
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')['main']).toBe(moves ? done.outputs['digest'] : held.digest)
    if (!moves) {
      expect(done.summary).toContain('### 🟡 Not published `r.example/o/app:main`')
      expect(done.io.workflow.log.at(-1)).toMatch(/^info: Not published r\.example\/o\/app:main, .*: sha256:\w+$/)
    }
  })
})

describe('a run that fails', () => {
  interface Row {
    readonly name: string
    readonly inputs?: Readonly<Record<string, string>>
    readonly scenario?: Partial<Scenario>
    readonly held?: readonly string[]
    readonly expected: {readonly code: string; readonly programs: readonly string[]}
  }
  const failing = (program: string, stderr: string): Partial<Scenario> => ({
    program: (command) => (programOf(command) === program ? {exitCode: 1, stderr} : undefined),
  })
  const rows: readonly Row[] = [
    {
      name: 'a rejected login',
      scenario: failing('login', 'unauthorized'),
      // The registry has accepted the same password, so the build has begun. It is ended.
      expected: {code: 'login-refused', programs: built},
    },
    {
      name: 'no Dockerfile',
      inputs: {file: 'no/such/file'},
      expected: {code: 'dockerfile-missing', programs: []},
    },
    {
      name: 'no builder',
      scenario: failing('buildx inspect', 'ERROR: no builder "x" found'),
      expected: {code: 'builder-missing', programs: ['buildx inspect', 'login']},
    },
    {
      name: 'a failed build',
      scenario: failing('buildx build', 'ERROR: no'),
      expected: {code: 'build-failed', programs: built},
    },
    {
      name: 'a step on an unsupported platform',
      inputs: {platforms: 'linux/s390x', qemu: 'never'},
      scenario: failing('buildx build', '0.2 exec /bin/sh: exec format error'),
      expected: {code: 'platform-missing', programs: built},
    },
    {
      name: 'a missing platform',
      scenario: {image: {platforms: ['linux/amd64']}},
      expected: {code: 'platforms-incomplete', programs: built},
    },
    {
      name: 'a failed test',
      inputs: {test: 'false'},
      scenario: failing('bash', ''),
      expected: {code: 'test-failed', programs: ['bash', ...built]},
    },
    {
      name: 'an exact tag with another commit, before the build',
      held: ['1.2.3'],
      expected: {code: 'tag-taken', programs: ['buildx inspect', 'login']},
    },
    {
      name: 'if-exists: fail, before the build',
      inputs: {'if-exists': 'fail'},
      held: ['1.2.3'],
      expected: {code: 'tag-exists', programs: ['buildx inspect', 'login']},
    },
    {
      name: 'on-stale: fail, before the build',
      inputs: {'on-stale': 'fail'},
      held: ['1.2.9', '1.2', 'latest'],
      expected: {code: 'tag-stale', programs: ['buildx inspect', 'login']},
    },
  ]

  test.each(rows)('changes no tag: $name', async ({inputs = {}, scenario = {}, held = [], expected}) => {
    const registry = registryAt()
    if (held.length > 0) registry.store('o/app', imageOf('4'.repeat(40), 'held'), held)
    const before = registry.tagsOf('o/app')
    const done = await run([registry], inputs, scenario)
    expect({code: done.failure?.code, programs: done.programs}).toEqual(expected)
    expect(registry.requests.filter(isTagWrite)).toEqual([])
    expect(registry.tagsOf('o/app')).toEqual(before)
    expect(done.summary.split('\n')[0]).toBe('### ❌ Not published `r.example/o/app:1.2.3`')
    expect(done.summary).toContain(`#${expected.code}`)
    expect(done.outputs['pushed']).toBe('false')
    expect(done.leftFiles).toEqual([])
    expect(done.isUserConfigUnchanged).toBe(true)
  })

  test('reports the result of each tag that a registry rejects', async () => {
    const registry = registryAt('r.example', {
      fault: ({method, path}) =>
        method === 'PUT' && path.endsWith('/manifests/1.2') ? {kind: 'answer', status: 403} : undefined,
    })
    const held = imageOf('5'.repeat(40), 'held')
    registry.store('o/app', held, ['1.2.2', '1.2', 'latest'])
    const done = await run([registry])
    expect(done.failure?.code).toMatch(/^push-denied/)
    const {digest = ''} = done.outputs
    // The exact tag is correct and stays. The floating tags are rolled back.
    expect(registry.tagsOf('o/app')).toEqual({
      '1.2': held.digest,
      '1.2.2': held.digest,
      '1.2.3': digest,
      latest: held.digest,
    })
    expect(done.outputs['pushed']).toBe('true')
    expect(done.summary).toContain('### ❌ Partly published `r.example/o/app:1.2.3`')
    expect(done.summary).toMatch(/`1\.2` \| \S+\sfailed \|/)
  })

  test.each(['login', 'buildx build', 'bash'])(
    'cancelled during %s: no tag is changed, and nothing is left',
    async (at) => {
      const registry = registryAt()
      const abort = new AbortController()
      const cancelled = new TagboatError('cancelled')
      const done = await run(
        [registry],
        {test: 'true'},
        {
          signal: abort.signal,
          program: (command) => {
            if (programOf(command) !== at) return undefined
            abort.abort(cancelled)
            throw cancelled
          },
        },
      )
      expect(done.failure?.code).toBe('cancelled')
      expect(registry.requests.filter(isTagWrite)).toEqual([])
      expect(done.leftFiles).toEqual([])
      expect(done.isUserConfigUnchanged).toBe(true)
      expect(done.outputs['pushed']).toBe('false')
    },
  )

  test('fails for invalid inputs before any other step', async () => {
    const registry = registryAt()
    const done = await run([registry], {platfroms: 'x', tags: 'type=semvre'})
    expect(done.failure?.code).toBe('input-invalid')
    expect(done.failure?.evidence).toHaveLength(2)
    expect(done.programs).toEqual([])
    expect(registry.requests).toEqual([])
    expect(done.io.workflow.masks).toEqual(['canary-1'])
  })
})

describe('a builder that cannot stage', () => {
  const scenario = {builder: 'inspect-docker-driver'} as const
  const inputs = {driver: 'docker', platforms: ''}

  test('pushes the decided tags with a warning, and they are verified', async () => {
    const registry = registryAt()
    const higher = imageOf('6'.repeat(40), 'higher')
    registry.store('o/app', higher, ['2.0.0', 'latest'])
    const done = await run([registry], inputs, scenario)
    expect(done.failure).toBeUndefined()
    const {digest = ''} = done.outputs
    expect(registry.tagsOf('o/app')).toEqual({
      '1.2': digest,
      '1.2.3': digest,
      '2.0.0': higher.digest,
      latest: higher.digest,
    })
    const warnings = done.io.workflow.log.filter((line) => line.startsWith('warning: '))
    expect(warnings).toEqual([expect.stringContaining('This builder can push only with tags')])
    expect(registry.requests.filter(isTagWrite)).toEqual([])
    expect(done.outputs).toMatchObject({pushed: 'true', image: `r.example/o/app@${digest}`})
    expect(done.summary).toContain('### ✅ Published `r.example/o/app:1.2.3`')
  })

  test('is rejected before the build if test must run before the tags', async () => {
    const registry = registryAt()
    const done = await run([registry], {...inputs, test: 'true'}, scenario)
    expect(done.failure).toMatchObject({
      code: 'builder-unsuited',
      evidence: [expect.stringContaining('its engine has no containerd image store')],
    })
    expect(done.programs).toEqual(['buildx inspect', 'login'])
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('is rejected if `outputs` has attributes of the image, which its engine ignores', async () => {
    const registry = registryAt()
    const shaped = {...inputs, outputs: 'type=image,compression=zstd,annotation.a=b'}
    const message = expect.stringContaining('compression')
    for (const chosen of [{driver: 'docker'}, {driver: 'auto', builder: 'classic'}]) {
      const done = await run([registry], {...shaped, ...chosen}, scenario)
      expect(done.failure).toMatchObject({code: 'builder-unsuited', message})
      expect(done.programs).not.toContain('buildx build')
    }
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('pushes nothing if all tags are kept', async () => {
    const registry = registryAt()
    const held = imageOf(sha, 'held', {[factKeys.build]: 'context=other'})
    registry.store('o/app', held, ['sha-6113728'])
    const done = await run([registry], {...inputs, tags: 'type=sha'}, scenario)
    expect(done.failure).toBeUndefined()
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args.join(' ')).not.toContain('push=true')
    expect(registry.tagsOf('o/app')).toEqual({'sha-6113728': held.digest})
    expect(done.outputs).toMatchObject({pushed: 'false', image: '', 'moved-tags': '[]'})
    expect(done.summary).toContain('### 🟡 Not published `r.example/o/app:sha-6113728`')
  })

  test('fails for a tag of another image', async () => {
    let isPushed = false
    const registry = registryAt('r.example', {
      fault: ({method, path}) =>
        isPushed && method === 'GET' && path.endsWith('/1.2') ? {kind: 'answer', status: 404} : undefined,
    })
    const program: Scenario['program'] = (command) => {
      isPushed ||= programOf(command) === 'buildx build'
      return undefined
    }
    const done = await run([registry], {}, {...scenario, program})
    expect(done.failure).toMatchObject({
      code: 'publish-unverified',
      evidence: [expect.stringContaining('r.example/o/app:1.2')],
    })
    expect(done.outputs['pushed']).toBe('true')
  })
})

describe('load', () => {
  const older = 'null\nlinux/x86_64\n'
  const containerd = '[["driver-type","io.containerd.snapshotter.v1"]]\nlinux/x86_64\n'

  async function load(status: string, inputs: object = {}, scenario: Partial<Scenario> = {}): Promise<CommandRun> {
    const program: Scenario['program'] = (command) => {
      if (programOf(command) === 'info') return {stdout: status}
      return programOf(command) === 'bash' ? {} : undefined
    }
    return run([registryAt()], {load: 'true', ...inputs}, {program, ...scenario})
  }

  test.each(stagingBuilders)('loads the staged image before the test: $builder', async ({builder}) => {
    const done = await load(containerd, {test: 'true'}, {builder})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toEqual(['bash', 'buildx build', 'buildx inspect', 'info', 'load', 'login'])
    const order = done.io.processes.commands.map(programOf).filter((program) => program !== 'login')
    expect(order.slice(-3)).toEqual(['buildx build', 'load', 'bash'])
    const {digest = ''} = done.outputs
    const line = `printed: Loaded ${digest} (linux/amd64, linux/arm64) as r.example/o/app:1.2.3, r.example/o/app:1.2, r.example/o/app:latest`
    expect(done.io.workflow.log).toContain(line)
    expect(done.summary).toContain(line.replace('printed: ', ''))
    expect(done.leftFiles).toEqual([])
  })

  test('reports what the older store has', async () => {
    const {io, outputs} = await load(older)
    const lines = io.workflow.log.filter((line) => line.startsWith('printed: Loaded '))
    expect(lines).toEqual([
      expect.stringMatching(`linux/amd64 of ${outputs['digest'] ?? ''}, .*does not have the containerd image store`),
    ])
  })

  test('moves no tag if it fails', async () => {
    const registry = registryAt()
    const done = await run(
      [registry],
      {load: 'true'},
      {
        program: (command) => {
          if (programOf(command) === 'info') return {stdout: containerd}
          return programOf(command) === 'load' ? {exitCode: 1, stderr: 'no space left on device'} : undefined
        },
      },
    )
    expect(done.failure?.code).toBe('load-failed')
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('fails before a build without an engine', async () => {
    const done = await load('null\n/\n')
    expect(done.failure?.code).toBe('engine-unreachable')
    expect(done.programs).not.toContain('buildx build')
  })

  test('loads the exported image without a push from a builder with its own BuildKit', async () => {
    const done = await load(containerd, {push: 'false'}, {builder: 'inspect-remote'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('load')
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args.join(' ')).not.toContain('type=docker')
  })

  test('lets Buildx load the image without a push', async () => {
    const done = await load(containerd, {push: 'false'})
    expect(done.programs).not.toContain('load')
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args).toContainEqual(expect.stringMatching(/^type=docker,/))
    expect(done.io.workflow.log).toContain(
      `printed: Loaded ${done.outputs['digest'] ?? ''} (linux/amd64, linux/arm64) as r.example/o/app:1.2.3, r.example/o/app:1.2, r.example/o/app:latest`,
    )
    expect(done.summary).toMatch(
      /^Loaded sha256:[0-9a-f]{64} \(linux\/amd64, linux\/arm64\) as r\.example\/o\/app:1\.2\.3, /m,
    )
  })

  test('is ignored with a call other than build', async () => {
    const done = await load(containerd, {call: 'check', outputs: 'type=local,dest=out'})
    expect(done.programs).not.toContain('info')
    const build = done.io.processes.commands.find((command) => programOf(command) === 'buildx build')
    expect(build?.args).toEqual(expect.arrayContaining(['--call', 'check']))
    expect(build?.args).not.toContain('--output')
    expect({digest: done.outputs['digest'], imageid: done.outputs['imageid']}).toEqual({digest: '', imageid: ''})
    expect(done.io.workflow.log).toContain('notice: load: ignored, because `call: check` does not build an image.')
  })
})
