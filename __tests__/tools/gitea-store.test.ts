import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {httpClient, type Http} from '../../src/io/http.ts'
import type {ListedImage} from '../../src/retention/repository-content.ts'
import {openGitea} from '../../src/prune/gitea/gitea-store.ts'
import type {ImageStore} from '../../src/prune/image-store.ts'
import {registryKind} from '../../src/prune/registry-kind.ts'
import {makeImage, type ImageContent, type TestImage} from '../../testing/memory-registry.ts'
import {runPrune, type PruneScenario} from '../../testing/prune-run.ts'
import {pushImage} from '../../testing/registry-client.ts'
import {startGitea, type Gitea, type GiteaScope} from '../../testing/registries/gitea.ts'
import {runPruneFlow} from '../../testing/vendors/prune-flow.ts'
import {testResources, type TestResources} from '../../testing/vendors/store-resources.ts'

/** Deletions in a real Gitea. Forgejo has the same routes for packages. */
let gitea: Gitea
let http: Http

beforeAll(async () => {
  gitea = await startGitea()
  http = httpClient(new AbortController().signal, {})
  await gitea.createUser('ci')
})

afterAll(async () => {
  http[Symbol.dispose]()
  await gitea[Symbol.asyncDispose]()
})

let names = 0

interface Opened {
  readonly store: ImageStore
  readonly resources: TestResources
  /** Pushes an image by its digests, as Tagboat stages it, and then its tags. */
  readonly push: (content: ImageContent, ...tags: readonly string[]) => Promise<TestImage>
}

/** Opens a repository with a new token of the user `ci`. */
async function open(path: string, scopes: readonly GiteaScope[] = ['write:package']): Promise<Opened> {
  names += 1
  const password = await gitea.createToken('ci', scopes, `store ${names}`)
  const resources = testResources(http, {username: 'ci', password})
  const client = resources.clients.repository({host: gitea.host, path})
  return {
    store: openGitea({host: gitea.host, path}, resources),
    resources,
    async push(content, ...tags) {
      const image = makeImage(content)
      await pushImage(client, image)
      for (const tag of tags) await client.putManifest(tag, image)
      return image
    },
  }
}

async function imagesOf(store: ImageStore): Promise<ReadonlyMap<string, ListedImage>> {
  const listing = await store.list()
  if (listing.kind !== 'images') throw new Error(listing.kind)
  return new Map(listing.images.map((image) => [image.digest, image]))
}

const platforms = ['linux/amd64', 'linux/arm64']

test('its kind is known from the ping', async () => {
  const {resources} = await open('ci/ping')
  const {challenge} = await resources.clients.host(gitea.host).endpoint()
  expect(registryKind({host: gitea.host, challenge, gitHubServer: 'https://github.com'})).toBe('gitea')
})

describe.each(['ci/app', 'ci/services/app'])('in %s', (path) => {
  test('tags, images and platforms are listed with their times', async () => {
    const {store, push} = await open(path)
    // A package whose name contains the other.
    await (await open(`${path}-other`)).push({text: 'other'}, 'x')
    const tagged = await push({platforms, attestations: true, text: 'list'}, '1.0', 'latest')
    const staged = await push({text: 'staged'})
    const images = await imagesOf(store)
    expect([...images.keys()].sort()).toEqual(
      [...tagged.manifests, ...staged.manifests].map(({digest}) => digest).sort(),
    )
    expect([...(images.get(tagged.digest)?.tags ?? [])].sort()).toEqual(['1.0', 'latest'])
    expect(images.get(staged.digest)?.tags).toEqual([])
    const ages = [...images.values()].map(({pushedAt}) => Date.now() - (pushedAt?.getTime() ?? 0))
    expect(Math.max(...ages)).toBeLessThan(600_000)
  })

  test('a tag is removed alone', async () => {
    const {store, push} = await open(path)
    const {digest} = await push({platforms, text: 'untag'}, '2.0', 'pr-2')
    expect(await store.removeTag('pr-2', digest)).toEqual({kind: 'deleted'})
    expect(await store.removeTag('pr-2', digest)).toEqual({kind: 'gone'})
    expect((await imagesOf(store)).get(digest)?.tags).toEqual(['2.0'])
  })

  test('the only tag of an image is removed, and the image stays', async () => {
    const {store, resources} = await open(path)
    const client = resources.clients.repository({host: gitea.host, path})
    const image = makeImage({text: 'tagged only'})
    await pushImage(client, {...image, manifests: []})
    await client.putManifest('only', image)
    expect(await store.removeTag('only', image.digest)).toEqual({kind: 'deleted'})
    expect(await client.head('only')).toBeUndefined()
    expect((await client.head(image.digest))?.digest).toBe(image.digest)
  })

  test('a tag that moved is not removed', async () => {
    const {store, push} = await open(path)
    const before = await push({text: 'before'}, 'main')
    const after = await push({text: 'after'}, 'main')
    expect(await store.removeTag('main', before.digest)).toEqual({kind: 'changed'})
    expect(await store.deleteImages([{digest: before.digest, tags: ['main', 'none']}])).toEqual([{kind: 'changed'}])
    expect((await imagesOf(store)).get(after.digest)?.tags).toEqual(['main'])
  })

  test('an index goes, its platforms stay', async () => {
    const {store, push, resources} = await open(path)
    const index = await push({platforms, text: 'index'}, 'pr-3', 'pr-3-again')
    const [amd, arm] = index.manifests.map(({digest}) => digest)
    expect(await store.deleteImages([{digest: index.digest, tags: ['pr-3', 'pr-3-again']}])).toEqual([
      {kind: 'deleted'},
    ])
    const left = await imagesOf(store)
    expect([index.digest, amd, arm].map((digest) => left.has(digest ?? ''))).toEqual([false, true, true])
    const children = [amd, arm].map((digest) => ({digest: digest ?? '', tags: []}))
    expect(await store.deleteImages(children)).toEqual([{kind: 'deleted'}, {kind: 'deleted'}])
    expect(await store.deleteImages(children)).toEqual([{kind: 'gone'}, {kind: 'gone'}])
    const client = resources.clients.repository({host: gitea.host, path})
    expect(await client.head(index.digest)).toBeUndefined()
  })

  test('a tag that an image gets meanwhile stays', async () => {
    const {store, push, resources} = await open(path)
    const image = await push({text: 'meanwhile'}, 'pr-4')
    const client = resources.clients.repository({host: gitea.host, path})
    await client.putManifest('4.0', image)
    expect(await store.deleteImages([{digest: image.digest, tags: ['pr-4']}])).toEqual([
      {kind: 'changed', removedTags: ['pr-4']},
    ])
    expect(await client.head('4.0')).toMatchObject({digest: image.digest})
    expect((await imagesOf(store)).get(image.digest)?.tags).toEqual(['4.0'])
  })

  test('a run deletes tags, indexes and their platforms, and leaves what other tags need', async () => {
    const {push, resources} = await open(`${path}-flow`)
    const repository = {host: gitea.host, path: `${path}-flow`}
    const old = await push({platforms, attestations: true, text: 'old'}, 'pr-7', 'pr-7-b')
    const release = await push({platforms, attestations: true, text: 'release'}, '7.0', 'pr-8')
    const untagged = await push({platforms: ['linux/amd64'], index: true, text: 'old'})
    const flow = {repository, resources, deletes: ['pr-7', 'pr-7-b', 'pr-8', untagged.digest]}
    const {execution, outcomes} = await runPruneFlow(flow)
    expect(execution.failure).toBeUndefined()
    expect(new Set(Object.values(outcomes))).toEqual(new Set(['deleted']))
    // Both indexes contain the platform.
    expect(Object.keys(outcomes)).toHaveLength(old.manifests.length + 1 + 2)
    const left = await imagesOf(openGitea(repository, resources))
    expect([...left.keys()].sort()).toEqual(release.manifests.map(({digest}) => digest).sort())
    expect(left.get(release.digest)?.tags).toEqual(['7.0'])
    expect((await runPruneFlow(flow)).execution.steps).toEqual([])
  })

  test('nothing protects the platform of an index that stays', async () => {
    const {store, push} = await open(path)
    const index = await push({platforms, text: 'broken'}, '5.0')
    expect(await store.deleteImages([{digest: index.manifests[0]?.digest ?? '', tags: []}])).toEqual([
      {kind: 'deleted'},
    ])
  })
})

test('the action prunes it', async () => {
  const {push, store} = await open('ci/action')
  const release = await push({platforms, attestations: true, text: 'release'}, '1.2.3', 'latest', 'pr-1')
  const pending = await push({platforms, text: 'pending'}, 'pr-2')
  const closed = await push({platforms, text: 'closed'}, 'pr-3')
  const staged = await push({platforms, text: 'staged'})
  const password = await gitea.createToken('ci', ['write:package'], 'of the action')
  const scenario: PruneScenario = {
    network: (signal) => httpClient(signal, {}),
    // The images are forty days old.
    now: () => new Date(Date.now() + 40 * 86_400_000),
    gitHubState: {openPulls: [2], branches: ['main']},
    inputs: {images: `${gitea.host}/ci/action`, registry: gitea.host, username: 'ci', password},
  }
  const dry = await runPrune([], scenario)
  expect([dry.failure, dry.outputs['deleted-count']]).toEqual([undefined, '3'])
  expect((await imagesOf(store)).size).toBe(5 + 3 * 3)
  const real = await runPrune([], {...scenario, inputs: {...scenario.inputs, 'dry-run': 'false', 'max-deleted': '10'}})
  expect([real.failure, real.outputs['deleted-count']]).toEqual([undefined, '3'])
  const left = await imagesOf(store)
  const kept = [...release.manifests, ...pending.manifests].map(({digest}) => digest)
  expect([...left.keys()].sort()).toEqual([...new Set(kept)].sort())
  expect([closed, staged].filter(({digest}) => left.has(digest))).toEqual([])
  expect([...(left.get(release.digest)?.tags ?? [])].sort()).toEqual(['1.2.3', 'latest'])
  expect(real.io.workflow.log.join('\n')).not.toContain(password)
})

test('the list has all pages', async () => {
  const {store, push} = await open('ci/many')
  const tags = Array.from({length: 60}, (_, number) => `t${number}`)
  const {digest} = await push({text: 'many'}, ...tags)
  const images = await imagesOf(store)
  expect([...(images.get(digest)?.tags ?? [])].sort()).toEqual([...tags].sort())
  expect(images.size).toBe(1)
})

test('read-only tokens delete nothing', async () => {
  const {push} = await open('ci/rights')
  const image = await push({text: 'rights'}, 'pr-6')
  const {store} = await open('ci/rights', ['read:package'])
  expect(await store.removeTag('pr-6', image.digest)).toMatchObject({
    kind: 'denied',
    remedy: expect.stringContaining('write:package'),
  })
  expect((await imagesOf(store)).get(image.digest)?.tags).toEqual(['pr-6'])
})

test('a token without a scope for packages lists nothing', async () => {
  const {store} = await open('ci/rights', ['read:user'])
  await expect(store.list()).rejects.toMatchObject({code: 'pull-denied'})
})

test('an unknown package has no images', async () => {
  const {store} = await open('ci/unknown')
  expect(await store.list()).toEqual({kind: 'images', images: []})
})
