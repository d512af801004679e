import {describe, expect, test} from '@jest/globals'
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

function isWrite({method}: RecordedRequest): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

describe('stage', () => {
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

  test('ignores existing tags', async () => {
    const registry = memoryRegistry({host: 'r.example'})
    const held = registry.putImage('o/app', {text: 'held', tags: ['1.2.3', 'latest']})
    const done = await run([registry])
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': held.digest, latest: held.digest})
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
      name: 'an input for tags',
      inputs: {'if-exists': 'skip'},
      code: 'input-invalid',
      says: 'if-exists',
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
