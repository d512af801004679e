import {digestOf} from '../src/oci/digest.ts'
import {noFacts, type ImageFacts} from '../src/oci/image-facts.ts'
import {isReferrerTag} from '../src/oci/referrers-tag.ts'
import type {RepositoryContent} from '../src/retention/repository-content.ts'
import type {StoredBlob} from '../src/retention/stored-manifest.ts'
import type {RetentionDecision} from '../src/retention/tag-decision.ts'

/** Manifest of a test by the names of what it refers to; `missing` and `unreadable` are those that cannot be read. */
export type TestManifest =
  | 'missing'
  | 'unreadable'
  | {
      readonly children?: readonly string[]
      readonly subject?: string
      /** Sizes of blobs by name. */
      readonly blobs?: Readonly<Record<string, number>>
      readonly platforms?: Readonly<Record<string, string>>
      readonly facts?: Partial<ImageFacts>
      readonly configuredAt?: Date
      readonly artifactType?: string
      readonly copiedFor?: string
    }

export interface TestRepository {
  readonly manifests: Readonly<Record<string, TestManifest>>
  /** Names of manifests by tag. In a tag, `<name>` is replaced by `sha256-<hex>` of this manifest. */
  readonly tags?: Readonly<Record<string, string>>
  readonly isComplete?: boolean
  readonly locked?: readonly string[]
  readonly pushedAt?: Readonly<Record<string, Date>>
  /** Times by tag. */
  readonly taggedAt?: Readonly<Record<string, Date>>
}

/** Digest of a manifest or blob of a test. */
export function named(name: string): string {
  const digest = digests.get(name) ?? digestOf(Buffer.from(name))
  digests.set(name, digest)
  return digest
}

const digests = new Map<string, string>()

/** Tag for the referrers of a manifest of a test, with this kind: `.sig`. */
export function tagFor(name: string, kind = ''): string {
  return `${named(name).replace(':', '-')}${kind}`
}

/** Content of a repository with these manifests. */
export function testContent({manifests, tags = {}, ...rest}: TestRepository): RepositoryContent {
  const {isComplete = true, locked = [], pushedAt = {}, taggedAt = {}} = rest
  return {
    repository: {host: 'registry.example', path: 'acme/app'},
    tags: new Map(Object.entries(tags).map(([tag, name]) => [withDigests(tag), named(name)])),
    manifests: new Map(Object.entries(manifests).map(([name, one]) => [named(name), manifestRead(name, one)])),
    isComplete,
    pushedAt: new Map(Object.entries(pushedAt).map(([name, date]) => [named(name), date])),
    taggedAt: new Map(Object.entries(taggedAt)),
    ids: new Map(),
    locked: new Set(locked.map(named)),
  }
}

function withDigests(tag: string): string {
  return tag.replace(/<(\w+)>/, (_, name: string) => tagFor(name))
}

type Read = RepositoryContent['manifests'] extends ReadonlyMap<string, infer R> ? R : never

function manifestRead(name: string, one: TestManifest): Read {
  if (one === 'missing') return {kind: 'missing'}
  if (one === 'unreadable') return {kind: 'unreadable', reason: '500'}
  const {children = [], subject, blobs = {}, platforms = {}, facts = {}, configuredAt, artifactType, copiedFor} = one
  return {
    kind: 'read',
    manifest: {
      digest: named(name),
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      sizeBytes: 100,
      artifactType,
      children: children.map(named),
      platforms: new Map(Object.entries(platforms).map(([child, platform]) => [named(child), platform])),
      subject: subject === undefined ? undefined : named(subject),
      blobs: Object.entries(blobs).map(([blob, sizeBytes]): StoredBlob => ({digest: named(blob), sizeBytes})),
      facts: {...noFacts, ...facts},
      ...(configuredAt !== undefined && {configuredAt}),
      ...(copiedFor !== undefined && {copiedFor}),
    },
  }
}

/**
 * Decisions for a repository: `deletes` and `keeps` name tags, with `<name>` as in `TestRepository`, and manifests without
 * tags. All other tags stay; those for referrers follow their subject.
 */
export function decide(
  {tags, manifests}: RepositoryContent,
  deletes: readonly string[],
  keeps: readonly string[] = [],
): readonly RetentionDecision[] {
  const [goes, stays] = [deletes, keeps].map((list) => new Set(list.map(withDigests)))
  const ofTags = [...tags].map(([tag, digest]): RetentionDecision => {
    if (goes?.has(tag) === true) return {tag, digest, class: 'match', verdict: 'delete', reason: {code: 'no-rule'}}
    const isReferrer = isReferrerTag(tag) && stays?.has(tag) !== true
    const code = isReferrer ? 'follows-subject' : 'no-rule'
    return {tag, digest, class: isReferrer ? 'referrer' : 'other', verdict: 'keep', reason: {code}}
  })
  const bare = [...deletes, ...keeps].filter((name) => manifests.has(named(name)))
  return [
    ...ofTags,
    ...bare.map((name): RetentionDecision => {
      const verdict = deletes.includes(name) ? 'delete' : 'keep'
      return {tag: undefined, digest: named(name), class: 'untagged', verdict, reason: {code: 'no-rule'}}
    }),
  ]
}
