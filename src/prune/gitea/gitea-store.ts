import {isGone} from '../../retention/deletion-step.ts'
import {TagboatError} from '../../errors/error.ts'
import {isDigest} from '../../oci/digest.ts'
import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {ListedImage} from '../../retention/repository-content.ts'
import {deletionOf, type DeletionRules} from '../answers.ts'
import type {Deletion, DoomedImage} from '../image-store.ts'
import type {StoreOpener} from '../store-opener.ts'
import {listCut} from '../list-cut.ts'
import {noBudget, oneByOne} from '../one-by-one.ts'
import {deleteTags, removeCurrentTag, type DeleteTag} from '../tag-store.ts'
import {latestOf} from '../times.ts'
import {GiteaApi, type PackageVersion} from './gitea-api.ts'

/**
 * Opens a repository of Gitea or Forgejo. Each tag is a version of the package with a copy of the manifest, and a manifest
 * that was pushed by digest is another: routers/api/packages/container of https://github.com/go-gitea/gitea. So each is
 * deleted alone, and an image is gone with the last one. Nothing protects what an index contains.
 */
export const openGitea: StoreOpener<'clients' | 'services'> = (repository, resources) => {
  const api = new GiteaApi(repository, resources)
  const client = resources.clients.repository(repository)
  const {hide} = resources.services.secrets
  const deleteVersion: DeleteTag = async (version, isCurrent) => {
    const answer = await api.deleteVersion(version, isCurrent)
    return answer && deletionOf(answer, {...rules, hide})
  }
  /** Pushes of images by their digest. */
  const kept = new Map<string, Promise<void>>()
  const removeVersion = async (tag: string, digest: string): Promise<Deletion> =>
    removeCurrentTag({client, deleteTag: deleteVersion}, tag, digest)
  return {
    repository,
    list: async () => ({kind: 'images', images: await imagesOf(await listAll(), client)}),
    ...oneByOne({deleteImage, removeTag, signal: resources.services.retrier.signal}),
    budget: noBudget,
  }

  /** Lists the versions, among which all tags of the registry are. A tag may be pushed meanwhile. */
  async function listAll(): Promise<readonly PackageVersion[]> {
    const first = await api.list()
    const tags = await client.tags()
    if (unlistedTag(tags, first) === undefined) return first
    const versions = await api.list()
    const missing = unlistedTag(tags, versions)
    if (missing === undefined || (await client.head(missing)) === undefined) return versions
    throw listCut(repository, `the web API does not list the tag ${missing}`)
  }

  /** Pushes an image by its digest, once for all its tags. */
  async function keepByDigest(digest: string): Promise<void> {
    const content = await client.manifest(digest)
    if (content !== undefined) await client.putManifest(digest, content)
  }

  /** Removes a tag from an image that stays. The image first gets a version of its digest, since this tag may be its last. */
  async function removeTag(tag: string, digest: string): Promise<Deletion> {
    const keeping = kept.get(digest) ?? keepByDigest(digest)
    kept.set(digest, keeping)
    try {
      await keeping
    } catch (error) {
      kept.delete(digest)
      if (!(error instanceof TagboatError) || error.code !== 'push-denied') throw error
      return {kind: 'denied', answer: error.evidence.join(' '), remedy: rules.denied}
    }
    return removeVersion(tag, digest)
  }

  async function deleteImage({digest, tags}: DoomedImage, onRemoved: (tag: string) => void): Promise<Deletion> {
    const untagged = await deleteTags({client, removeTag: removeVersion, onRemoved}, tags, digest)
    if (!isGone(untagged)) return untagged
    const deleted = (await deleteVersion(digest, async () => Promise.resolve(true))) ?? untagged
    if (!isGone(deleted)) return deleted
    // It has a tag more than it had when it was listed, and so it needs its platforms.
    if ((await client.head(digest)) !== undefined) return {kind: 'changed'}
    // An image that was pushed by tag only has no version of its digest.
    return deleted.kind === 'deleted' ? deleted : untagged
  }
}

function unlistedTag(tags: readonly string[], versions: readonly PackageVersion[]): string | undefined {
  const listed = new Set(versions.map(({version}) => version))
  return tags.find((tag) => !listed.has(tag))
}

const rules = {
  denied:
    'Use a token with the scope `write:package`, of a user with write access to the packages of this owner, or of the owner.',
} satisfies Omit<DeletionRules, 'hide'>

/** Number of tags that are read at the same time. */
const maxReads = 16

/** Images of the versions. The API does not state the digests of tags. */
async function imagesOf(
  versions: readonly PackageVersion[],
  client: Pick<RepositoryClient, 'head'>,
): Promise<readonly ListedImage[]> {
  const images = new Map<string, ListedImage>()
  const add = (digest: string, tags: readonly string[], {createdAt}: PackageVersion): void => {
    const known = images.get(digest)
    const pushedAt = latestOf([known?.pushedAt, createdAt])
    images.set(digest, {digest, tags: [...(known?.tags ?? []), ...tags], pushedAt})
  }
  for (const one of versions) if (isDigest(one.version)) add(one.version, [], one)
  const tagged = versions.filter(({version}) => !isDigest(version))
  await forEachBounded(tagged, maxReads, async (one) => {
    const head = await client.head(one.version)
    if (head !== undefined) add(head.digest, [one.version], one)
  })
  return [...images.values()]
}
