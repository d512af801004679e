import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {noFacts} from '../../../src/oci/image-facts.ts'
import type {RepositoryState} from '../../../src/promote/decide/registry-state.ts'
import type {TargetTag} from '../../../src/promote/decide/tag-decision.ts'
import {stateReader, type StateReader} from '../../../src/promote/read-state.ts'
import {
  memoryRegistry,
  type ImageContent,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from '../../../testing/memory-registry.ts'
import {branchTag, commitTag, targetTag, policy, releaseTags} from '../../../testing/promotions.ts'
import {testClients} from '../../../testing/registry-client.ts'

const app = 'registry.example/app'
const annotations = {
  'org.opencontainers.image.revision': 'annotated',
  'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
  'io.github.tagboat.commit-date': '2026-01-01T00:00:00Z',
  'io.github.tagboat.run-id': '17',
  'io.github.tagboat.ref': 'refs/heads/main',
  'io.github.tagboat.version': '1.2.2',
}
const annotated = {
  revision: 'annotated',
  created: '2026-01-02T03:04:05Z',
  commitDate: '2026-01-01T00:00:00Z',
  runId: '17',
  ref: 'refs/heads/main',
  version: '1.2.2',
}

interface Reading {
  readonly registry: MemoryRegistry
  readonly asked: string[]
  readonly reader: StateReader
  readonly read: (tags: readonly TargetTag[], how?: 'read' | 'readTagStates') => Promise<RepositoryState | undefined>
}

function reading(options: MemoryRegistryOptions = {}, changes: Partial<typeof policy> = {}): Reading {
  const registry = memoryRegistry(options)
  const asked: string[] = []
  const reader: StateReader = stateReader({
    policy: {...policy, ...changes},
    revision: 'this-commit',
    findRelation: async (base, head) => {
      asked.push(`${base}...${head}`)
      return Promise.resolve('behind')
    },
    now: () => new Date(0),
  })
  const clients = testClients(registry.http(), {retries: 0})
  return {registry, asked, reader, read: async (tags, how = 'read') => (await reader[how](tags, clients))[0]}
}

const paths = ({requests}: MemoryRegistry): readonly string[] =>
  requests.map(({method, path}) => `${method} ${path.replace(/sha256:.*/, 'digest')}`)
const main = branchTag(app, 'main')

describe('the facts of an image', () => {
  test.each<{name: string; image: ImageContent; expected: object}>([
    {name: 'from the annotations of its manifest', image: {annotations}, expected: annotated},
    {
      name: 'from the annotations of its index',
      image: {annotations, platforms: ['linux/amd64', 'linux/arm64']},
      expected: annotated,
    },
    {name: 'from its labels', image: {labels: annotations}, expected: annotated},
    {
      name: 'from the labels of its first platform',
      image: {labels: annotations, platforms: ['linux/amd64', 'linux/arm64'], attestations: true},
      expected: annotated,
    },
    {
      name: 'from annotations before labels',
      image: {annotations, labels: {'org.opencontainers.image.revision': 'labelled'}},
      expected: annotated,
    },
    {
      name: 'from both, if annotations lack the revision',
      image: {annotations: {'org.opencontainers.image.created': 'yesterday'}, labels: annotations},
      expected: {...annotated, created: 'yesterday'},
    },
    {
      name: 'from the standard annotation of a full version',
      image: {annotations: {'org.opencontainers.image.version': 'v1.2.3-slim'}},
      expected: {...noFacts, version: 'v1.2.3-slim'},
    },
    {
      name: 'not from a partial version',
      image: {annotations: {'org.opencontainers.image.version': '1.2'}},
      expected: noFacts,
    },
    {name: 'as unknown without annotations and labels', image: {}, expected: noFacts},
    {
      name: 'as unknown from empty texts',
      image: {labels: {'org.opencontainers.image.revision': ''}},
      expected: noFacts,
    },
  ])('are read $name', async ({image, expected}) => {
    const {registry, read} = reading()
    const {digest} = registry.putImage('app', {...image, tag: 'main'})
    expect((await read([main]))?.tagStates.get('main')).toEqual({
      reference: main.reference,
      digest,
      relation: 'revision' in expected && expected.revision !== undefined ? 'behind' : 'unknown',
      ...expected,
    })
  })

  test('are unknown if the configuration is missing', async () => {
    const {registry, read} = reading()
    registry.putImage('app', {labels: annotations, tag: 'main'})
    registry.endpoint.core.store.repositories.get('app')?.blobs.clear()
    expect((await read([main]))?.tagStates.get('main')).toMatchObject(noFacts)
  })
})

describe('the state of a repository', () => {
  test('is empty without a repository', async () => {
    expect(await reading().read([main, ...releaseTags(app, '1.2.3')])).toMatchObject({tags: [], tagStates: new Map()})
  })

  test('has the requested tags, and the names of all tags', async () => {
    const {registry, read} = reading({pageSize: 2})
    registry.putImage('app', {annotations, tags: ['1.2.3', '1.2', 'other', 'another']})
    const state = await read(releaseTags(app, '1.2.3'))
    expect([...(state?.tagStates.keys() ?? [])]).toEqual(['1.2.3', '1.2'])
    expect(state?.tags).toEqual(['1.2', '1.2.3', 'another', 'other'])
  })

  test.each<{
    name: string
    tags: readonly TargetTag[]
    changes?: Partial<typeof policy>
    how?: 'readTagStates'
    lists: boolean
  }>([
    {name: 'lists tags for a version', tags: releaseTags(app, '1.2.3'), lists: true},
    {
      name: 'lists none for a version without exact tags',
      tags: [
        targetTag(`${app}:1`, {kind: 'version-line', scheme: 'semver', version: '1.2.3', level: 'major', affixes: []}),
        main,
      ],
      lists: false,
    },
    {name: 'lists none for a branch', tags: [main, commitTag(app, 'sha-1')], lists: false},
    {
      name: 'lists none with floating: always',
      tags: releaseTags(app, '1.2.3'),
      changes: {floating: 'always'},
      lists: false,
    },
    {
      name: 'lists none with floating: never',
      tags: releaseTags(app, '1.2.3'),
      changes: {floating: 'never'},
      lists: false,
    },
    {
      name: 'lists none for readTagStates',
      tags: releaseTags(app, '1.2.3'),
      how: 'readTagStates',
      lists: false,
    },
  ])('$name', async ({tags, changes, how, lists}) => {
    const {registry, read} = reading({}, changes)
    await read(tags, how)
    expect(paths(registry).includes('GET /v2/app/tags/list')).toBe(lists)
  })

  test('has the reason why tags are not listed', async () => {
    const {read} = reading({listsTags: false})
    const state = await read(releaseTags(app, '1.2.3'))
    expect(state?.tags).toBeUndefined()
    expect(state?.unlistedReason).toContain('registry.example does not list the tags of the repository.')
  })

  test.each<{name: string; answers: readonly (readonly string[])[]; tags: readonly string[] | undefined}>([
    {name: 'complete', answers: [['1.2.3', '1.2']], tags: ['1.2.3', '1.2']},
    {name: 'complete at the second request', answers: [['1.2'], ['1.2.3', '1.2']], tags: ['1.2.3', '1.2']},
    {name: 'discarded if it lacks an existing tag', answers: [['1.2'], ['1.2']], tags: undefined},
    {name: 'discarded if it is empty', answers: [[], []], tags: undefined},
  ])('has a list that is $name', async ({answers, tags}) => {
    let asked = 0
    const {registry, read} = reading({
      fault: ({path}) => {
        if (!path.includes('/tags/list')) return undefined
        asked += 1
        const body = JSON.stringify({name: 'app', tags: answers[asked - 1]})
        return {kind: 'answer', status: 200, when: 'before', body}
      },
    })
    registry.putImage('app', {annotations, tags: ['1.2.3', '1.2']})
    const state = await read(releaseTags(app, '1.2.3'))
    expect(state?.tags).toEqual(tags)
    const reason = 'The list of tags does not contain registry.example/app:1.2.3, which exists.'
    expect(state?.unlistedReason).toBe(tags === undefined ? reason : undefined)
    expect(asked).toBe(answers.length)
  })

  test('has a list without a tag that was deleted meanwhile', async () => {
    let heads = 0
    const {registry, read} = reading({
      fault: ({method, path}) => {
        if (method === 'HEAD' && path.endsWith('/1.2')) heads += 1
        const isGone = heads > 1 && path.endsWith('/1.2')
        if (isGone) return {kind: 'answer', status: 404}
        return path.includes('/tags/list')
          ? {kind: 'answer', status: 200, when: 'before', body: JSON.stringify({tags: ['1.2.3']})}
          : undefined
      },
    })
    registry.putImage('app', {annotations, tags: ['1.2.3', '1.2']})
    expect((await read(releaseTags(app, '1.2.3')))?.tags).toEqual(['1.2.3'])
  })

  test('is unknown if a tag is unreadable', async () => {
    const {read} = reading({fault: ({method}) => (method === 'HEAD' ? {kind: 'answer', status: 500} : undefined)})
    await expect(read([main])).rejects.toThrow(TagboatError)
  })

  test('has facts from one request each', async () => {
    const {registry, asked, read} = reading()
    registry.putImage('app', {annotations, tags: ['main', 'edge', '1.2.3']})
    const tags = [main, branchTag(app, 'edge'), ...releaseTags(app, '1.2.3')]
    await read(tags)
    await read(tags)
    expect(new Set(asked)).toEqual(new Set(['annotated...this-commit']))
    expect(paths(registry).filter((one) => one === 'GET /v2/app/manifests/digest')).toHaveLength(1)
  })

  test('has cached facts without a request', async () => {
    const {registry, reader, read} = reading()
    const {digest} = registry.putImage('app', {annotations, tag: 'main'})
    const facts = {...noFacts, revision: 'this-commit'}
    reader.cacheFacts(digest, facts)
    expect((await read([main]))?.tagStates.get('main')).toMatchObject({...facts, relation: 'identical'})
    expect(paths(registry).filter((one) => one.includes('digest'))).toEqual([])
  })

  test('has no facts of tags that are moved or overwritten without a check', async () => {
    const {registry, asked, read} = reading({}, {ifExists: 'overwrite', floating: 'always'})
    registry.putImage('app', {annotations, tags: ['1.2.3', '1.2', 'latest']})
    await read(releaseTags(app, '1.2.3'))
    expect(asked).toEqual([])
    expect(paths(registry).filter((one) => one.includes('digest'))).toEqual([])
  })

  test('reads facts again after a failure', async () => {
    let broken = true
    const {registry, read} = reading({
      fault: ({method, path}) =>
        broken && method === 'GET' && path.includes('sha256') ? {kind: 'answer', status: 500} : undefined,
    })
    registry.putImage('app', {annotations, tags: ['main']})
    await expect(read([main])).rejects.toThrow(TagboatError)
    broken = false
    expect((await read([main]))?.tagStates.get('main')?.revision).toBe('annotated')
  })
})
