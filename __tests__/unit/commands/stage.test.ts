import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {stage} from '../../../src/commands/stage.ts'
import {
  programOf,
  runCommand,
  type BuilderFixture,
  type CommandRun,
  type Scenario,
} from '../../../testing/command-run.ts'
import {memoryRegistry, type MemoryRegistry, type RecordedRequest} from '../../../testing/memory-registry.ts'

const given = {
  images: 'r.example/o/app',
  registry: 'r.example',
  username: 'mona',
  password: 'canary-1',
  platforms: 'linux/amd64,linux/arm64',
}

async function run(
  registries: readonly MemoryRegistry[],
  inputs: object = {},
  scenario: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(stage, {...scenario, registries, inputs: {...given, ...inputs}})
}

/** Reports whether a request changes the registry. The preflight starts an upload, and cancels it. */
function isWrite({method, path}: RecordedRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && !path.includes('/blobs/uploads/')
}

const both = ['linux/amd64', 'linux/arm64'] as const
type Inputs = Readonly<Record<string, string>>

/** Stages one platform, as on a runner of its own. */
async function stageOne(registry: MemoryRegistry, platform: string, inputs: Inputs = {}): Promise<CommandRun> {
  return run([registry], {platforms: platform, ...inputs}, {builder: 'inspect-remote', image: {platforms: [platform]}})
}

/** Promotes what several stages have staged. */
async function promoteAll(
  registry: MemoryRegistry,
  staged: readonly CommandRun[],
  inputs: Inputs = {},
): Promise<CommandRun> {
  const digests = staged.map(({outputs}) => outputs['digest']).join('\n')
  const all = {...given, digests, ...inputs}
  return runCommand(promote, {builds: false, registries: [registry], inputs: all})
}

/** Registry with the release 1.2.3, which two runners staged, and its digest. The inputs are those of the promote. */
async function released(inputs: Inputs = {}): Promise<{readonly registry: MemoryRegistry; readonly digest: string}> {
  const registry = memoryRegistry({host: 'r.example'})
  const staged = await Promise.all(both.map(async (platform) => stageOne(registry, platform)))
  const {failure, outputs} = await promoteAll(registry, staged, inputs)
  if (failure !== undefined) throw failure
  return {registry, digest: outputs['digest'] ?? ''}
}

describe('a release that several runners staged', () => {
  test.each(both)('is not built again for %s, and is the staged image', async (platform) => {
    const {registry, digest} = await released()
    const before = registry.requests.length
    const done = await stageOne(registry, platform)
    expect(done.failure).toBeUndefined()
    expect(done.programs).not.toContain('buildx build')
    expect(registry.requests.slice(before).filter(isWrite)).toEqual([])
    expect(done.outputs).toMatchObject({digest, image: `r.example/o/app@${digest}`, pushed: 'false'})
    expect(done.outputs['digest-file']).toContain(digest.slice('sha256:'.length))
    expect(done.io.workflow.log).toContainEqual(
      expect.stringMatching(new RegExp(`^info: .*already published.*${digest}$`)),
    )
    expect(done.summary).toMatch(/^### ✅ Already published `.*:1\.2\.3`$/m)
  })

  test('gets its missing tags by the promote', async () => {
    const {registry, digest} = await released({floating: 'never'})
    expect(Object.keys(registry.tagsOf('o/app'))).not.toContain('latest')
    const again = await Promise.all(both.map(async (platform) => stageOne(registry, platform)))
    expect(again.map(({outputs}) => outputs['digest'])).toEqual([digest, digest])
    const done = await promoteAll(registry, again)
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toMatchObject({'1.2.3': digest, '1.2': digest, latest: digest})
  })

  test('is the image, if one runner staged before it was published', async () => {
    const {registry, digest} = await released()
    const early = await stageOne(registry, both[0], {'if-exists': 'overwrite', labels: 'a=b'})
    const late = await stageOne(registry, both[1])
    expect(late.outputs['digest']).toBe(digest)
    const done = await promoteAll(registry, [early, late])
    expect(done.failure).toBeUndefined()
    expect(done.outputs['digest']).toBe(digest)
  })

  test('is tested again if it is to get a tag', async () => {
    const isTested = async (floating: string): Promise<boolean> => {
      const {registry} = await released({floating})
      return (await stageOne(registry, both[0], {test: 'true'})).programs.includes('bash')
    }
    expect(await isTested('auto')).toBe(false)
    expect(await isTested('never')).toBe(true)
  })

  test.each([
    {name: 'of another target', inputs: {target: 'other'}, code: 'tag-taken'},
    {name: 'with `if-exists: fail`', inputs: {'if-exists': 'fail'}, code: 'tag-exists'},
    {name: 'for a platform that it lacks', inputs: {platforms: 'linux/s390x'}, code: 'platforms-incomplete'},
  ])('refuses a stage $name before the build', async ({inputs, code}) => {
    const {registry} = await released()
    const done = await stageOne(registry, both[0], inputs)
    expect({code: done.failure?.code, builds: done.programs.includes('buildx build')}).toEqual({code, builds: false})
  })

  test('is built again with `if-exists: overwrite`', async () => {
    const {registry, digest} = await released()
    const done = await stageOne(registry, both[0], {'if-exists': 'overwrite'})
    expect(done.programs).toContain('buildx build')
    expect(done.outputs['digest']).not.toBe(digest)
  })
})

describe('stage', () => {
  test('refuses a version of another image before the build', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const held = registry.putImage('o/app', {text: 'held', tags: ['1.2.3', 'latest']})
    const done = await run([registry])
    expect({code: done.failure?.code, builds: done.programs.includes('buildx build')}).toEqual({
      code: 'tag-taken',
      builds: false,
    })
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': held.digest, latest: held.digest})
  })

  test.each<{readonly builder: BuilderFixture}>([{builder: 'inspect-containerd-store'}, {builder: 'inspect-remote'}])(
    'leaves the image under its digest in every registry, and tags nothing: $builder',
    async ({builder}) => {
      const [one, two] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 's.example'})]
      const inputs = {images: 'r.example/o/app\ns.example/p/app', test: 'true'}
      const done = await run([one, two], inputs, {builder})
      expect(done.failure).toBeUndefined()
      expect(done.programs).toEqual(['bash', 'buildx build', 'buildx inspect', 'login'])
      const {digest = ''} = done.outputs
      expect(one.snapshot()['o/app']).toEqual(
        expect.objectContaining({tags: {}, manifests: expect.arrayContaining([digest]) as unknown}),
      )
      expect(two.snapshot()['p/app']).toEqual(
        expect.objectContaining({tags: {}, manifests: expect.arrayContaining([digest]) as unknown}),
      )
      expect(done.outputs).toMatchObject({
        pushed: 'true',
        image: `r.example/o/app@${digest}`,
        images: `r.example/o/app@${digest}\ns.example/p/app@${digest}`,
      })
      expect(Object.keys(JSON.parse(done.outputs['digests'] ?? '') as object)).toEqual(['linux/amd64', 'linux/arm64'])
      expect(done.summary).toContain('### ✅ Staged `r.example/o/app:1.2.3`')
      expect(done.io.workflow.log).toContain(
        `info: Staged r.example/o/app:1.2.3, s.example/p/app:1.2.3 for linux/amd64, linux/arm64 in 0.0 s: ${digest}`,
      )
      expect(done.leftFiles).toEqual([])
      expect(done.isUserConfigUnchanged).toBe(true)
    },
  )

  test('sets only the outputs of a stage', async () => {
    const done = await run([memoryRegistry({host: 'r.example'})])
    expect(Object.keys(done.outputs)).not.toEqual(expect.arrayContaining(['moved-tags']))
    expect(Object.keys(done.outputs)).not.toEqual(expect.arrayContaining(['kept-tags']))
  })

  test('builds a pull request without staging it', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const done = await run([registry], {}, {event: 'pull-request'})
    expect(done.failure).toBeUndefined()
    expect(done.programs).toContain('buildx build')
    expect(registry.requests).toEqual([])
    expect(done.outputs).toMatchObject({pushed: 'false', image: '', images: ''})
    expect(done.summary).toContain('### ✅ Built `r.example/o/app:pr-2`, not pushed')
  })

  test('stages the image of a pushing output without a name, without a tag', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const done = await run([registry], {outputs: 'type=registry,compression=zstd'})
    expect(done.failure).toBeUndefined()
    expect(done.outputs['digest']).toMatch(/^sha256:/)
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  interface Row {
    readonly name: string
    readonly inputs?: Readonly<Record<string, string>>
    readonly scenario?: Partial<Scenario>
    readonly code: string
    readonly says: string
    readonly isBuilt: boolean
  }
  const rows: readonly Row[] = [
    {
      name: 'a builder without staging',
      scenario: {builder: 'inspect-docker-driver'},
      code: 'builder-unsuited',
      says: 'its engine has no containerd image store',
      isBuilt: false,
    },
    {
      name: 'an image without one of the platforms',
      scenario: {image: {platforms: ['linux/arm64']}},
      code: 'platforms-incomplete',
      says: 'has no image for linux/amd64',
      isBuilt: true,
    },
    {
      name: 'a test that fails',
      inputs: {test: 'exit 3'},
      scenario: {program: (command) => (programOf(command) === 'bash' ? {exitCode: 3} : undefined)},
      code: 'test-failed',
      says: 'ended with code 3',
      isBuilt: true,
    },
    {
      name: 'an input of the promote',
      inputs: {from: 'app:1'},
      code: 'input-invalid',
      says: 'from',
      isBuilt: false,
    },
  ]
  test.each(rows)('is an error: $name', async ({inputs = {}, scenario = {}, code, says, isBuilt}) => {
    const registry = memoryRegistry({host: 'r.example'})
    const done = await run([registry], inputs, scenario)
    expect(done.failure?.code).toBe(code)
    expect(done.failure?.evidence.join('\n')).toContain(says)
    expect(done.programs.includes('buildx build')).toBe(isBuilt)
    expect(registry.tagsOf('o/app')).toEqual({})
    if (!isBuilt) expect(registry.requests.filter(isWrite)).toEqual([])
    expect(done.outputs['pushed'] ?? 'false').toBe('false')
    expect(done.leftFiles).toEqual([])
  })
})
