import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {httpClient} from '../../src/io/http.ts'
import {referrersTag} from '../../src/oci/referrers-tag.ts'
import type {RepositoryClient} from '../../src/registry/repository-client.ts'
import {enlistReferrers} from '../../src/registry/signatures/enlist-referrers.ts'
import {withDockerTypes} from '../../testing/docker-types.ts'
import {makeImage, makeReferrer, type TestImage} from '../../testing/memory-registry.ts'
import {headsOf, store} from '../../testing/next-release.ts'
import {pruneTags} from '../../testing/oci-prune.ts'
import {testClients, type TestClients} from '../../testing/registry-client.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'

/** Deletions in two releases of distribution: 2.8 deletes by digest only, and 3 deletes tags too. */
const releases = [2, 3] as const
const platforms = ['linux/amd64', 'linux/arm64']
const single = makeImage({text: 'single'})
const index = makeImage({platforms, attestations: true, text: 'index'})
const images: readonly {readonly name: string; readonly image: TestImage}[] = [
  {name: 'a manifest', image: single},
  {name: 'an index', image: index},
  {name: 'a manifest of Docker', image: withDockerTypes(single)},
  {name: 'a list of Docker', image: withDockerTypes(index)},
]

function newClients(): TestClients {
  return testClients(httpClient(new AbortController().signal, {}))
}

/** Digests of an image that do not exist. */
async function lacking(client: RepositoryClient, {manifests}: TestImage): Promise<readonly string[]> {
  const heads = await Promise.all(
    manifests.map(async ({digest}) => ((await client.head(digest)) === undefined ? [digest] : [])),
  )
  return heads.flat()
}

describe.each(releases)('distribution %d', (release) => {
  let registry: Registry
  let count = 0

  beforeAll(async () => {
    registry = await startRegistry({release})
  })

  afterAll(async () => {
    await registry.stop()
  })

  interface Repository {
    readonly clients: TestClients
    readonly client: RepositoryClient
    readonly path: string
  }

  /** New repository with an image under these tags. */
  async function repository(image: TestImage, tags: readonly string[]): Promise<Repository> {
    count += 1
    const path = `acme/app-${count}`
    const clients = newClients()
    const client = clients.of(registry.host, path)
    await store(client, image, tags)
    return {clients, client, path}
  }

  async function prune({clients, path}: Repository, ...tags: readonly string[]): ReturnType<typeof pruneTags> {
    return pruneTags({clients, host: registry.host, path, deletes: (tag) => tags.includes(tag)})
  }

  test.each(images)('removes tags of $name that others share', async ({image}) => {
    const given = await repository(image, ['latest', 'pr-12', 'pr-13', 'pr-14'])
    const {steps, failure, missing} = await prune(given, 'pr-12', 'pr-13', 'pr-14')
    expect({failure, missing}).toEqual({failure: undefined, missing: []})
    expect(steps.map(({step, outcome}) => [step.kind, outcome.kind])).toEqual([
      ['tag', 'deleted'],
      ['tag', 'deleted'],
      ['tag', 'deleted'],
    ])
    expect(await headsOf(given.client)).toEqual({latest: image.digest})
    expect(await lacking(given.client, image)).toEqual([])
    given.clients[Symbol.dispose]()
  })

  test.each(images)('deletes $name with its tags', async ({image}) => {
    const kept = makeImage({platforms, text: 'kept'})
    const given = await repository(image, ['pr-12', 'sha-860c190'])
    await store(given.client, kept, ['latest'])
    const {steps, failure} = await prune(given, 'pr-12', 'sha-860c190')
    expect(failure).toBeUndefined()
    expect(steps.map(({outcome}) => outcome.kind)).toEqual(['deleted'])
    expect(await headsOf(given.client)).toEqual({latest: kept.digest})
    // Manifests without a tag are not listed, so that another image may need them.
    expect(await lacking(given.client, image)).toEqual([image.digest])
    expect(await lacking(given.client, kept)).toEqual([])
    given.clients[Symbol.dispose]()
  })

  test('deletes the list of referrers with its subject, and no other', async () => {
    const [old, kept] = [makeImage({text: 'old'}), makeImage({text: 'kept'})]
    const given = await repository(old, ['pr-12'])
    await store(given.client, kept, ['latest'])
    for (const subject of [old, kept]) {
      const referrer = makeReferrer(subject, 'application/example')
      await store(given.client, referrer)
      await enlistReferrers(subject.digest, [referrer], given.client)
    }
    const {failure} = await prune(given, 'pr-12')
    expect(failure).toBeUndefined()
    expect(Object.keys(await headsOf(given.client)).sort()).toEqual(['latest', referrersTag(kept.digest)].sort())
    expect(await given.client.referrers(kept.digest)).toHaveLength(1)
    given.clients[Symbol.dispose]()
  })

  test('has nothing left to delete afterwards', async () => {
    const given = await repository(index, ['latest', 'pr-12'])
    await store(given.client, single, ['pr-13'])
    await prune(given, 'pr-12', 'pr-13')
    expect(await prune(given, 'pr-12', 'pr-13')).toMatchObject({steps: [], failure: undefined, missing: []})
    given.clients[Symbol.dispose]()
  })

  test('changes nothing if deletion is off', async () => {
    await using closed = await startRegistry({release, deletes: false})
    using clients = newClients()
    const client = clients.of(closed.host, 'acme/app')
    await store(client, index, ['latest', 'pr-12'])
    await store(client, single, ['pr-13'])
    const before = await headsOf(client)
    const prunes = async (...tags: readonly string[]): ReturnType<typeof pruneTags> =>
      pruneTags({clients, host: closed.host, path: 'acme/app', deletes: (tag) => tags.includes(tag)})
    expect((await prunes('pr-13')).failure?.code).toBe('prune-unsupported')
    const alone = await prunes('pr-12')
    expect(alone.failure).toBeUndefined()
    expect(alone.steps.map(({outcome}) => outcome.kind)).toEqual(['unsupported'])
    expect(await headsOf(client)).toEqual(before)
    const requests = await closed.requests()
    expect(requests.filter(({method, status}) => method === 'DELETE' && status < 300)).toEqual([])
  })
})
