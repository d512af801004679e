import {describe, expect, test} from '@jest/globals'
import {promote} from '../../../src/commands/promote.ts'
import {factKeys} from '../../../src/oci/image-facts.ts'
import {field, parseJson} from '../../../src/oci/manifest.ts'
import {runCommand, type CommandRun, type Scenario} from '../../../testing/command-run.ts'
import {
  makeImage,
  memoryRegistry,
  type ImageContent,
  type TestImage,
  type MemoryRegistry,
  type RecordedRequest,
} from '../../../testing/memory-registry.ts'

/** Commit other than that of the promoting run. */
const sha = 'a'.repeat(40)
const runSha = '6113728f27ae82c7b1a177c8d03f9e96e0adf246'
const given = {
  images: 'r.example/o/app',
  registry: 'r.example',
  username: 'mona',
  password: 'canary-1',
  tags: 'type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}',
}
const both = 'linux/amd64,linux/arm64'

const commitLabels = {
  [factKeys.revision]: sha,
  [factKeys.commitDate]: '2019-05-01T00:00:00Z',
  [factKeys.runId]: '77',
  [factKeys.ref]: 'refs/tags/v1.2.3',
}

function imageOf(
  platforms: readonly string[],
  changes: Partial<ImageContent> & {readonly revision?: string} = {},
): TestImage {
  const {revision = sha, ...content} = changes
  const labels = {...commitLabels, [factKeys.revision]: revision}
  return makeImage({platforms, labels, ...content})
}

function registryWith(images: readonly TestImage[], host = 'r.example', repository = 'o/app'): MemoryRegistry {
  const registry = memoryRegistry({host})
  for (const image of images) registry.store(repository, image)
  return registry
}

async function run(
  registries: readonly MemoryRegistry[],
  inputs: object,
  scenario: Partial<Scenario> = {},
): Promise<CommandRun> {
  return runCommand(promote, {...scenario, builds: false, registries, inputs: {...given, ...inputs}})
}

const [amd64, arm64] = [imageOf(['linux/amd64']), imageOf(['linux/arm64'])]
const whole = imageOf(['linux/amd64', 'linux/arm64'])

function isTagWrite({method, path}: RecordedRequest): boolean {
  return method === 'PUT' && /\/manifests\/(?!sha256:)/.test(path)
}

/** Reports whether a request changes the registry. The preflight starts an upload, and cancels it. */
function isWrite({method, path}: RecordedRequest): boolean {
  return method !== 'GET' && method !== 'HEAD' && !path.includes('/blobs/uploads/')
}

describe('promote', () => {
  const sources: readonly {readonly name: string; readonly inputs: Readonly<Record<string, string>>}[] = [
    {name: 'a digest', inputs: {digests: whole.digest}},
    {name: 'a digest with its repository', inputs: {digests: `r.example/o/app@${whole.digest}`}},
    {name: 'the outputs of a job', inputs: {digests: JSON.stringify({digest: whole.digest, digests: '{"x":"y"}'})}},
    {
      name: 'the outputs of several jobs',
      inputs: {digests: JSON.stringify({build: {outputs: {digest: whole.digest}}})},
    },
    {name: 'the same digest twice', inputs: {digests: `${whole.digest}\n${whole.digest}`}},
    {name: 'a published reference', inputs: {from: 'r.example/o/app:staging'}},
    {name: 'a reference by digest', inputs: {from: `r.example/o/app@${whole.digest}`}},
  ]

  test.each(sources)('keeps the digest of a single source: $name', async ({inputs}) => {
    const registry = registryWith([whole])
    registry.store('o/app', whole, ['staging'])
    const {digest} = whole
    const done = await run([registry], {...inputs, platforms: both})
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toEqual({'1.2': digest, '1.2.3': digest, latest: digest, staging: digest})
    expect(done.outputs).toMatchObject({digest, image: `r.example/o/app@${digest}`, pushed: 'true'})
    expect(Object.keys(JSON.parse(done.outputs['digests'] ?? '') as object)).toEqual(['linux/amd64', 'linux/arm64'])
    expect(done.summary).toContain('### ✅ Promoted `r.example/o/app:1.2.3`')
    expect(done.programs).toEqual([])
  })

  test('pushes exact tags first', async () => {
    const registry = registryWith([whole])
    await run([registry], {digests: whole.digest})
    expect(registry.requests.filter(isTagWrite).map(({path}) => path.split('/').at(-1))[0]).toBe('1.2.3')
  })

  test('merges several digests into one index with commit and run', async () => {
    const registry = registryWith([amd64, arm64])
    const done = await run([registry], {digests: `${arm64.digest}\n${amd64.digest}`, platforms: both})
    expect(done.failure).toBeUndefined()
    const {'1.2.3': digest, ...floating} = registry.tagsOf('o/app')
    expect(floating).toEqual({'1.2': digest, latest: digest})
    expect(digest).toBe(done.outputs['digest'])
    const stored = digest === undefined ? undefined : registry.manifest('o/app', digest)
    const index = parseJson(stored?.bytes ?? Buffer.alloc(0))
    expect(field(index, 'manifests')).toMatchObject([{digest: amd64.digest}, {digest: arm64.digest}])
    expect(field(index, 'annotations')).toMatchObject({
      [factKeys.revision]: sha,
      [factKeys.commitDate]: '2019-05-01T00:00:00Z',
      [factKeys.runId]: '77',
      [factKeys.ref]: 'refs/tags/v1.2.3',
    })
    const expected = {'linux/amd64': amd64.digest, 'linux/arm64': arm64.digest}
    expect(JSON.parse(done.outputs['digests'] ?? '')).toEqual(expected)
  })

  test('an index of images that were built for several refs states none', async () => {
    const ofBranch = makeImage({
      platforms: ['linux/arm64'],
      labels: {...commitLabels, [factKeys.ref]: 'refs/heads/main'},
    })
    const registry = registryWith([amd64, ofBranch])
    await run([registry], {digests: `${amd64.digest}\n${ofBranch.digest}`})
    const {'1.2.3': digest} = registry.tagsOf('o/app')
    const stored = digest === undefined ? undefined : registry.manifest('o/app', digest)
    const index = parseJson(stored?.bytes ?? Buffer.alloc(0))
    expect(field(index, 'annotations')).toHaveProperty([factKeys.runId], '77')
    expect(field(index, 'annotations')).not.toHaveProperty([factKeys.ref])
  })

  test('creates the same index for any order of the sources, and a second run changes nothing', async () => {
    const registry = registryWith([amd64, arm64])
    const first = await run([registry], {digests: `${arm64.digest}\n${amd64.digest}`})
    const moves = registry.moves.length
    const second = await run([registry], {digests: `${amd64.digest}\n${arm64.digest}`})
    expect(second.failure).toBeUndefined()
    expect(second.outputs['digest']).toEqual(first.outputs['digest'])
    expect(registry.moves.length).toEqual(moves)
    expect(second.outputs).toMatchObject({pushed: 'false', 'moved-tags': '[]'})
    expect(second.summary).toContain('### ✅ Already promoted `r.example/o/app:1.2.3`')
  })

  test('copies an image from another registry without its tag', async () => {
    const source = registryWith([], 's.example')
    source.store('p/app', whole, ['1.2.3-staging'])
    const [one, two] = [memoryRegistry({host: 'r.example'}), memoryRegistry({host: 't.example'})]
    const inputs = {from: 's.example/p/app:1.2.3-staging', images: 'r.example/o/app\nt.example/q/app', platforms: both}
    const done = await run([source, one, two], inputs)
    expect(done.failure).toBeUndefined()
    const tags = {'1.2': whole.digest, '1.2.3': whole.digest, latest: whole.digest}
    expect(one.tagsOf('o/app')).toEqual(tags)
    expect(two.tagsOf('q/app')).toEqual(tags)
    expect(one.snapshot()['o/app']?.blobs).toEqual([...whole.blobs.keys()].sort())
    expect(source.requests.filter(({method}) => method !== 'GET' && method !== 'HEAD')).toEqual([])
  })

  test('reports the platform of a single image', async () => {
    const registry = registryWith([arm64])
    const done = await run([registry], {digests: arm64.digest, platforms: 'linux/arm64'})
    expect(done.failure).toBeUndefined()
    expect(JSON.parse(done.outputs['digests'] ?? '')).toEqual({'linux/arm64': arm64.digest})
  })

  test.each([
    {name: 'of another commit', image: whole},
    {name: 'that does not state its commit', image: makeImage({platforms: ['linux/amd64']})},
  ])('omits commit tags for an image $name', async ({image}) => {
    const registry = registryWith([image])
    const done = await run([registry], {digests: image.digest, tags: 'type=sha\nreviewed'})
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')).toEqual({reviewed: image.digest})
    expect(done.outputs['tags']).not.toContain('sha-')
    expect(done.io.workflow.log).toContainEqual(
      expect.stringMatching(/^notice: r\.example\/o\/app:sha-6113728 is not created/),
    )
  })

  test('reports the published image if another build of the commit was published before', async () => {
    const registry = registryWith([])
    registry.store('o/app', whole, ['1.2.3', '1.2', 'latest'])
    const again = imageOf(['linux/amd64', 'linux/arm64'], {text: 'again'})
    registry.store('o/app', again)
    const done = await run([registry], {digests: again.digest})
    expect(done.failure).toBeUndefined()
    const {digest} = whole
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': digest, '1.2': digest, latest: digest})
    expect(done.outputs).toMatchObject({digest, image: `r.example/o/app@${digest}`, pushed: 'false'})
  })

  test('logs a notice with both digests', async () => {
    const registry = registryWith([])
    registry.store('o/app', whole, ['1.2.3', '1.2', 'latest'])
    const again = imageOf(['linux/amd64', 'linux/arm64'], {text: 'again'})
    registry.store('o/app', again)
    const done = await run([registry], {digests: again.digest})
    expect(done.io.workflow.log).toContain(
      `notice: r.example/o/app: the release keeps ${whole.digest}, which was published before, instead of ${again.digest}.`,
    )
  })

  test.each([
    {name: 'the same', said: {[factKeys.version]: '1.2.3'}},
    {name: 'one of several', said: {[factKeys.version]: '1.2.2,pep440:1.2.3'}},
    {name: 'a pre-release of it', said: {[factKeys.version]: '1.2.3-rc.1'}},
    {name: 'a tag with affixes', said: {'org.opencontainers.image.version': 'api-1.2.3-staging'}},
    {name: 'none', said: {'org.opencontainers.image.version': 'main'}},
  ])('promotes an image with this version: $name', async ({said}) => {
    const image = makeImage({platforms: ['linux/amd64'], labels: {[factKeys.revision]: sha, ...said}})
    const registry = registryWith([image])
    const done = await run([registry], {digests: image.digest})
    expect(done.failure).toBeUndefined()
    expect(registry.tagsOf('o/app')['1.2.3']).toBe(image.digest)
  })

  test('logs a plan with the sources and without labels', async () => {
    const done = await run([registryWith([whole])], {digests: whole.digest, 'dry-run': 'true'})
    const log = done.io.workflow.log.join('\n')
    expect(log).toContain(whole.digest)
    expect(log).not.toMatch(/\d labels|image\.created=/)
  })

  test('rejects an index with a missing image before any tag moves', async () => {
    const registry = memoryRegistry({
      host: 'r.example',
      fault: ({method, path}) =>
        method === 'GET' && path.endsWith(whole.platforms.get('linux/arm64') ?? '')
          ? {kind: 'answer', status: 404}
          : undefined,
    })
    registry.store('o/app', whole)
    const done = await run([registry], {digests: whole.digest})
    expect(done.failure?.code).toBe('publish-unverified')
    expect(registry.requests.filter(isTagWrite)).toEqual([])
  })

  test('compares the commit of the image on GitHub', async () => {
    const registry = registryWith([whole])
    registry.store('o/app', imageOf(['linux/amd64'], {revision: 'b'.repeat(40)}), ['stable'])
    const asked: unknown[] = []
    const compare = async (_owner: string, _name: string, commits: object): Promise<string> => {
      asked.push(commits)
      return Promise.resolve('ahead')
    }
    const inputs = {digests: whole.digest, tags: 'type=raw,value=stable', 'github-token': 'canary-3'}
    const done = await run([registry], inputs, {gitHub: {compare}})
    expect(done.failure).toBeUndefined()
    expect(asked).toEqual([{base: 'b'.repeat(40), head: sha}])
    expect(registry.tagsOf('o/app')['stable']).toBe(whole.digest)
  })

  test.each([
    {onStale: 'skip', expected: '1.2.3'},
    {onStale: 'overwrite', expected: '1.2.2'},
  ])('rolls back to 1.2.2 with the recipe, on-stale $onStale: $expected', async ({onStale, expected}) => {
    const of = (version: string): TestImage =>
      makeImage({platforms: ['linux/amd64'], labels: {...commitLabels, [factKeys.version]: version}, text: version})
    const images: Readonly<Record<string, TestImage>> = {'1.2.2': of('1.2.2'), '1.2.3': of('1.2.3')}
    const registry = memoryRegistry({host: 'r.example'})
    registry.store('o/app', of('1.2.2'), ['1.2.2'])
    registry.store('o/app', of('1.2.3'), ['1.2.3', '1.2', '1', 'latest'])
    const inputs = {
      from: 'r.example/o/app:1.2.2',
      version: '1.2.2',
      tags: 'type=semver,pattern={{major}}.{{minor}}\ntype=semver,pattern={{major}}\nlatest',
      'on-stale': onStale,
    }
    const done = await run([registry], inputs, {event: 'workflow-dispatch-branch'})
    expect(done.failure).toBeUndefined()
    const digest = images[expected]?.digest
    expect(registry.tagsOf('o/app')).toMatchObject({'1.2': digest, '1': digest, latest: digest})
  })

  test('sets only the outputs of a promotion', async () => {
    const done = await run([registryWith([whole])], {digests: whole.digest})
    const names = Object.keys(done.outputs)
    for (const name of ['labels', 'metadata', 'imageid', 'bake-file']) expect(names).not.toContain(name)
    expect([...done.io.workflow.state.keys()]).toEqual([])
  })

  test('does not print secrets', async () => {
    const registry = memoryRegistry({host: 'r.example', auth: {kind: 'basic', users: {mona: 'canary-1'}}})
    registry.store('o/app', whole)
    const done = await run([registry], {digests: whole.digest, 'github-token': 'canary-3'})
    expect(done.failure).toBeUndefined()
    const {log, outputs} = done.io.workflow
    expect(JSON.stringify([log, [...outputs], done.summary])).not.toContain('canary')
  })

  test.each([
    {name: 'a pull request', scenario: {event: 'pull-request'}, inputs: {digests: whole.digest}},
    {name: 'a pull request with nothing staged', scenario: {event: 'pull-request'}, inputs: {}},
    {name: 'a dry run', scenario: {}, inputs: {digests: whole.digest, 'dry-run': 'true'}},
    {name: 'a deleted branch', scenario: {event: 'push-branch-deleted'}, inputs: {digests: whole.digest}},
  ])('sends no request and changes nothing: $name', async ({scenario, inputs}) => {
    const registry = registryWith([whole])
    const done = await run([registry], {...inputs, tags: ''}, scenario)
    expect(done.failure).toBeUndefined()
    expect(registry.requests).toEqual([])
    expect(done.programs).toEqual([])
    expect(done.outputs['pushed']).toBe('false')
    expect(done.summary).not.toContain('### ✅')
  })
})

describe('a rejected promotion', () => {
  const foreign = imageOf(['linux/arm64'], {revision: 'c'.repeat(40)})
  const twin = imageOf(['linux/amd64'], {text: 'another build'})
  const gone = `sha256:${'d'.repeat(64)}`
  const later = imageOf(['linux/amd64'], {annotations: {[factKeys.version]: '1.3.0'}})
  const lookalike = imageOf(['linux/amd64'], {annotations: {'org.opencontainers.image.version': '11.2.3'}})
  const rows: readonly {
    readonly name: string
    readonly inputs: Readonly<Record<string, string>>
    readonly code: string
    readonly says: readonly string[]
  }[] = [
    {
      name: 'no sources',
      inputs: {},
      code: 'source-missing',
      says: ['`digests`', '`from`'],
    },
    {
      name: 'a digest that does not exist',
      inputs: {digests: gone},
      code: 'source-missing',
      says: [`r.example/o/app does not have ${gone}`],
    },
    {
      name: 'a reference that does not exist',
      inputs: {from: 'r.example/o/app:none'},
      code: 'source-missing',
      says: ['r.example/o/app:none does not exist'],
    },
    {
      name: 'images of two commits',
      inputs: {digests: `${amd64.digest}\n${foreign.digest}`},
      code: 'sources-mixed',
      says: [`${amd64.digest} is of revision ${sha}`, `${foreign.digest} is of revision ${'c'.repeat(40)}`],
    },
    {
      name: 'two images for one platform',
      inputs: {digests: `${amd64.digest}\n${twin.digest}`},
      code: 'sources-mixed',
      says: ['linux/amd64'],
    },
    {
      name: 'a platform that is missing',
      inputs: {digests: amd64.digest, platforms: both},
      code: 'platforms-incomplete',
      says: ['has no image for linux/arm64', 'linux/amd64'],
    },
    {
      name: 'another version',
      inputs: {digests: later.digest},
      code: 'sources-mixed',
      says: [
        `${later.digest} is version 1.3.0, of revision ${sha}`,
        `r.example/o/app:1.2.3, r.example/o/app:1.2, r.example/o/app:latest, of revision ${runSha}`,
      ],
    },
    {
      name: 'an image of a version with the same ending',
      inputs: {digests: lookalike.digest},
      code: 'sources-mixed',
      says: ['is version 11.2.3'],
    },
    {
      name: 'both inputs',
      inputs: {digests: amd64.digest, from: 'r.example/o/app:x'},
      code: 'input-invalid',
      says: ['from'],
    },
    {
      name: 'JSON without a digest',
      inputs: {digests: '{"a":1}'},
      code: 'source-missing',
      says: ['`digests`'],
    },
    {
      name: 'only commit tags',
      inputs: {digests: amd64.digest, tags: 'type=sha'},
      code: 'nothing-to-tag',
      says: [`r.example/o/app:sha-6113728 is not created: it names ${runSha}`, `the image is of commit ${sha}`],
    },
  ]

  test.each(rows)('changes nothing: $name', async ({inputs, code, says}) => {
    const registry = registryWith([amd64, foreign, twin, later, lookalike])
    const done = await run([registry], inputs)
    expect(done.failure?.code).toBe(code)
    for (const text of says) expect(done.failure?.evidence.join('\n')).toContain(text)
    expect(registry.requests.filter(isWrite)).toEqual([])
    expect(registry.tagsOf('o/app')).toEqual({})
    expect(done.outputs['pushed'] ?? 'false').toBe('false')
  })

  test('an exact tag with another target', async () => {
    const legs = (target: string): readonly TestImage[] =>
      both.split(',').map((platform) => {
        const build = `context=. platforms=${platform} target=${target}`
        const labels = {...commitLabels, [factKeys.build]: build}
        return makeImage({platforms: [platform], labels, text: target})
      })
    const [standard, rootless] = [legs('standard'), legs('rootless')]
    const registry = registryWith([...standard, ...rootless])
    const digests = (images: readonly TestImage[]): string => images.map(({digest}) => digest).join('\n')
    const first = await run([registry], {digests: digests(standard)})
    const held = registry.tagsOf('o/app')
    const again = await run([registry], {digests: digests(standard)})
    const second = await run([registry], {
      digests: digests(rootless),
      tags: `${given.tags}\ntype=raw,value=1.2.3-rootless`,
    })
    expect(first.failure).toBeUndefined()
    expect(again.failure).toBeUndefined()
    expect(second.failure?.code).toBe('tag-taken')
    expect(second.failure?.evidence.join('\n')).toMatch(/built from target standard\n.*built from target rootless/)
    expect(registry.tagsOf('o/app')).toEqual(held)
  })

  test('an exact tag with another commit', async () => {
    const registry = registryWith([whole])
    const held = imageOf(['linux/amd64'], {revision: 'e'.repeat(40)})
    registry.store('o/app', held, ['1.2.3'])
    const done = await run([registry], {digests: whole.digest})
    expect(done.failure?.code).toBe('tag-taken')
    expect(registry.tagsOf('o/app')).toEqual({'1.2.3': held.digest})
    expect(done.summary).toContain('### ❌ Not promoted `r.example/o/app:1.2.3`')
  })
})
