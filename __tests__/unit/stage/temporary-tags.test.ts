import {describe, expect, test} from '@jest/globals'
import type {Io} from '../../../src/io/io.ts'
import {promote} from '../../../src/commands/promote.ts'
import {publish} from '../../../src/commands/publish.ts'
import {stage} from '../../../src/commands/stage.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {
  programOf,
  runCommand,
  valuesOf,
  type BuilderFixture,
  type CommandRun,
  type Scenario,
} from '../../../testing/command-run.ts'
import {makeImage, memoryRegistry, type Fault, type MemoryRegistry} from '../../../testing/memory-registry.ts'

const given = {
  images: 'r.example/o/app',
  registry: 'r.example',
  username: 'mona',
  password: 'canary-1',
  platforms: 'linux/amd64,linux/arm64',
  tags: 'type=semver,pattern={{version}}',
}
const builders: readonly {
  readonly builder: BuilderFixture
  readonly readable: boolean
  readonly builds: number
  /** Builds if the first registry shows the image. */
  readonly shown: number
}[] = [
  {builder: 'inspect-containerd-store', readable: true, builds: 1, shown: 1},
  {builder: 'inspect-containerd-store', readable: false, builds: 1, shown: 1},
  {builder: 'inspect-remote', readable: true, builds: 1, shown: 1},
  // The builder pushes the image, which cannot be read in the registry: it is pushed again with a tag.
  {builder: 'inspect-remote', readable: false, builds: 3, shown: 2},
]

async function run(
  command: (io: Io) => Promise<void>,
  registries: readonly MemoryRegistry[],
  inputs: object = {},
  scene: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(command, {...scene, registries, inputs: {...given, ...inputs}})
}

function buildsOf({programs}: CommandRun): number {
  return programs.filter((program) => program === 'buildx build').length
}

function noticesOf({io}: CommandRun): readonly string[] {
  return io.workflow.log.filter((line) => line.startsWith('notice: ') && line.includes('tagboat-stage-'))
}

describe('a registry that hides untagged images', () => {
  test.each(builders)(
    'has a temporary tag during the test: $builder, readable: $readable',
    async ({builder, readable, builds}) => {
      const registry = memoryRegistry({host: 'r.example', hidesUntagged: true})
      let atTest: readonly string[] = []
      const done = await run(
        publish,
        [registry],
        {test: 'true'},
        {
          builder,
          readable,
          program: (command) => {
            if (programOf(command) !== 'bash') return undefined
            atTest = Object.keys(registry.tagsOf('o/app'))
            return {}
          },
        },
      )
      expect(done.failure).toBeUndefined()
      expect(atTest).toEqual([expect.stringMatching(/^tagboat-stage-[0-9a-f]+$/)])
      const {digest = ''} = done.outputs
      expect(registry.tagsOf('o/app')).toEqual({'1.2.3': digest, latest: digest})
      expect(buildsOf(done)).toBe(builds)
      expect(noticesOf(done)).toEqual([])
    },
  )

  test.each(builders)(
    'with another registry that needs none: $builder, readable: $readable',
    async ({builder, readable, shown}) => {
      const [one, two] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 's.example', hidesUntagged: true})]
      const done = await run(publish, [one, two], {images: 'r.example/o/app\ns.example/p/app'}, {builder, readable})
      expect(done.failure).toBeUndefined()
      const {digest = ''} = done.outputs
      const tags = {'1.2.3': digest, latest: digest}
      expect(one.tagsOf('o/app')).toEqual(tags)
      expect(two.tagsOf('p/app')).toEqual(tags)
      expect(one.moves.map(({tag}) => tag).sort()).toEqual(['1.2.3', 'latest'])
      expect(buildsOf(done)).toBe(shown)
    },
  )

  test.each(builders)(
    'keeps the temporary tag of a stage for the promotion: $builder, readable: $readable',
    async ({builder, readable}) => {
      const registry = memoryRegistry({host: 'r.example', hidesUntagged: true})
      const staged = await run(stage, [registry], {}, {builder, readable})
      expect(staged.failure).toBeUndefined()
      const [temporary = ''] = Object.keys(registry.tagsOf('o/app'))
      expect(noticesOf(staged)).toEqual([expect.stringContaining(`r.example/o/app:${temporary} `)])
      const {digest = ''} = staged.outputs
      const done = await run(promote, [registry], {digests: digest}, {builds: false})
      expect(done.failure).toBeUndefined()
      expect(registry.tagsOf('o/app')).toEqual({'1.2.3': digest, latest: digest, [temporary]: digest})
    },
  )

  test('receives an image that is promoted from another registry', async () => {
    const labels = {[factKeys.revision]: 'a'.repeat(40), [factKeys.commitDate]: '2019-05-01T00:00:00Z'}
    const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], labels})
    const [from, to] = [memoryRegistry({host: 's.example'}), memoryRegistry({host: 'r.example', hidesUntagged: true})]
    from.store('p/app', image, ['staging'])
    const done = await run(promote, [from, to], {from: 's.example/p/app:staging'}, {builds: false})
    expect(done.failure).toBeUndefined()
    expect(to.tagsOf('o/app')).toEqual({'1.2.3': image.digest, latest: image.digest})
  })

  test('keeps the temporary tag with a notice if it cannot delete tags', async () => {
    const registry = memoryRegistry({host: 'r.example', hidesUntagged: true, deletes: {tags: false}})
    const done = await run(publish, [registry])
    expect(done.failure).toBeUndefined()
    expect(noticesOf(done)).toEqual([expect.stringContaining('could not be removed')])
  })

  test('gets its tags again if it deletes all tags of an image together', async () => {
    const registry: MemoryRegistry = memoryRegistry({
      host: 'r.example',
      hidesUntagged: true,
      fault: ({method, path}): Fault | undefined => {
        if (method !== 'DELETE' || !path.includes('/manifests/tagboat-stage-')) return undefined
        registry.endpoint.core.store.repositories.get('o/app')?.tags.clear()
        return {kind: 'answer', status: 202}
      },
    })
    const done = await run(publish, [registry])
    expect(done.failure).toBeUndefined()
    const {digest = ''} = done.outputs
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': digest, latest: digest})
  })

  test('needs no temporary tag if it shows the image after a delay', async () => {
    const asked = new Map<string, number>()
    const registry = memoryRegistry({
      host: 'r.example',
      fault: ({method, path}) => {
        if (method !== 'GET' || !path.includes('/manifests/sha256:')) return undefined
        const count = (asked.get(path) ?? 0) + 1
        asked.set(path, count)
        return count <= 2 ? {kind: 'answer', status: 404} : undefined
      },
    })
    const done = await run(stage, [registry], {}, {builder: 'inspect-remote'})
    expect(registry.moves).toEqual([])
    expect(buildsOf(done)).toBe(1)
  })
})

describe('any other registry', () => {
  test.each(builders)('receives no additional request: $builder, readable: $readable', async ({builder, readable}) => {
    const registry = memoryRegistry({host: 'r.example'})
    const done = await run(publish, [registry], {}, {builder, readable})
    const {digest = ''} = done.outputs
    const reads = registry.requests.filter(
      ({method, path}) => method === 'GET' && path.endsWith(`/manifests/${digest}`),
    )
    expect(reads).toHaveLength(1)
    const builds = done.io.processes.commands.filter((command) => programOf(command) === 'buildx build')
    expect(builds.flatMap((command) => valuesOf(command, '--output')).join()).not.toContain('tagboat-stage')
  })
})
