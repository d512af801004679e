import {describe, expect, test} from '@jest/globals'
import {execute} from '../../../src/prune/execute.ts'
import type {DoomedImage, ImageStore} from '../../../src/prune/image-store.ts'
import {ManifestMemory} from '../../../src/prune/validation/manifest-memory.ts'
import {validate, type Validation} from '../../../src/prune/validate.ts'
import type {Digest} from '../../../src/oci/digest.ts'
import {makeImage, type MemoryRegistryOptions, type TestImage} from '../../../testing/memory-registry.ts'
import {ociScene, storePath, type OciScene} from '../../../testing/oci-store.ts'
import {contentOf, listingStore, planning} from '../../../testing/planned-deletion.ts'

const platforms = ['linux/amd64', 'linux/arm64']
const image = makeImage({platforms, text: 'kept'})
const sibling = makeImage({platforms, text: 'kept', annotations: {of: 'another'}})
const [child] = image.manifests

interface Given {
  readonly scene: OciScene
  /** Happens after the deletions. */
  readonly meanwhile?: (scene: OciScene) => void | Promise<void>
  readonly store?: Partial<ImageStore>
  /** Whether the manifests were read before. Default: true. */
  readonly isRemembered?: boolean
  readonly ids?: ReadonlyMap<string, string>
}

/** Deletes the tag `old`, and validates what should have stayed. */
async function validated({scene, meanwhile, store: changes, isRemembered = true, ids}: Given): Promise<Validation> {
  const content = {...contentOf(scene), ...(ids && {ids})}
  const memory = new ManifestMemory()
  const client = scene.clients.of(scene.registry.host, storePath)
  for (const digest of isRemembered ? content.manifests.keys() : []) {
    const manifest = await client.manifest(digest)
    if (manifest !== undefined) memory.remember(manifest)
  }
  const store = changes === undefined ? scene.store : listingStore(scene, changes)
  const plan = planning(content, ['old'])
  const neededMeanwhile = async (): Promise<ReadonlySet<string>> => Promise.resolve(new Set<string>())
  const {signal} = new AbortController()
  const execution = await execute({store, content, plan, neededMeanwhile, signal})
  expect(execution.failure).toBeUndefined()
  await meanwhile?.(scene)
  return validate({execution, content, store, client, memory})
}

/** Scene with a kept image under `latest`, and one to delete. */
function sceneWith(options: MemoryRegistryOptions = {}): OciScene {
  const scene = ociScene(options)
  scene.registry.store(storePath, image, ['latest'])
  scene.put('old', 'old')
  return scene
}

/** Deletes a manifest or tag, as another client does. */
async function remove({registry, clients}: OciScene, reference: string): Promise<void> {
  await clients.of(registry.host, storePath).deleteManifest(reference)
}

function lacking(scene: OciScene, {manifests}: TestImage): readonly Digest[] {
  return manifests.map(({digest}) => digest).filter((digest) => !scene.has(digest))
}

const nothing = {missing: [], failure: undefined}

describe('a validation', () => {
  test('changes nothing if nothing is missing', async () => {
    const scene = sceneWith()
    expect(await validated({scene})).toEqual(nothing)
    expect(scene.changes().filter((change) => change.startsWith('PUT'))).toEqual([])
  })

  test('costs one list', async () => {
    const scene = sceneWith()
    let before = 0
    const meanwhile = (): void => {
      before = scene.registry.requests.length
    }
    expect(await validated({scene, meanwhile, store: {}})).toEqual(nothing)
    expect(scene.registry.requests).toHaveLength(before)
  })

  test('does not restore a deleted tag, nor a tag that moved', async () => {
    const scene = sceneWith()
    const newer = makeImage({platforms, text: 'newer'})
    const meanwhile = (): void => {
      scene.registry.store(storePath, newer, ['latest'])
    }
    expect(await validated({scene, meanwhile})).toEqual(nothing)
    expect(scene.tags()).toEqual({latest: newer.digest})
  })

  test('does not restore a deleted tag that is still listed', async () => {
    const stale = ['latest', 'old']
    const scene = sceneWith({
      fault: ({path}) => {
        const isList = path.endsWith('/tags/list')
        return isList ? {kind: 'answer', status: 200, body: JSON.stringify({tags: stale})} : undefined
      },
    })
    expect(await validated({scene})).toEqual(nothing)
    expect(scene.tags()).toEqual({latest: image.digest})
  })

  test('does not restore a tag that a failed step has removed', async () => {
    const scene = sceneWith()
    scene.put('old', 'immutable')
    const content = contentOf(scene)
    const plan = planning(content, ['old', 'immutable'])(new Set())
    await remove(scene, 'old')
    const steps = plan.steps.map((step) => ({step, outcome: {kind: 'kept', reason: 'locked', answer: '400'}}) as const)
    const client = scene.clients.of(scene.registry.host, storePath)
    const request = {execution: {steps, plan}, content, store: scene.store, client, memory: new ManifestMemory()}
    expect(await validate(request)).toEqual(nothing)
    expect(Object.keys(scene.tags())).toEqual(['immutable', 'latest'])
  })

  test('does not restore what was missing before', async () => {
    const scene = sceneWith()
    await remove(scene, child?.digest ?? '')
    expect(await validated({scene})).toEqual(nothing)
  })

  test.each([
    {name: 'a registry that lists tags', store: undefined},
    {name: 'a registry that lists images', store: {}},
  ])('puts back tags, images and platforms: $name', async ({store}) => {
    const scene = sceneWith()
    const meanwhile = async (): Promise<void> => {
      await remove(scene, image.digest)
      await remove(scene, child?.digest ?? '')
    }
    const {missing, failure} = await validated({scene, meanwhile, ...(store && {store})})
    expect(failure).toBeUndefined()
    expect(scene.tags()).toEqual({latest: image.digest})
    expect(lacking(scene, image)).toEqual([])
    expect(missing).toContainEqual({tag: 'latest', digest: image.digest, isRestored: true})
    expect(missing).toContainEqual({tag: undefined, digest: child?.digest, isRestored: true})
    expect(missing).toHaveLength(3)
  })

  test('puts back a platform that a new image needs', async () => {
    const scene = ociScene()
    scene.registry.store(storePath, image, ['old'])
    const store: Partial<ImageStore> = {
      deleteImages: async (images) => {
        const results = await scene.store.deleteImages(images)
        // Its platforms exist in part.
        scene.registry.store(storePath, {...sibling, manifests: sibling.manifests.slice(-1)}, ['new'])
        return results
      },
    }
    const {missing, failure} = await validated({scene, store})
    expect(failure).toBeUndefined()
    expect(missing.map(({tag, isRestored}) => ({tag, isRestored}))).toEqual([
      {tag: undefined, isRestored: true},
      {tag: undefined, isRestored: true},
    ])
    expect(scene.tags()).toEqual({new: sibling.digest})
    expect(lacking(scene, sibling)).toEqual([])
  })

  test('puts back the platform of a deleted index that was pushed again', async () => {
    const scene = sceneWith()
    scene.registry.store(storePath, sibling, ['old'])
    const [part] = sibling.manifests
    const meanwhile = async (): Promise<void> => {
      scene.registry.store(storePath, sibling, ['1.3.0', 'latest'])
      await remove(scene, part?.digest ?? '')
    }
    const {missing, failure} = await validated({scene, meanwhile})
    expect(failure).toBeUndefined()
    expect(missing).toEqual([{tag: undefined, digest: part?.digest, isRestored: true}])
    expect(lacking(scene, sibling)).toEqual([])
  })

  test('puts back the platform of a deleted index that was pushed again by digest only', async () => {
    const scene = sceneWith()
    scene.registry.store(storePath, sibling, ['old'])
    const [part] = sibling.manifests
    const meanwhile = async (): Promise<void> => {
      scene.registry.store(storePath, sibling)
      await remove(scene, part?.digest ?? '')
    }
    const {missing} = await validated({scene, meanwhile, store: {}})
    expect(missing).toEqual([{tag: undefined, digest: part?.digest, isRestored: true}])
    expect(lacking(scene, sibling)).toEqual([])
  })

  test('does not move a tag that another client has created again', async () => {
    const scene: OciScene = sceneWith({
      fault: ({method, path}, count) => {
        // The second read is that right before the PUT.
        if (method === 'HEAD' && path.endsWith('/latest') && count === readsBefore + 2)
          newer ??= scene.put('newer', 'latest').digest
        return undefined
      },
    })
    let newer: Digest | undefined
    let readsBefore = Infinity
    const meanwhile = async (): Promise<void> => {
      await remove(scene, 'latest')
      readsBefore = scene.registry.requests.filter(
        ({method, path}) => method === 'HEAD' && path.endsWith('/latest'),
      ).length
    }
    expect((await validated({scene, meanwhile})).failure).toBeUndefined()
    expect(newer).toBeDefined()
    expect(scene.tags()).toEqual({latest: newer})
  })
})

describe('what cannot be put back', () => {
  test('fails, by name', async () => {
    const scene = sceneWith()
    const meanwhile = async (): Promise<void> => remove(scene, image.digest)
    const {missing, failure} = await validated({scene, meanwhile, isRemembered: false})
    expect(missing.map(({isRestored}) => isRestored)).toEqual([false, false])
    expect(failure?.code).toBe('prune-raced')
    expect(failure?.evidence).toEqual([
      expect.stringContaining(`app@${image.digest}`),
      expect.stringContaining('app:latest'),
    ])
  })

  test('fails if the registry refuses it', async () => {
    const scene = sceneWith({
      fault: ({method}) => (method === 'PUT' ? {kind: 'answer', status: 403} : undefined),
    })
    const meanwhile = async (): Promise<void> => remove(scene, image.digest)
    expect((await validated({scene, meanwhile})).failure?.code).toBe('prune-raced')
  })

  test('is restored by a registry that can', async () => {
    const scene = sceneWith()
    const restored: DoomedImage[] = []
    const restore = async (doomed: DoomedImage): Promise<boolean> => {
      restored.push(doomed)
      scene.registry.store(storePath, image)
      return Promise.resolve(true)
    }
    const {failure} = await validated({
      scene,
      meanwhile: async () => remove(scene, image.digest),
      store: {restore},
      isRemembered: false,
      ids: new Map([[image.digest, '42']]),
    })
    expect(failure).toBeUndefined()
    expect(restored).toEqual([{digest: image.digest, tags: [], id: '42'}])
    expect(scene.tags()).toEqual({latest: image.digest})
  })
})

describe('the memory of manifests', () => {
  test('has a limit', () => {
    const memory = new ManifestMemory()
    const contents = Array.from({length: 20}, (_, index) => ({
      digest: makeImage({text: String(index)}).digest,
      mediaType: image.mediaType,
      bytes: new Uint8Array(4 * 1024 * 1024),
    }))
    for (const content of contents) memory.remember(content)
    expect(contents.filter(({digest}) => memory.get(digest) !== undefined)).toHaveLength(8)
  })
})
