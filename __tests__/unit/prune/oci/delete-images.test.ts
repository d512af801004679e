import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../../src/errors/error.ts'
import type {Deletion, DoomedImage} from '../../../../src/prune/image-store.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import {addReferrers} from '../../../../src/oci/referrers-index.ts'
import {referrersTag} from '../../../../src/oci/referrers-tag.ts'
import {enlistReferrers} from '../../../../src/registry/signatures/enlist-referrers.ts'
import {
  makeImage,
  makeReferrer,
  memoryRegistry,
  type Fault,
  type MemoryRegistryOptions,
  type RecordedRequest,
  type TestImage,
} from '../../../../testing/memory-registry.ts'
import {ociScene, storePath, type OciScene} from '../../../../testing/oci-store.ts'

const deleted: Deletion = {kind: 'deleted'}
const changed: Deletion = {kind: 'changed'}

async function only(deletions: Promise<readonly Deletion[]>): Promise<Deletion> {
  const [first, ...others] = await deletions
  if (first === undefined || others.length > 0) throw new Error('not one result')
  return first
}

function answer(status: number, code?: string, message = ''): Fault {
  return {kind: 'answer', status, ...(code !== undefined && {body: JSON.stringify({errors: [{code, message}]})})}
}

/** Registry whose deletions have faults in turn. */
function faulty(...faults: readonly (Fault | undefined)[]): MemoryRegistryOptions {
  const left = [...faults]
  return {fault: ({method}) => (method === 'DELETE' ? left.shift() : undefined)}
}

describe('the deletion of an image', () => {
  test('removes its tags and nothing else', async () => {
    const {put, store, tags, has} = ociScene()
    const doomed = put('old', 'pr-12', 'sha-860c190')
    const kept = put('new', 'latest')
    expect(await store.deleteImages([doomed])).toEqual([deleted])
    expect(tags()).toEqual({latest: kept.digest})
    expect(has(doomed.digest)).toBe(false)
  })

  test('has one result for each image, in order', async () => {
    const {put, store, tags} = ociScene()
    const [one, two, three] = [put('one', 'one'), put('two', 'two'), put('three', 'three')]
    put('two', 'latest')
    const gone = {digest: makeImage({text: 'gone'}).digest, tags: ['gone']}
    expect(await store.deleteImages([gone, one, two, three])).toEqual([{kind: 'gone'}, deleted, changed, deleted])
    expect(Object.keys(tags())).toEqual(['latest', 'two'])
  })

  test('is repeated without an effect', async () => {
    const {put, store} = ociScene()
    const doomed = put('old', 'pr-12')
    await store.deleteImages([doomed])
    expect(await store.deleteImages([doomed])).toEqual([{kind: 'gone'}])
  })

  test('is possible without tags', async () => {
    const {put, store, has} = ociScene()
    const doomed = put('old')
    put('new', 'latest')
    expect(await store.deleteImages([doomed])).toEqual([deleted])
    expect(has(doomed.digest)).toBe(false)
  })
})

describe('an image is not deleted if, since the list was read,', () => {
  const rows: readonly {readonly name: string; readonly change: (scene: OciScene, doomed: TestImage) => void}[] = [
    {
      name: 'it got a new tag',
      change: ({move}, doomed) => {
        move(doomed, '1.2.3')
      },
    },
    {
      name: 'another tag moved to it',
      change: ({move}, doomed) => {
        move(doomed, 'latest')
      },
    },
    {name: 'one of its tags moved away', change: ({put}) => put('newer', 'pr-12')},
  ]

  test.each(rows)('$name', async ({change}) => {
    const scene = ociScene()
    const doomed = scene.put('old', 'pr-12', 'sha-860c190')
    scene.put('new', 'latest')
    await scene.store.list()
    change(scene, doomed)
    const before = scene.tags()
    expect(await scene.store.deleteImages([doomed])).toEqual([changed])
    expect(scene.tags()).toEqual(before)
    expect(scene.changes()).toEqual([])
  })

  test('it got a new tag while a deletion was repeated', async () => {
    const scene: OciScene = ociScene({
      fault: ({method}) => {
        if (method !== 'DELETE') return undefined
        scene.registry.store(storePath, doomed, ['latest'])
        return answer(503)
      },
    })
    const doomed = scene.put('old', 'pr-12')
    expect(await scene.store.deleteImages([doomed])).toEqual([changed])
    expect(scene.tags()).toEqual({latest: doomed.digest, 'pr-12': doomed.digest})
    expect(scene.changes()).toHaveLength(1)
  })

  test('but one of its tags may be gone', async () => {
    const {put, store, registry} = ociScene()
    const doomed = put('old', 'pr-12', 'sha-860c190')
    const missing = {...doomed, tags: [...doomed.tags, 'deleted-meanwhile']}
    expect(await store.deleteImages([missing])).toEqual([deleted])
    expect(registry.tagsOf(storePath)).toEqual({})
  })
})

describe('an answer to a deletion', () => {
  const rows: readonly {readonly fault: Fault; readonly name: string; readonly expected: object}[] = [
    {name: 'deletion is off', fault: answer(405, 'UNSUPPORTED'), expected: {kind: 'unsupported'}},
    {name: 'an older proxy', fault: answer(405), expected: {kind: 'unsupported'}},
    {name: 'not implemented', fault: answer(501), expected: {kind: 'unsupported'}},
    {name: 'another form of the same', fault: answer(400, 'UNSUPPORTED'), expected: {kind: 'unsupported'}},
    {name: '404 for what exists', fault: answer(404), expected: {kind: 'unsupported'}},
    {name: 'no right', fault: answer(403, 'DENIED'), expected: {kind: 'denied'}},
    {name: 'no token', fault: answer(401, 'UNAUTHORIZED'), expected: {kind: 'denied'}},
    {name: 'zot: an entry of an index', fault: answer(405, 'DENIED'), expected: {kind: 'kept', reason: 'needed'}},
    {name: 'zot: several tags', fault: answer(409, 'MANIFEST_INVALID'), expected: {kind: 'kept', reason: 'locked'}},
    {
      name: 'Harbor: an entry of an index',
      fault: answer(412, 'PRECONDITION', 'the artifact is referenced by other artifacts'),
      expected: {kind: 'kept', reason: 'needed'},
    },
    {
      name: 'Harbor: an immutable tag',
      fault: answer(412, 'PRECONDITION', "configured as immutable tag 'v1', cannot be deleted"),
      expected: {kind: 'kept', reason: 'locked'},
    },
    {
      name: 'Google: an entry of an index',
      fault: answer(
        400,
        'GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE',
        'Manifest is still referenced by one or more parents',
      ),
      expected: {kind: 'kept', reason: 'needed'},
    },
    {name: 'a lock', fault: answer(423), expected: {kind: 'kept', reason: 'locked'}},
    {
      name: 'a protection rule',
      fault: answer(403, 'DENIED', 'tag 1.2 is protected'),
      expected: {kind: 'kept', reason: 'locked'},
    },
    {name: 'anything else', fault: answer(400, 'NAME_INVALID'), expected: {kind: 'failed'}},
  ]

  test.each(rows)('$name: $expected', async ({fault, expected}) => {
    const {put, store, has} = ociScene(faulty(fault, fault))
    const doomed = put('old', 'pr-12')
    expect(await only(store.deleteImages([doomed]))).toMatchObject(expected)
    expect(has(doomed.digest)).toBe(true)
  })

  test('is quoted', async () => {
    const {put, store} = ociScene(faulty(answer(405, 'UNSUPPORTED', 'deletion is off')))
    expect(await only(store.deleteImages([put('old', 'pr-12')]))).toEqual({
      kind: 'unsupported',
      answer: '405 UNSUPPORTED: deletion is off',
    })
  })

  test.each([
    {name: '503', fault: answer(503)},
    {name: '429', fault: {kind: 'answer', status: 429, headers: {'retry-after': '30'}}},
    {name: 'reset', fault: {kind: 'reset'}},
    {name: 'timeout', fault: {kind: 'timeout'}},
  ] satisfies readonly {readonly name: string; readonly fault: Fault}[])('$name is repeated', async ({fault}) => {
    const {put, store, clients} = ociScene(faulty(fault))
    expect(await store.deleteImages([put('old', 'pr-12')])).toEqual([deleted])
    expect(clients.waits).toHaveLength(1)
  })

  test('that was lost is a deletion', async () => {
    const {put, store, changes} = ociScene(faulty({kind: 'reset', when: 'after'}))
    const doomed = put('old', 'pr-12')
    expect(await store.deleteImages([doomed])).toEqual([deleted])
    expect(changes()).toHaveLength(2)
  })

  test('that leaves tags without their image is completed', async () => {
    let isLeft = false
    const scene: OciScene = ociScene({
      fault: ({method}) => {
        if (method !== 'DELETE' || isLeft) return undefined
        isLeft = true
        scene.registry.endpoint.core.store.repositories.get(storePath)?.manifests.delete(doomed.digest)
        return answer(500)
      },
      deletes: {tags: 400},
    })
    const doomed = scene.put('old', 'pr-12', 'sha-860c190')
    const {digest} = scene.put('new', 'latest')
    expect(await scene.store.deleteImages([doomed])).toEqual([deleted])
    expect(scene.tags()).toEqual({latest: digest})
    expect(scene.registry.snapshot()[storePath]?.manifests).toEqual([digest])
  })

  test('that stays temporary is a failure, and others are deleted', async () => {
    const registry = memoryRegistry({
      fault: ({method, path}) => (method === 'DELETE' && path.endsWith(bad.digest) ? answer(500) : undefined),
    })
    const {put, store} = ociScene({}, {}, registry)
    const bad = put('bad', 'one')
    expect(await store.deleteImages([bad, put('good', 'two')])).toEqual([{kind: 'failed', answer: '500'}, deleted])
  })

  test('about the rate limit ends the batch', async () => {
    const {put, store, changes} = ociScene({
      fault: ({method}) => (method === 'DELETE' ? answer(429, 'TOOMANYREQUESTS') : undefined),
    })
    const images = Array.from({length: 30}, (_, index) => put(`old ${index}`, `pr-${index}`))
    const results = await store.deleteImages(images)
    expect(new Set(results.map(({kind}) => kind))).toEqual(new Set(['postponed']))
    // Eight at a time, with four retries.
    expect(changes().length).toBeLessThanOrEqual(8 * 5)
  })
})

describe('a registry that cannot be read right before', () => {
  const unreadable = (matches: (request: RecordedRequest) => boolean): MemoryRegistryOptions => ({
    fault: (request) => (matches(request) ? answer(500) : undefined),
  })

  test.each([
    {name: 'list of tags', options: unreadable(({path}) => path.endsWith('/tags/list'))},
    {name: 'tag', options: unreadable(({path}) => path.endsWith('/manifests/latest'))},
  ])('keeps its images: $name', async ({options}) => {
    const {put, store, changes} = ociScene(options)
    put('new', 'latest')
    expect((await only(store.deleteImages([put('old', 'pr-12')]))).kind).toBe('failed')
    expect(changes()).toEqual([])
  })

  test('ends a cancelled run', async () => {
    const cancelled = new AbortController()
    const {put, store, changes} = ociScene({}, {signal: cancelled.signal})
    const doomed = put('old', 'pr-12')
    cancelled.abort(new TagboatError('cancelled'))
    expect((await only(store.deleteImages([doomed]))).kind).toBe('postponed')
    expect(changes()).toEqual([])
  })
})

describe('a token server that denies the deletion', () => {
  test('gives the same result as the registry', async () => {
    const {put, store} = ociScene({
      auth: {kind: 'bearer', users: {}, allows: () => ['pull', 'push']},
    })
    expect((await only(store.deleteImages([put('old', 'pr-12')]))).kind).toBe('denied')
  })
})

describe('an index of referrers', () => {
  interface Signed {
    readonly scene: OciScene
    readonly subject: DoomedImage & TestImage
    readonly referrers: readonly (DoomedImage & TestImage)[]
    readonly listed: () => Promise<readonly string[]>
  }

  /** Image with referrers, on a registry without the referrers API. */
  async function signed(options: MemoryRegistryOptions = {}): Promise<Signed> {
    const scene = ociScene({...options, referrers: false})
    const subject = scene.put('image', 'latest')
    const referrers = ['one', 'two', 'three'].map((text) => {
      const referrer = makeReferrer(subject, 'application/example', text)
      scene.registry.store(storePath, referrer)
      return {...referrer, tags: [], subject: subject.digest}
    })
    const client = scene.clients.of(scene.registry.host, storePath)
    await enlistReferrers(subject.digest, referrers, client)
    const listed = async (): Promise<readonly string[]> =>
      (await client.referrers(subject.digest)).map(({digest}) => digest)
    return {scene, subject, referrers, listed}
  }

  test('loses the deleted ones, before they are deleted', async () => {
    const {scene, referrers, listed} = await signed()
    const [one, two, three] = referrers
    if (one === undefined || two === undefined) throw new Error('no referrers')
    const before = scene.changes().length
    expect(await scene.store.deleteImages([one, two])).toEqual([deleted, deleted])
    expect(await listed()).toEqual([three?.digest])
    expect(scene.changes().slice(before)[0]).toMatch(/^PUT sha256-/)
    expect(scene.changes().slice(before)).toHaveLength(3)
  })

  test('is left alone if it is deleted too', async () => {
    const {scene, subject, referrers} = await signed()
    const tag = referrersTag(subject.digest)
    const index: DoomedImage = {digest: scene.tags()[tag] ?? '', tags: [tag]}
    const before = scene.changes().length
    const results = await scene.store.deleteImages([index, ...referrers])
    expect(results).toEqual([deleted, deleted, deleted, deleted])
    expect(Object.keys(scene.tags())).toEqual(['latest'])
    expect(
      scene
        .changes()
        .slice(before)
        .filter((change) => change.startsWith('PUT')),
    ).toEqual([])
  })

  test('gets the entry of a referrer again that is not deleted', async () => {
    const {scene, referrers, listed} = await signed({
      fault: ({method}) => (method === 'DELETE' ? answer(403, 'DENIED') : undefined),
    })
    const all = await listed()
    expect((await only(scene.store.deleteImages(referrers.slice(0, 1)))).kind).toBe('denied')
    expect([...(await listed())].sort()).toEqual([...all].sort())
  })

  test('that cannot be changed keeps its referrers', async () => {
    const locks = {on: false}
    const {scene, subject, referrers, listed} = await signed({
      immutable: (_, tag) => tag.startsWith('sha256-') && locks.on,
    })
    locks.on = true
    const doomed = scene.put('old', 'pr-12')
    expect(await scene.store.deleteImages([...referrers.slice(0, 1), doomed])).toEqual([
      {kind: 'kept', reason: 'locked', answer: expect.any(String)},
      deleted,
    ])
    expect(await listed()).toHaveLength(3)
    expect(scene.has(subject.digest)).toBe(true)
  })

  test('keeps an entry that another client adds meanwhile', async () => {
    // The reading of all tags comes before the change.
    const progress = {isStarted: false, isAdded: false}
    const {scene, subject, referrers, listed} = await signed({
      fault: ({method, path}) => {
        if (
          progress.isStarted &&
          !progress.isAdded &&
          method === 'HEAD' &&
          path.endsWith(`/${referrersTag(subject.digest)}`)
        ) {
          progress.isAdded = true
          addEntry()
        }
        return undefined
      },
    })
    const other = makeReferrer(subject, 'application/example', 'late')
    const addEntry = (): void => {
      const index = scene.registry.manifest(storePath, scene.tags()[referrersTag(subject.digest)] ?? subject.digest)
      const bytes = Buffer.from(addReferrers(index?.bytes, [other]))
      const mediaType = 'application/vnd.oci.image.index.v1+json'
      const added = {mediaType, bytes, digest: digestOf(bytes)}
      const image = {...added, platforms: new Map(), manifests: [...other.manifests, added], blobs: other.blobs}
      scene.registry.store(storePath, image, [referrersTag(subject.digest)])
    }
    progress.isStarted = true
    expect(await scene.store.deleteImages(referrers.slice(0, 1))).toEqual([deleted])
    expect(progress.isAdded).toBe(true)
    expect(await listed()).toContain(other.digest)
    expect(await listed()).not.toContain(referrers[0]?.digest)
  })
})
