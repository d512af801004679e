import {describe, expect, test} from '@jest/globals'
import type {Digest} from '../../../src/oci/digest.ts'
import {isReferrerTag, withoutKind} from '../../../src/oci/referrers-tag.ts'
import {readContent} from '../../../src/prune/content/read-content.ts'
import {execute} from '../../../src/prune/execute.ts'
import {neededByNewcomers} from '../../../src/prune/execution/newcomers.ts'
import type {ImageStore} from '../../../src/prune/image-store.ts'
import {planDeletion} from '../../../src/retention/plan-deletion.ts'
import {shapes, signaturesOf, type Dressing} from '../../../testing/graph-shapes.ts'
import type {MemoryRegistryOptions} from '../../../testing/memory-registry.ts'
import {ociScene, storePath, type OciScene} from '../../../testing/oci-store.ts'
import {listingStore} from '../../../testing/planned-deletion.ts'
import {decideOn} from '../../../testing/retention-policy.ts'

interface Kind extends MemoryRegistryOptions {
  readonly listsImages: boolean
}

/** Registries that list all images, and that list only tags and delete by digest only, or tags alone. */
const registries: Readonly<Record<string, Kind>> = {
  'images listed': {listsImages: true},
  'like distribution 2.8': {listsImages: false, referrers: false, deletes: {tags: 400, manifests: true}},
  'like distribution 3': {listsImages: false, referrers: false},
}

function sceneOf(shape: string, dressing: Dressing, kind: Kind): OciScene {
  const scene = ociScene(kind)
  const images = shapes[shape]?.(dressing) ?? []
  const all = [...images, ...images.flatMap(([image]) => signaturesOf(image, dressing.signatures))]
  for (const [image, tags] of all) scene.registry.store(storePath, image, tags)
  return scene
}

/** Deletes a tag as an action does: lists, reads, decides, plans and executes. Returns the number of steps. */
async function prune(scene: OciScene, tag: string, {listsImages}: Kind): Promise<number> {
  const {clients, registry, store: oci} = scene
  const store: ImageStore = listsImages ? listingStore(scene) : oci
  const client = clients.of(registry.host, storePath)
  const content = await readContent({
    repository: store.repository,
    listing: await store.list(),
    client: clients.host(registry.host),
    needsConfiguration: () => false,
  })
  const {decisions} = await decideOn(content, {'delete-tags': tag})
  const {steps, failure} = await execute({
    store,
    content,
    plan: (keptBesides) => planDeletion({content, decisions, keptBesides}),
    neededMeanwhile: async (gone) => neededByNewcomers({content, store, client}, gone),
    signal: new AbortController().signal,
  })
  expect(failure).toBeUndefined()
  expect(steps.map(({outcome}) => outcome.kind).filter((kind) => kind !== 'deleted')).toEqual([])
  return steps.length
}

/** Manifests of images with these tags, and their signatures. */
function belongingTo(tags: readonly string[], shape: string, dressing: Dressing): ReadonlySet<string> {
  const images = (shapes[shape]?.(dressing) ?? []).filter(([, own]) => own.some((tag) => tags.includes(tag)))
  const signatures = images.flatMap(([image]) => signaturesOf(image, dressing.signatures))
  return new Set([...images, ...signatures].flatMap(([{manifests}]) => manifests.map(({digest}) => digest)))
}

function manifestsIn({registry}: OciScene): readonly Digest[] {
  return registry.snapshot()[storePath]?.manifests ?? []
}

const dressings: readonly Dressing[] = [false, true].flatMap((attestations) =>
  (['none', 'tags', 'bundles', 'listed bundles'] as const).map((signatures) => ({attestations, signatures})),
)

const rows = Object.keys(registries).flatMap((registry) =>
  Object.keys(shapes).flatMap((shape) => dressings.map((dressing) => ({registry, shape, ...dressing}))),
)

describe('one tag of a graph', () => {
  test.each(rows)('$shape, attestations: $attestations, signatures: $signatures, $registry', async (row) => {
    const kind = registries[row.registry] ?? {listsImages: true}
    const imageTags = Object.keys(sceneOf(row.shape, row, kind).tags()).filter((tag) => !isReferrerTag(tag))
    expect(imageTags.length).toBeGreaterThan(0)
    for (const tag of imageTags) {
      const scene = sceneOf(row.shape, row, kind)
      const before = manifestsIn(scene)
      const others = imageTags.filter((other) => other !== tag)
      const [tags, kept] = [scene.tags(), belongingTo(others, row.shape, row)]

      expect(await prune(scene, tag, kind)).toBeGreaterThan(0)

      const after = manifestsIn(scene)
      expect(Object.keys(scene.tags())).not.toContain(tag)
      for (const other of others) expect(scene.tags()[other]).toBe(tags[other])
      // All that the other tags had still exists, with the tags of its signatures.
      expect([...kept].filter((digest) => !scene.has(digest))).toEqual([])
      const keptTags = Object.keys(tags).filter((name) => isReferrerTag(name) && kept.has(subjectOf(name)))
      expect(keptTags.filter((name) => scene.tags()[name] !== tags[name])).toEqual([])
      if (kind.listsImages) expect([...after].sort()).toEqual([...kept].sort())
      else {
        const tagged = new Set<string>(Object.values(tags))
        expect(before.filter((digest) => !tagged.has(digest) && !after.includes(digest))).toEqual([])
      }
      // No tag of signatures is left without its image.
      const subjects = Object.keys(scene.tags()).filter(isReferrerTag).map(subjectOf)
      expect(subjects.filter((digest) => !scene.has(digest))).toEqual([])
      expect(await prune(scene, tag, kind)).toBe(0)
    }
  })
})

function subjectOf(tag: string): string {
  return withoutKind(tag).replace('-', ':')
}
