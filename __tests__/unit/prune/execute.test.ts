import {describe, expect, test} from '@jest/globals'
import {retentionError} from '../../../src/errors/retention-error.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {execute, type ExecutionRequest} from '../../../src/prune/execute.ts'
import type {Execution} from '../../../src/prune/execution/execution.ts'
import type {Deletion, ImageStore} from '../../../src/prune/image-store.ts'
import {neededByNewcomers} from '../../../src/prune/execution/newcomers.ts'
import type {Listing} from '../../../src/retention/repository-content.ts'
import {makeImage, type TestImage} from '../../../testing/memory-registry.ts'
import {ociScene, storePath, type OciScene} from '../../../testing/oci-store.ts'
import {contentOf, listingStore, planning} from '../../../testing/planned-deletion.ts'

const deleted: Deletion = {kind: 'deleted'}
const kept: Deletion = {kind: 'kept', reason: 'downloads', answer: '400'}
const denied: Deletion = {kind: 'denied', answer: '403', remedy: 'Give the role Admin.'}
const failed: Deletion = {kind: 'failed', answer: '500'}

/** Index of two platforms. */
function indexOf(text: string): TestImage {
  return makeImage({platforms: ['linux/amd64', 'linux/arm64'], text})
}

function requestOf(
  scene: OciScene,
  deletes: readonly string[],
  changes: Partial<ImageStore> = {},
  others: Partial<ExecutionRequest> = {},
): ExecutionRequest {
  const content = contentOf(scene)
  const store = listingStore(scene, changes)
  const client = scene.clients.of(scene.registry.host, storePath)
  return {
    store,
    content,
    plan: planning(content, deletes),
    neededMeanwhile: async (gone) => neededByNewcomers({content, store, client}, gone),
    signal: new AbortController().signal,
    ...others,
  }
}

/** Outcomes by tag or digest. */
function outcomes({steps}: Execution): Readonly<Record<string, string>> {
  return Object.fromEntries(
    steps.map(({step, outcome}) => [step.kind === 'tag' ? step.tag : (step.tags[0] ?? step.digest), outcome.kind]),
  )
}

/** Images with one tag each: `tag-0`, `tag-1`. */
function manyImages(scene: OciScene, count: number): readonly string[] {
  return Array.from({length: count}, (_, index) => {
    const tag = `tag-${String(index).padStart(2, '0')}`
    scene.put(tag, tag)
    return tag
  })
}

/** Store whose deletions have these results in turn, and then the last one; it records the batches. */
function scripted(...results: readonly Deletion[]): Partial<ImageStore> & {readonly batches: number[]; most: number} {
  const left = [...results]
  let running = 0
  const next = (): Deletion => (left.length > 1 ? left.shift() : left[0]) ?? deleted
  const recorded = {
    batches: [] as number[],
    most: 0,
    batchSize: 1,
    async deleteImages(images: readonly unknown[]): Promise<readonly Deletion[]> {
      recorded.batches.push(images.length)
      running += 1
      recorded.most = Math.max(recorded.most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return images.map(next)
    },
    removeTag: async () => Promise.resolve(next()),
  }
  return recorded
}

describe('an execution', () => {
  test('deletes images, then platforms', async () => {
    const scene = ociScene()
    const [old, shared] = [indexOf('old'), indexOf('shared')]
    scene.registry.store(storePath, old, ['pr-12'])
    scene.registry.store(storePath, shared, ['pr-13', 'latest'])
    const execution = await execute(requestOf(scene, ['pr-12', 'pr-13']))
    expect(execution).toMatchObject({end: 'complete', failure: undefined})
    expect(execution.steps.map(({step, outcome}) => [step.kind, step.level, outcome.kind])).toEqual([
      ['image', 0, 'deleted'],
      ['tag', 0, 'deleted'],
      ['image', 1, 'deleted'],
      ['image', 1, 'deleted'],
    ])
    expect(scene.tags()).toEqual({latest: shared.digest})
    expect(scene.registry.snapshot()[storePath]?.manifests).toEqual(shared.manifests.map(({digest}) => digest).sort())
  })

  test('reads all tags once before the first deletion', async () => {
    const scene = ociScene()
    const tags = manyImages(scene, 12)
    await scene.store.list()
    const client = scene.clients.of(scene.registry.host, storePath)
    const {store} = scene
    const request = requestOf(scene, tags.slice(0, 2))
    const neededMeanwhile: ExecutionRequest['neededMeanwhile'] = async (gone) =>
      neededByNewcomers({content: request.content, store, client}, gone)
    const before = scene.registry.requests.length
    expect((await execute({...request, store, neededMeanwhile})).failure).toBeUndefined()
    const methods = scene.registry.requests.slice(before).map(({method}) => method)
    expect(methods.slice(0, methods.indexOf('DELETE')).filter((method) => method === 'HEAD')).toHaveLength(12)
    expect(Object.keys(scene.tags())).toEqual(tags.slice(2))
  })

  test('changes nothing if it is repeated', async () => {
    const scene = ociScene()
    const tags = manyImages(scene, 3)
    const request = requestOf(scene, tags.slice(1))
    await execute(request)
    const before = scene.changes().length
    expect(outcomes(await execute(request))).toEqual({'tag-01': 'gone', 'tag-02': 'gone'})
    expect(scene.registry.snapshot()[storePath]?.tags).toHaveProperty('tag-00')
    expect((await execute(requestOf(scene, []))).steps).toEqual([])
    expect(scene.changes().slice(before)).toHaveLength(2)
  })

  test('may run twice at once', async () => {
    const scene = ociScene({deletes: {tags: 400}})
    const image = indexOf('shared')
    scene.registry.store(storePath, image, ['latest', 'one', 'two'])
    const tags = manyImages(scene, 20)
    const requests = [1, 2].map(() => requestOf(scene, ['one', 'two', ...tags]))
    const executions = await Promise.all(requests.map(execute))
    expect(executions.map(({failure}) => failure)).toEqual([undefined, undefined])
    expect(scene.tags()).toEqual({latest: image.digest})
    for (const {digest} of image.manifests) expect(scene.has(digest)).toBe(true)
  })

  test.each([
    {batchSize: 1, most: 8},
    {batchSize: 3, most: 2},
    {batchSize: 100, most: 1},
  ])('sends $most batches of $batchSize at a time', async ({batchSize, most}) => {
    const scene = ociScene()
    const store = scripted(deleted)
    const tags = manyImages(scene, 40)
    await execute(requestOf(scene, tags, {...store, batchSize}))
    expect(Math.max(...store.batches)).toBeLessThanOrEqual(batchSize)
    expect(store.batches.reduce((sum, size) => sum + size)).toBe(40)
    // The first batch is small, and alone.
    expect(store.batches[0]).toBeLessThanOrEqual(3)
    expect(store.most).toBeLessThanOrEqual(most)
    expect(store.most === 1).toBe(most === 1)
  })
})

describe('what is not deleted', () => {
  test.each([
    {name: 'kept by the registry', result: kept},
    {name: 'changed', result: {kind: 'changed'}},
    {name: 'denied', result: denied},
    {name: 'failed', result: failed},
  ] satisfies readonly {readonly name: string; readonly result: Deletion}[])(
    'keeps its platforms: $name',
    async ({result}) => {
      const scene = ociScene()
      const [one, two] = [indexOf('one'), indexOf('two')]
      scene.registry.store(storePath, one, ['one'])
      scene.registry.store(storePath, two, ['two'])
      const request = requestOf(scene, ['one', 'two'])
      const {store} = request
      const deleteImages: ImageStore['deleteImages'] = async (images) => {
        const results = await store.deleteImages(images.filter(({digest}) => digest !== two.digest))
        return images.map(({digest}) => (digest === two.digest ? result : (results[0] ?? failed)))
      }
      const execution = await execute({...request, store: {...store, batchSize: 1, deleteImages}})
      for (const {digest} of two.manifests) expect(scene.has(digest)).toBe(true)
      for (const {digest} of one.manifests) expect(scene.has(digest)).toBe(false)
      expect(outcomes(execution)).toMatchObject({one: 'deleted', two: result.kind})
      const platforms = execution.steps.filter(({step}) => step.level === 1)
      expect(platforms.map(({outcome}) => outcome.kind).sort()).toEqual(['deleted', 'deleted', 'spared', 'spared'])
      const isFailure = result.kind === 'denied' || result.kind === 'failed'
      expect(execution.failure?.code).toBe(isFailure ? 'prune-incomplete' : undefined)
    },
  )

  test('does not stop the others', async () => {
    const scene = ociScene()
    const tags = manyImages(scene, 12)
    const store = scripted(deleted, failed, kept, denied, denied, denied, denied, deleted)
    const execution = await execute(requestOf(scene, tags, store))
    expect(execution.end).toBe('complete')
    expect(execution.failure?.code).toBe('prune-incomplete')
    expect(execution.failure?.evidence).toHaveLength(5)
    expect(Object.values(outcomes(execution)).filter((kind) => kind === 'deleted')).toHaveLength(6)
  })

  test('is a reason, not a failure, for a tag that cannot be removed alone', async () => {
    const scene = ociScene()
    scene.put('image', 'latest', 'pr-12')
    const store = scripted({kind: 'unsupported', answer: '405'})
    const execution = await execute(requestOf(scene, ['pr-12'], store))
    expect(outcomes(execution)).toEqual({'pr-12': 'unsupported'})
    expect(execution.failure).toBeUndefined()
  })

  test('has the results before an error of the program', async () => {
    const scene = ociScene()
    const store = scripted(deleted)
    const deleteImages: ImageStore['deleteImages'] = async (images) => {
      if (store.batches.length === 2) throw new TypeError('no identifier')
      return store.deleteImages?.(images) ?? []
    }
    const execution = await execute(requestOf(scene, manyImages(scene, 30), {...store, deleteImages}))
    expect(execution).toMatchObject({end: 'failed', failure: {code: 'unexpected'}})
    expect(Object.values(outcomes(execution)).filter((kind) => kind === 'deleted').length).toBeGreaterThanOrEqual(1)
  })

  test('is the rest, if what the registry keeps needs a manifest that cannot be read', async () => {
    const scene = ociScene()
    const image = indexOf('image')
    scene.registry.store(storePath, image, ['one'])
    manyImages(scene, 2)
    const request = requestOf(scene, ['one', 'tag-00', 'tag-01'], scripted(kept))
    const plan: ExecutionRequest['plan'] = (keptBesides) => {
      const planned = request.plan(keptBesides)
      const root = {digest: image.digest, cause: {kind: 'besides'}} as const
      const unreadable = keptBesides.has(image.digest) ? [{digest: image.digest, reason: '500', root}] : []
      return {...planned, unreadable}
    }
    const execution = await execute({...request, plan})
    expect(execution).toMatchObject({end: 'failed', failure: {code: 'prune-unreadable'}})
  })
})

describe('a registry without the right or the deletion', () => {
  test.each([
    {name: 'one image at a time', batchSize: 1},
    {name: 'batches', batchSize: 100},
  ])('is asked for three images: $name', async ({batchSize}) => {
    const scene = ociScene()
    const store = scripted(denied)
    const execution = await execute(requestOf(scene, manyImages(scene, 20), {...store, batchSize}))
    expect(store.batches.reduce((sum, size) => sum + size)).toBe(3)
    expect(execution.end).toBe('failed')
    expect(execution.failure).toMatchObject({code: 'prune-denied', remedy: 'Give the role Admin.'})
    expect(execution.failure?.evidence).toHaveLength(3)
    const remaining = Object.values(outcomes(execution)).filter((kind) => kind === 'remaining')
    expect(remaining).toHaveLength(17)
  })

  test('has the error of its store', async () => {
    const scene = ociScene()
    const store = {...scripted(denied), denialCode: 'prune-denied-ghcr'} as const
    const execution = await execute(requestOf(scene, manyImages(scene, 2), store))
    expect(execution.failure?.code).toBe('prune-denied-ghcr')
  })

  test('deletes nothing if deletion is off', async () => {
    const scene = ociScene({deletes: {tags: false, manifests: false}})
    const execution = await execute(requestOf(scene, manyImages(scene, 20)))
    expect(execution).toMatchObject({end: 'failed', failure: {code: 'prune-unsupported'}})
    expect(scene.changes().length).toBeLessThanOrEqual(3)
    expect(Object.keys(scene.tags())).toHaveLength(20)
  })
})

describe('an execution ends early', () => {
  test('with its budget, without a failure', async () => {
    const scene = ociScene()
    const image = indexOf('image')
    scene.registry.store(storePath, image, ['one'])
    const tags = manyImages(scene, 5)
    const budget = async (): Promise<number> => Promise.resolve(4)
    const execution = await execute(requestOf(scene, ['one', ...tags], {batchSize: 3, budget}))
    expect(execution).toMatchObject({end: 'budget', failure: undefined})
    const done = execution.steps.map(({outcome}) => outcome.kind)
    expect(done).toEqual([...Array.from({length: 4}, () => 'deleted'), ...Array.from({length: 4}, () => 'remaining')])
  })

  test.each([
    {name: 'a result', end: async (): Promise<Deletion> => Promise.resolve({kind: 'postponed', answer: '429'})},
    {name: 'an error', end: async (): Promise<Deletion> => Promise.reject(new TagboatError('rate-limited'))},
  ])('with a rate limit in $name', async ({end}) => {
    const scene = ociScene()
    const store = scripted(deleted)
    const deleteImages: ImageStore['deleteImages'] = async (images) =>
      store.batches.length === 2 ? [await end()] : (store.deleteImages?.(images) ?? [])
    const execution = await execute(requestOf(scene, manyImages(scene, 20), {...store, deleteImages}))
    expect(execution).toMatchObject({end: 'budget', failure: undefined})
    const kinds = Object.values(outcomes(execution)).filter((kind) => kind !== 'deleted')
    expect([new Set(kinds), kinds.length > 10]).toEqual([new Set(['remaining']), true])
  })

  test.each([
    {kind: 'failed', outcome: 'failed'},
    {kind: 'postponed', outcome: 'remaining'},
  ] as const)('with an image of which a tag was removed: $kind', async ({kind, outcome}) => {
    const scene = ociScene()
    const removedTags = ['tag-00']
    const deleteImages: ImageStore['deleteImages'] = async (images) =>
      Promise.resolve(images.map(() => ({kind, answer: '500', removedTags})))
    const {steps} = await execute(requestOf(scene, manyImages(scene, 1), {deleteImages}))
    expect(steps).toMatchObject([{outcome: {kind: outcome}, removedTags}])
  })

  test('if it is cancelled, between two deletions', async () => {
    const scene = ociScene()
    const cancelling = new AbortController()
    const store = scripted(deleted)
    const deleteImages: ImageStore['deleteImages'] = async (images) => {
      if (store.batches.length === 3) cancelling.abort(new TagboatError('cancelled'))
      return store.deleteImages?.(images) ?? []
    }
    const request = requestOf(scene, manyImages(scene, 30), {...store, deleteImages}, {signal: cancelling.signal})
    const execution = await execute(request)
    expect(execution).toMatchObject({end: 'cancelled', failure: undefined})
    expect(store.batches.length).toBeLessThanOrEqual(3 + 8)
    const recorded = Object.values(outcomes(execution)).filter((kind) => kind === 'deleted')
    expect(recorded).toHaveLength(store.batches.length)
  })
})

describe('an image that appears during the execution', () => {
  const [old, newer] = [
    makeImage({platforms: ['linux/amd64', 'linux/arm64'], text: 'same'}),
    makeImage({platforms: ['linux/amd64', 'linux/arm64'], text: 'same', annotations: {made: 'later'}}),
  ]

  /** Request whose first deletion is followed by a push of another index with the same platforms. */
  function pushedMeanwhile(scene: OciScene, tags: readonly string[]): ExecutionRequest {
    scene.registry.store(storePath, old, ['old'])
    const request = requestOf(scene, ['old'])
    const deleteImages: ImageStore['deleteImages'] = async (images) => {
      const results = await request.store.deleteImages(images)
      scene.registry.store(storePath, newer, tags)
      return results
    }
    return {...request, store: {...request.store, deleteImages}}
  }

  test.each([
    {name: 'with a tag', tags: ['new']},
    {name: 'without a tag', tags: []},
  ])('keeps its platforms: $name', async ({tags}) => {
    const scene = ociScene()
    const execution = await execute(pushedMeanwhile(scene, tags))
    expect(execution.failure).toBeUndefined()
    for (const {digest} of newer.manifests) expect(scene.has(digest)).toBe(true)
    expect(execution.steps.map(({outcome}) => outcome.kind)).toEqual(['deleted', 'spared', 'spared'])
  })

  test('ends it if the list of images cannot be read', async () => {
    const scene = ociScene()
    const request = pushedMeanwhile(scene, ['new'])
    let lists = 0
    const neededMeanwhile: ExecutionRequest['neededMeanwhile'] = async (gone) => {
      lists += 1
      return lists === 1 ? request.neededMeanwhile(gone) : Promise.reject(retentionError('prune-list-cut'))
    }
    const execution = await execute({...request, neededMeanwhile})
    expect(execution).toMatchObject({end: 'failed', failure: {code: 'prune-list-cut'}})
    expect(execution.steps.map(({outcome}) => outcome.kind)).toEqual(['deleted', 'remaining', 'remaining'])
  })

  test('is looked for within the rate limit', async () => {
    const scene = ociScene()
    const neededMeanwhile = async (): Promise<never> => Promise.reject(new TagboatError('rate-limited'))
    const execution = await execute(requestOf(scene, manyImages(scene, 2), {}, {neededMeanwhile}))
    expect(execution).toMatchObject({end: 'budget', failure: undefined})
    expect(scene.changes()).toEqual([])
  })

  test('is not looked for in a cancelled run', async () => {
    const scene = ociScene()
    const cancelling = new AbortController()
    const neededMeanwhile = async (): Promise<never> => {
      cancelling.abort(new TagboatError('cancelled'))
      return Promise.reject(new TagboatError('cancelled'))
    }
    const request = requestOf(scene, manyImages(scene, 2), {}, {neededMeanwhile, signal: cancelling.signal})
    expect(await execute(request)).toMatchObject({end: 'cancelled', failure: undefined})
  })

  test('keeps an untagged platform that it names, before the first deletion', async () => {
    const scene = ociScene()
    const [platform] = newer.manifests
    if (platform === undefined) throw new Error('no platform')
    scene.registry.store(storePath, {...newer, ...platform, manifests: [platform]})
    const request = requestOf(scene, [platform.digest])
    scene.registry.store(storePath, newer, ['1.3.0'])
    const execution = await execute(request)
    expect(outcomes(execution)).toEqual({[platform.digest]: 'spared'})
    expect(scene.has(platform.digest)).toBe(true)
  })

  test('keeps the tagged platform of a deleted index that has a new tag', async () => {
    const scene = ociScene()
    const [platform] = old.manifests
    scene.registry.store(storePath, old, ['pr-1'])
    scene.registry.store(storePath, {...old, ...platform}, ['pr-1-amd64'])
    const request = requestOf(scene, ['pr-1', 'pr-1-amd64'], {list: async () => scene.store.list()})
    const deleteImages: ImageStore['deleteImages'] = async (images) => {
      const results = await request.store.deleteImages(images)
      if (images.some(({digest}) => digest === old.digest)) scene.registry.store(storePath, old, ['1.3.0'])
      return results
    }
    const execution = await execute({...request, store: {...request.store, deleteImages}})
    expect(execution.failure).toBeUndefined()
    expect(scene.tags()).toEqual({'1.3.0': old.digest})
    for (const {digest} of old.manifests) expect(scene.has(digest)).toBe(true)
  })

  /** Stores the index again without a tag, as soon as the run has deleted it. */
  const pushedAgain = (request: ExecutionRequest, scene: OciScene): ExecutionRequest => {
    const deleteImages: ImageStore['deleteImages'] = async (images) => {
      const results = await request.store.deleteImages(images)
      if (images.some(({digest}) => digest === old.digest)) scene.registry.store(storePath, old)
      return results
    }
    return {...request, store: {...request.store, deleteImages}}
  }

  test.each(['images', 'tags'])(
    'keeps what an index needs that is pushed again by digest only; listed: %s',
    async (kind) => {
      const scene = ociScene()
      const [platform] = old.manifests
      scene.registry.store(storePath, old, ['pr-1'])
      scene.registry.store(storePath, {...old, ...platform}, ['pr-1-amd64'])
      const list: Partial<ImageStore> = kind === 'tags' ? {list: async () => scene.store.list()} : {}
      const execution = await execute(pushedAgain(requestOf(scene, ['pr-1', 'pr-1-amd64'], list), scene))
      expect(execution.failure).toBeUndefined()
      expect(scene.tags()).toEqual({})
      for (const {digest} of old.manifests) expect(scene.has(digest)).toBe(true)
    },
  )

  test.each([
    {name: 'with its time', again: {pushedAt: new Date(1_000)}, kind: 'deleted'},
    {name: 'with a later time', again: {pushedAt: new Date(2_000)}, kind: 'spared'},
    {name: 'with its identifier', again: {pushedAt: undefined, id: '1'}, kind: 'deleted'},
    {name: 'with another identifier', again: {pushedAt: undefined, id: '2'}, kind: 'spared'},
  ])('a deleted index that is listed $name: its platforms are $kind', async ({again, kind}) => {
    const scene = ociScene()
    scene.registry.store(storePath, old, ['pr-1'])
    const first = {pushedAt: 'id' in again ? undefined : new Date(1_000), ...('id' in again && {id: '1'})}
    const list: ImageStore['list'] = async () => {
      const {images} = (await listingStore(scene).list()) as Extract<Listing, {kind: 'images'}>
      const others = images.filter(({digest}) => digest !== old.digest)
      const {digest} = old
      const index = scene.has(digest) ? {digest, tags: ['pr-1'], ...first} : {digest, tags: [], ...again}
      return {kind: 'images', images: [...others, index]}
    }
    const request = requestOf(scene, ['pr-1'], {list})
    const content = {
      ...request.content,
      ids: new Map('id' in again ? [[old.digest, '1']] : []),
      pushedAt: new Map('id' in again ? [] : [[old.digest, new Date(1_000)]]),
    }
    const client = scene.clients.of(scene.registry.host, storePath)
    const execution = await execute({
      ...request,
      content,
      neededMeanwhile: async (gone) => neededByNewcomers({content, store: request.store, client}, gone),
    })
    expect(execution.steps.map(({outcome}) => outcome.kind)).toEqual(['deleted', kind, kind])
  })

  test('keeps an untagged image that was pushed again before the first deletion', async () => {
    const scene = ociScene()
    const {digest} = scene.put('staged')
    const request = requestOf(scene, [digest])
    const content = {...request.content, pushedAt: new Map([[digest, new Date(1_000)]])}
    const list: ImageStore['list'] = async () =>
      Promise.resolve({kind: 'images', images: [{digest, tags: [], pushedAt: new Date(2_000)}]})
    const client = scene.clients.of(scene.registry.host, storePath)
    const neededMeanwhile: ExecutionRequest['neededMeanwhile'] = async (gone) =>
      neededByNewcomers({content, store: {list}, client}, gone)
    expect(outcomes(await execute({...request, content, neededMeanwhile}))).toEqual({[digest]: 'spared'})
  })
})
