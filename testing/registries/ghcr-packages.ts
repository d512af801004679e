import {isDigest} from '../../src/oci/digest.ts'
import {readContent} from '../../src/prune/content/read-content.ts'
import {execute} from '../../src/prune/execute.ts'
import type {Execution} from '../../src/prune/execution/execution.ts'
import {neededByNewcomers} from '../../src/prune/execution/newcomers.ts'
import {validate, type Validation} from '../../src/prune/validate.ts'
import {ManifestMemory, remembering} from '../../src/prune/validation/manifest-memory.ts'
import {parseStoredManifest} from '../../src/retention/parse-manifest.ts'
import {planDeletion} from '../../src/retention/plan-deletion.ts'
import type {RepositoryContent} from '../../src/retention/repository-content.ts'
import type {RetentionDecision} from '../../src/retention/tag-decision.ts'
import fc from '../properties.ts'
import {makeImage, makeReferrer, type TestImage} from '../memory-registry.ts'
import type {GhcrScene} from './ghcr-scene.ts'

/** Package whose images share platforms, and have several tags and referrers. */
export interface RandomPackage {
  readonly images: readonly RandomImage[]
  /** Referrers, which are pushed after the images. */
  readonly referrers: readonly RandomReferrer[]
  /** Tags to delete. */
  readonly doomed: readonly string[]
  /** Positions of the versions with more downloads than those that GitHub deletes. */
  readonly popular: readonly number[]
}

interface RandomImage {
  readonly platforms: readonly string[]
  /** Images of the same text share the manifests of their platforms. */
  readonly text: string
  readonly attestations: boolean
  readonly revision: number
  readonly tags: readonly string[]
}

interface RandomReferrer {
  /** Position of the subject among everything that was pushed before, modulo their number. */
  readonly subject: number
  /** Whether the subject is the first manifest of that image, not its index. */
  readonly ofPart: boolean
  readonly tags: readonly string[]
}

const tagNames: readonly string[] = ['1.0.0', '1.0', 'latest', 'main', 'pr-1', 'pr-2', 'nightly', 'sha-860c190']
const signatureTag = 'signed'

export const randomPackages: fc.Arbitrary<RandomPackage> = fc.record({
  images: fc.array(
    fc.record({
      platforms: fc.subarray(['linux/amd64', 'linux/arm64', 'linux/arm/v7'], {minLength: 1}),
      text: fc.constantFrom('one', 'two'),
      attestations: fc.boolean(),
      revision: fc.integer({min: 0, max: 3}),
      tags: fc.subarray([...tagNames], {maxLength: 3}),
    }),
    {minLength: 2, maxLength: 5},
  ),
  referrers: fc.array(
    fc.record({subject: fc.nat({max: 20}), ofPart: fc.boolean(), tags: fc.subarray([signatureTag])}),
    {maxLength: 4},
  ),
  doomed: fc.subarray([...tagNames, signatureTag]),
  popular: fc.array(fc.nat({max: 8}), {maxLength: 2}),
})

/** Pushes a package. The last push of a tag counts. GitHub lists everything afterwards. */
export async function publishPackage({images, referrers, popular}: RandomPackage, scene: GhcrScene): Promise<void> {
  const pushed: TestImage[] = []
  for (const {revision, tags, ...content} of images) {
    const image = makeImage({...content, annotations: {revision: String(revision)}})
    pushed.push(await scene.publish(image, ...tags))
  }
  for (const [number, {subject, ofPart, tags}] of referrers.entries()) {
    const image = pushed[subject % pushed.length]
    const target = ofPart ? image?.manifests[0] : image
    if (target === undefined) throw new Error('a referrer without a subject')
    pushed.push(await scene.publish(makeReferrer(target, 'application/example.signature', String(number)), ...tags))
  }
  const state = scene.github.package(scene.path)
  state.shown()
  for (const position of popular) {
    const version = state.active()[position]
    if (version !== undefined) version.downloads = 5_001
  }
}

/** Decisions that delete the doomed tags, and all untagged images that nothing needs. */
function decisionsFor({tags, manifests}: RepositoryContent, doomed: readonly string[]): readonly RetentionDecision[] {
  const tagged = new Set(tags.values())
  const untagged = [...manifests.keys()].filter((digest) => !tagged.has(digest))
  const reason = {code: 'no-rule'} as const
  return [
    ...[...tags].map(([tag, digest]): RetentionDecision => {
      return {tag, digest, class: 'match', verdict: doomed.includes(tag) ? 'delete' : 'keep', reason}
    }),
    ...untagged.map((digest): RetentionDecision => {
      return {tag: undefined, digest, class: 'untagged', verdict: 'delete', reason}
    }),
  ]
}

/** Result of one run: the deletions, and what was missing afterwards. */
interface PrunedPackage {
  readonly execution: Execution
  readonly validation: Validation
}

/** Lists, reads, deletes and reads back a package, as a run does. */
export async function prunePackage(scene: GhcrScene, doomed: readonly string[]): Promise<PrunedPackage> {
  const memory = new ManifestMemory()
  const client = remembering(scene.client, memory)
  const store = scene.reopen(client)
  const content = await readContent({
    repository: store.repository,
    listing: await store.list(),
    client: scene.host,
    needsConfiguration: () => false,
    onManifest: (manifest) => {
      memory.remember(manifest)
    },
  })
  const decisions = decisionsFor(content, doomed)
  const execution = await execute({
    store,
    content,
    plan: (keptBesides) => planDeletion({content, decisions, keptBesides}),
    neededMeanwhile: async (gone) => neededByNewcomers({content, store, client}, gone),
    signal: new AbortController().signal,
  })
  return {execution, validation: await validate({store, client, content, memory, execution})}
}

/** Digests that an image needs and that do not exist: its children and those of these. */
export function missingParts({registry, path}: GhcrScene, digest: string): readonly string[] {
  const missing: string[] = []
  const needed = new Set([digest])
  for (const one of needed) {
    const manifest = isDigest(one) ? registry.manifest(path, one) : undefined
    if (manifest === undefined) missing.push(one)
    else for (const child of parseStoredManifest({...manifest, digest: one})?.children ?? []) needed.add(child)
  }
  return missing
}
