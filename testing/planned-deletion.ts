import {isDigest} from '../src/oci/digest.ts'
import {isReferrerTag, referrersTag, withoutKind} from '../src/oci/referrers-tag.ts'
import type {ImageStore} from '../src/prune/image-store.ts'
import {parseStoredManifest} from '../src/retention/parse-manifest.ts'
import {planDeletion, type DeletionPlan} from '../src/retention/plan-deletion.ts'
import type {Listing, RepositoryContent} from '../src/retention/repository-content.ts'
import type {ManifestRead} from '../src/retention/stored-manifest.ts'
import type {RetentionDecision} from '../src/retention/tag-decision.ts'
import {storePath, type OciScene} from './oci-store.ts'

/** Content of the repository of a scene, without a request. `isComplete` as in `RepositoryContent`. */
export function contentOf({registry}: OciScene, isComplete = true): RepositoryContent {
  const {tags, manifests} = registry.snapshot()[storePath] ?? {tags: {}, manifests: []}
  const read = new Map<string, ManifestRead>()
  for (const digest of manifests) {
    const stored = registry.manifest(storePath, digest)
    const manifest = stored && parseStoredManifest({...stored, digest})
    if (manifest === undefined) throw new Error(`${digest} is not a manifest`)
    read.set(digest, {kind: 'read', manifest})
    for (const child of manifest.children) {
      if (isDigest(child) && registry.manifest(storePath, child) === undefined) read.set(child, {kind: 'missing'})
    }
  }
  return {
    repository: {host: registry.host, path: storePath},
    tags: new Map(Object.entries(tags)),
    manifests: read,
    isComplete,
    pushedAt: new Map(),
    taggedAt: new Map(),
    ids: new Map(),
    locked: new Set(),
  }
}

/**
 * Decisions that delete tags, and manifests without a tag. Everything else stays; tags for referrers follow their subject,
 * and go without one.
 */
export function deciding(
  {tags, manifests}: RepositoryContent,
  deleted: readonly string[],
): readonly RetentionDecision[] {
  const reason = {code: 'no-rule'} as const
  const existing = [...manifests].filter(([, {kind}]) => kind !== 'missing')
  const subjects = new Set(existing.map(([digest]) => referrersTag(digest)))
  const ofTags = [...tags].map(([tag, digest]): RetentionDecision => {
    if (deleted.includes(tag)) return {tag, digest, class: 'match', verdict: 'delete', reason}
    if (isReferrerTag(tag) && !subjects.has(withoutKind(tag)))
      return {tag, digest, class: 'orphan', verdict: 'delete', reason}
    return isReferrerTag(tag)
      ? {tag, digest, class: 'referrer', verdict: 'keep', reason: {code: 'follows-subject'}}
      : {tag, digest, class: 'other', verdict: 'keep', reason}
  })
  const bare = deleted.filter((one) => manifests.has(one))
  return [
    ...ofTags,
    ...bare.map((digest): RetentionDecision => ({
      tag: undefined,
      digest,
      class: 'untagged',
      verdict: 'delete',
      reason,
    })),
  ]
}

/** Plans the deletion of these tags and manifests. */
export function planning(
  content: RepositoryContent,
  deleted: readonly string[],
): (keptBesides: ReadonlySet<string>) => DeletionPlan {
  const decisions = deciding(content, deleted)
  return (keptBesides) => planDeletion({content, decisions, keptBesides})
}

/** Store of a registry that lists all its images, and deletes as an OCI registry. */
export function listingStore({registry, store}: OciScene, changes: Partial<ImageStore> = {}): ImageStore {
  return {
    repository: store.repository,
    list: async (): Promise<Listing> => {
      const {tags, manifests} = registry.snapshot()[storePath] ?? {tags: {}, manifests: []}
      const tagged = Object.entries(tags)
      const images = manifests.map((digest) => ({
        digest,
        tags: tagged.filter(([, current]) => current === digest).map(([tag]) => tag),
        pushedAt: undefined,
      }))
      return Promise.resolve({kind: 'images', images})
    },
    batchSize: store.batchSize,
    deleteImages: async (images) => store.deleteImages(images),
    removeTag: async (tag, digest) => store.removeTag(tag, digest),
    budget: async () => store.budget(),
    ...changes,
  }
}
