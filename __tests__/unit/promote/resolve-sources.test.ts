import {describe, expect, test} from '@jest/globals'
import type {PromoteSource} from '../../../src/inputs/promote-inputs.ts'
import {digestOf, isDigest} from '../../../src/oci/digest.ts'
import {annotatedFacts, factKeys} from '../../../src/oci/image-facts.ts'
import {field, parseJson} from '../../../src/oci/manifest.ts'
import {resolveSources, type ResolvedSources} from '../../../src/promote/resolve-sources.ts'
import {
  makeImage,
  memoryNetwork,
  memoryRegistry,
  type TestImage,
  type MemoryRegistry,
} from '../../../testing/memory-registry.ts'
import type {TagRef} from '../../../src/oci/reference.ts'
import {testClients} from '../../../testing/registry-client.ts'
import {digest, repository} from '../../../testing/states.ts'

const labels = {[factKeys.revision]: 'a'.repeat(40), [factKeys.commitDate]: '2019-05-01T00:00:00Z'}
const amd64 = makeImage({platforms: ['linux/amd64'], labels})
const arm64 = makeImage({platforms: ['linux/arm64'], labels})
const target = repository('r.example/o/app')

function source(image: Pick<TestImage, 'digest'>, name?: string): PromoteSource {
  return {kind: 'digest', digest: image.digest, repository: name === undefined ? undefined : repository(name)}
}

interface Options {
  readonly registries: readonly MemoryRegistry[]
  readonly repositories?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly hasStandard?: boolean
  readonly releases?: readonly TagRef[]
}

async function resolve(
  sources: readonly PromoteSource[],
  {registries, repositories = ['r.example/o/app'], annotations = {}, hasStandard = true, releases = []}: Options,
): Promise<ResolvedSources> {
  const clients = testClients(memoryNetwork(registries))
  const onLeftOut = (line: string): void => {
    throw new Error(line)
  }
  const request = {sources, repositories: repositories.map(repository), annotations, hasStandard, releases, onLeftOut}
  return resolveSources(request, clients)
}

function registryWith(images: readonly TestImage[], host = 'r.example'): MemoryRegistry {
  const registry = memoryRegistry({host})
  for (const image of images) registry.store('o/app', image)
  return registry
}

function writes({requests}: MemoryRegistry): readonly string[] {
  return requests.filter(({method}) => method !== 'GET' && method !== 'HEAD').map(({path}) => path)
}

describe('one source', () => {
  test('is not changed, and nothing is written to its repository', async () => {
    const registry = registryWith([arm64])
    const resolved = await resolve([source(arm64)], {registries: [registry], annotations: {a: 'b'}})
    expect(resolved).toMatchObject({
      content: {digest: arm64.digest, mediaType: arm64.mediaType},
      platform: {os: 'linux', architecture: 'arm64'},
      facts: {revision: 'a'.repeat(40), commitDate: '2019-05-01T00:00:00Z'},
      repository: target,
    })
    expect(Buffer.from(arm64.bytes).equals(resolved.content.bytes)).toBe(true)
    await resolved.copyTo([target])
    expect(writes(registry)).toEqual([])
  })

  test('is found in one of the repositories, and copied to the others', async () => {
    const [one, two] = [registryWith([]), registryWith([amd64], 's.example')]
    const repositories = ['r.example/o/app', 's.example/o/app']
    const resolved = await resolve([source(amd64)], {registries: [one, two], repositories})
    await resolved.copyTo(repositories.map(repository))
    expect(one.snapshot()['o/app']).toEqual(two.snapshot()['o/app'])
    expect(writes(two)).toEqual([])
  })

  test('of another repository is copied without its tags', async () => {
    const registry = registryWith([])
    registry.store('o/staging', amd64)
    const resolved = await resolve([source(amd64, 'r.example/o/staging')], {registries: [registry]})
    await resolved.copyTo([target])
    expect(registry.manifest('o/app', amd64.digest)?.bytes.equals(amd64.bytes)).toBe(true)
    expect(registry.tagsOf('o/app')).toEqual({})
  })

  test('by tag is the current image of the tag', async () => {
    const registry = registryWith([])
    registry.store('o/app', amd64, ['rc'])
    const reference = {repository: target, tag: 'rc'}
    const resolved = await resolve([{kind: 'tag', reference}], {registries: [registry]})
    expect(resolved.content.digest).toBe(amd64.digest)
  })
})

describe('several sources', () => {
  test('become one index without the standard annotations, which still states the commit', async () => {
    const registry = registryWith([arm64, amd64])
    const {content} = await resolve([source(arm64), source(amd64)], {registries: [registry], hasStandard: false})
    const annotations = field(parseJson(content.bytes), 'annotations')
    expect(field(annotations, factKeys.revision)).toBeUndefined()
    expect(annotatedFacts(content.bytes).revision).toBe(labels[factKeys.revision])
  })

  test('become one index with their annotations and facts, in every repository', async () => {
    const registries = [registryWith([amd64, arm64]), registryWith([], 's.example')]
    const repositories = ['r.example/o/app', 's.example/o/app']
    const annotations = {a: 'b', [factKeys.revision]: 'of the promote'}
    const resolved = await resolve([source(arm64), source(amd64)], {registries, repositories, annotations})
    const index = parseJson(resolved.content.bytes)
    expect(field(index, 'manifests')).toMatchObject([{digest: amd64.digest}, {digest: arm64.digest}])
    expect(field(index, 'annotations')).toEqual({a: 'b', ...labels})
    expect(resolved.platform).toBeUndefined()
    await resolved.copyTo(repositories.map(repository))
    const {digest: top} = resolved.content
    for (const registry of registries) {
      expect(registry.snapshot()['o/app']?.manifests).toEqual([amd64.digest, arm64.digest, top].sort())
      expect(registry.tagsOf('o/app')).toEqual({})
    }
  })

  test.each([
    {
      name: 'all of their platforms',
      builds: ['context=. platforms=linux/amd64', 'context=. platforms=linux/arm64'],
      expected: 'context=. platforms=linux/amd64,linux/arm64',
    },
    {
      name: 'one file per platform',
      builds: ['file=a platform=linux/amd64', 'file=b platform=linux/arm64'],
      expected: 'file=a|b platforms=linux/amd64,linux/arm64',
    },
    {name: 'unknown if one of them does not state it', builds: ['context=.', undefined], expected: undefined},
  ])('have a common build definition and common tags: $name', async ({builds, expected}) => {
    const labelSets = builds.map((build, index) => ({
      [factKeys.tags]: index === 0 ? '1.2.3' : '1.2.3,1.2.3-x',
      ...(build === undefined ? {} : {[factKeys.build]: build}),
    }))
    const images = labelSets.map((facts, index) =>
      makeImage({platforms: [index === 0 ? 'linux/amd64' : 'linux/arm64'], labels: {...labels, ...facts}}),
    )
    const {content, facts} = await resolve(
      images.map((image) => source(image)),
      {registries: [registryWith(images)]},
    )
    expect(facts).toMatchObject({tags: '1.2.3,1.2.3-x', build: expected})
    const annotations = field(parseJson(content.bytes), 'annotations')
    expect(field(annotations, factKeys.tags)).toBe('1.2.3,1.2.3-x')
    expect(field(annotations, factKeys.build)).toEqual(expected)
  })

  test('of one index become an index again', async () => {
    const whole = makeImage({platforms: ['linux/amd64', 'linux/arm64'], labels})
    const registry = registryWith([whole])
    const children = [...whole.platforms.values()].map((child) => source({digest: child}))
    const resolved = await resolve(children, {registries: [registry]})
    expect(field(parseJson(resolved.content.bytes), 'manifests')).toHaveLength(2)
    expect(isDigest(resolved.content.digest)).toBe(true)
  })

  test('without a revision are combined', async () => {
    const plain = ['linux/amd64', 'linux/arm64'].map((platform) => makeImage({platforms: [platform]}))
    const resolved = await resolve(
      plain.map((image) => source(image)),
      {registries: [registryWith(plain)]},
    )
    expect(resolved.facts.revision).toBeUndefined()
    expect(field(parseJson(resolved.content.bytes), 'annotations')).toBeUndefined()
  })
})

describe('a source that cannot be promoted', () => {
  const withoutRevision = makeImage({platforms: ['linux/arm64']})
  const twin = makeImage({platforms: ['linux/amd64'], labels, text: 'twin'})
  const reference = {repository: target, tag: 'none'}
  const rows: readonly {
    readonly name: string
    readonly sources: readonly PromoteSource[]
    readonly code: string
    readonly evidence: readonly unknown[]
  }[] = [
    {
      name: 'a digest that no repository has',
      sources: [source({digest: digest('0')})],
      code: 'source-missing',
      evidence: [`r.example/o/app does not have ${digest('0')}`],
    },
    {
      name: 'a tag that does not exist',
      sources: [{kind: 'tag', reference}],
      code: 'source-missing',
      evidence: ['r.example/o/app:none does not exist'],
    },
    {
      name: 'one with a revision and one without',
      sources: [source(amd64), source(withoutRevision)],
      code: 'sources-mixed',
      evidence: [
        `${amd64.digest} is of revision ${'a'.repeat(40)}`,
        `${withoutRevision.digest} is of revision unknown`,
      ],
    },
    {
      name: 'two images for one platform',
      sources: [source(amd64), source(twin)],
      code: 'sources-mixed',
      evidence: [expect.stringContaining('linux/amd64')],
    },
  ]
  test('an index with an image by another digest algorithm', async () => {
    const entry = {mediaType: amd64.mediaType, digest: `sha512:${'a'.repeat(128)}`, size: 1}
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests: [entry]}))
    const index = {...amd64, digest: digestOf(bytes), mediaType, bytes}
    const registry = registryWith([{...index, manifests: [...amd64.manifests, index]}])
    await expect(resolve([source(index)], {registries: [registry]})).rejects.toMatchObject({
      code: 'source-missing',
      evidence: [expect.stringMatching(new RegExp(`${index.digest} .*sha512`))],
    })
  })

  test.each(rows)('$name', async ({sources, code, evidence}) => {
    const registry = registryWith([amd64, withoutRevision, twin])
    await expect(resolve(sources, {registries: [registry]})).rejects.toMatchObject({code, evidence})
    expect(writes(registry)).toEqual([])
  })
})
