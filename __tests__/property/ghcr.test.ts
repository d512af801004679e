import {describe, expect, test} from '@jest/globals'
import {parseStoredManifest} from '../../src/retention/parse-manifest.ts'
import {makeImage} from '../../testing/memory-registry.ts'
import fc from '../../testing/properties.ts'
import {ghcrScene, type GhcrScene, type GhcrSceneOptions} from '../../testing/registries/ghcr-scene.ts'
import {
  missingParts,
  prunePackage,
  publishPackage,
  randomPackages,
  type RandomPackage,
} from '../../testing/registries/ghcr-packages.ts'
import {times} from '../../testing/rounds.ts'

const behaviours = fc.record({
  deletesChildren: fc.boolean(),
  showsStale: fc.boolean(),
  isPublic: fc.boolean(),
  keepsLast: fc.constantFrom('tagged' as const, 'any' as const),
})

const sceneWith = (options: GhcrSceneOptions): GhcrScene =>
  ghcrScene({owner: {name: 'acme', kind: 'orgs'}, limits: {perHour: 'unlimited'}, ...options})

/** Digests of the referrers of an image and of its parts, as they exist. */
function referrersOf({registry, path}: GhcrScene, digest: string): readonly string[] {
  const manifests = (registry.snapshot()[path]?.manifests ?? []).flatMap((one) => {
    const stored = registry.manifest(path, one)
    return (stored && parseStoredManifest({...stored, digest: one})) ?? []
  })
  const reached = new Set([digest])
  for (const one of reached) {
    for (const manifest of manifests) {
      if (manifest.digest === one) for (const child of manifest.children) reached.add(child)
      if (manifest.subject === one) reached.add(manifest.digest)
    }
  }
  return manifests
    .filter(({digest: one, subject}) => subject !== undefined && reached.has(one))
    .map((one) => one.digest)
}

/** Expects that every tag resolves to an image with all its parts. */
function expectWhole(scene: GhcrScene): void {
  for (const [tag, digest] of Object.entries(scene.registry.tagsOf(scene.path)))
    expect([tag, missingParts(scene, digest)]).toEqual([tag, []])
}

/** Publishes a package with one more image, whose tag stays: GitHub never refuses the last version with a tag. */
async function publishWithKept(content: RandomPackage, scene: GhcrScene): Promise<void> {
  await scene.publish(makeImage({text: 'kept'}), 'kept')
  await publishPackage(content, scene)
}

describe('a pruned package', () => {
  test('has all kept tags whole, with their signatures', async () => {
    await fc.assert(
      fc.asyncProperty(randomPackages, behaviours, async (content, behaviour) => {
        const scene = sceneWith(behaviour)
        await publishPackage(content, scene)
        const before = scene.registry.tagsOf(scene.path)
        const kept = Object.entries(before).filter(([tag]) => !content.doomed.includes(tag))
        const signatures = new Map(kept.map(([tag, digest]) => [tag, referrersOf(scene, digest)]))
        const {execution, validation} = await prunePackage(scene, content.doomed)
        expect(execution).toMatchObject({end: 'complete', failure: undefined})
        expect(validation.failure).toBeUndefined()
        const after = scene.registry.tagsOf(scene.path)
        expectWhole(scene)
        expect(after).toMatchObject(Object.fromEntries(kept))
        for (const [tag, digest] of kept) expect(referrersOf(scene, digest)).toEqual(signatures.get(tag))
        const isRefused = execution.steps.some(({outcome: {kind}}) => kind !== 'deleted' && kind !== 'gone')
        if (isRefused) return
        if (!behaviour.deletesChildren) expect(validation.missing).toEqual([])
        expect(Object.keys(after).filter((tag) => content.doomed.includes(tag))).toEqual([])
      }),
      {numRuns: times(100)},
    )
  })

  test('has no manifest that was read twice', async () => {
    await fc.assert(
      fc.asyncProperty(randomPackages, behaviours, async (content, behaviour) => {
        const scene = sceneWith(behaviour)
        await publishPackage(content, scene)
        const first = scene.github.requests.length
        await prunePackage(scene, content.doomed)
        const reads = scene.github.requests.slice(first).filter((one) => /^GET \/v2\/.*\/manifests\//.test(one))
        expect(new Set(reads).size).toBe(reads.length)
      }),
      {numRuns: times(50)},
    )
  })

  test('is whole when the limit stops it, and is finished by the next run', async () => {
    await fc.assert(
      fc.asyncProperty(randomPackages, fc.integer({min: 104, max: 130}), async (content, requests) => {
        const scene = sceneWith({limits: {perHour: 1_000, used: 1_000 - requests}})
        await publishWithKept(content, scene)
        await prunePackage(scene, content.doomed)
        expectWhole(scene)
        scene.clock.advance(3_600_000)
        await prunePackage(scene, content.doomed)
        const other = sceneWith({})
        await publishWithKept(content, other)
        await prunePackage(other, content.doomed)
        expect(scene.tags()).toEqual(other.tags())
      }),
      {numRuns: times(60)},
    )
  })

  test('does not change in a second run', async () => {
    await fc.assert(
      fc.asyncProperty(randomPackages, behaviours, async (content, behaviour) => {
        // What GitHub deletes with an index, or refuses to delete, can leave a signature without its subject.
        const scene = sceneWith({...behaviour, deletesChildren: false, isPublic: false})
        await publishWithKept(content, scene)
        await prunePackage(scene, content.doomed)
        const after = scene.tags()
        await prunePackage(scene, content.doomed)
        expect(scene.tags()).toEqual(after)
      }),
      {numRuns: times(50)},
    )
  })
})
