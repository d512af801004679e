import {isDigest} from '../../oci/digest.ts'
import {referrersTag} from '../../oci/referrers-tag.ts'
import {deleteManifest, type DeletionAnswer} from '../oci/delete-manifest.ts'
import type {HostClient} from '../../registry/host-client.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {Deletion, DoomedImage} from '../image-store.ts'
import {isGone} from '../../retention/deletion-step.ts'
import {failedDeletion} from '../oci/refusal.ts'
import {noBudget, oneByOne} from '../one-by-one.ts'
import type {StoreOpener} from '../store-opener.ts'
import {listGoogleImages} from './google-images.ts'

/** Maximum depth of referrers: a signature of an attestation of an image. */
const maxDepth = 3

const denied =
  'Grant the role roles/artifactregistry.repoAdmin on the repository to this identity. roles/artifactregistry.writer does not include deletions.'

/**
 * Opens the store of a repository of Google Artifact Registry, also under gcr.io. A tag is deleted alone; a manifest only if
 * it has no tag, no index contains it, and nothing refers to it:
 * https://cloud.google.com/artifact-registry/docs/docker/manage-images#deleting_images
 */
export const openGoogle: StoreOpener<'clients'> = (repository, {clients}) => {
  const [client, host] = [clients.repository(repository), clients.host(repository.host)]
  const deletions = new GoogleDeletions(client, host)
  return {
    repository,
    denialCode: 'gar-denied',
    async list() {
      const images = await listGoogleImages(host, repository)
      return images === undefined ? {kind: 'tags', tags: await client.tags()} : {kind: 'images', images}
    },
    ...oneByOne({
      deleteImage: async (image, onRemoved) => deletions.deleteImage(image, onRemoved),
      removeTag: async (tag, digest) => deletions.removeTag(tag, digest),
      signal: host.retrier.signal,
    }),
    budget: noBudget,
  }
}

/** Manifests that refer to an image. */
interface Links {
  /** Index of them, which exists under a tag if they were pushed for a registry without the referrers API. */
  readonly index: {readonly tag: string; readonly digest: string} | undefined
  readonly referrers: ReadonlySet<string>
}

class GoogleDeletions {
  readonly #client: RepositoryClient
  readonly #host: HostClient
  /** Refusal of a tag that is immutable. All tags of a repository are, or none. */
  #locked: Deletion | undefined

  constructor(client: RepositoryClient, host: HostClient) {
    this.#client = client
    this.#host = host
  }

  async deleteImage(image: DoomedImage, onRemoved: (tag: string) => void): Promise<Deletion> {
    return this.#caught(async () => this.#deleteImage(image, onRemoved))
  }

  async removeTag(tag: string, digest: string): Promise<Deletion> {
    return this.#caught(async () => this.#removeTag(tag, digest))
  }

  async #deleteImage({digest, tags}: DoomedImage, onRemoved: (tag: string) => void): Promise<Deletion> {
    const current = await Promise.all(tags.map(async (tag) => this.#client.head(tag)))
    if (current.some((head) => head !== undefined && head.digest !== digest)) return {kind: 'changed'}
    for (const tag of tags) {
      const removed = await this.#removeTag(tag, digest)
      if (!isGone(removed)) return removed
      onRemoved(tag)
    }
    return this.#deleteManifest(digest, 0)
  }

  async #removeTag(tag: string, digest: string): Promise<Deletion> {
    if (this.#locked !== undefined) return this.#locked
    let seen: string | undefined
    const answer = await this.#delete(tag, async () => {
      seen = (await this.#client.head(tag))?.digest
      return seen === digest
    })
    if (answer.kind === 'withheld') return {kind: seen === undefined ? 'gone' : 'changed'}
    const result = resultOf(answer)
    if (result.kind === 'kept' && result.reason === 'locked') this.#locked = result
    return result
  }

  /**
   * Deletes a manifest without a tag. What refers to it prevents that, and is deleted first: it goes with its subject in any
   * case. The tags of the image are gone by then, so that no tag leads to an image without its signature.
   */
  async #deleteManifest(digest: string, depth: number): Promise<Deletion> {
    let links: Links | undefined
    for (;;) {
      const result = resultOf(await this.#delete(digest, async () => Promise.resolve(true)))
      if (result.kind !== 'kept' || result.reason !== 'needed' || depth === maxDepth) return result
      links ??= await this.#linksTo(digest)
      const {index, referrers} = links
      const named = [...result.answer.matchAll(/\bsha256:[0-9a-f]{64}\b/g)].map(([text]) => text)
      const next = named.find((one) => one === index?.digest || referrers.has(one))
      if (next === undefined) return result
      // The index of referrers prevents the deletion of each of them.
      if (index !== undefined && (await this.#removeTag(index.tag, index.digest)).kind !== 'deleted') return result
      const removed = await this.#deleteManifest(index?.digest ?? next, depth + 1)
      if (removed.kind !== 'deleted') return result
      links = {index: undefined, referrers}
    }
  }

  async #linksTo(subject: string): Promise<Links> {
    if (!isDigest(subject)) return {index: undefined, referrers: new Set()}
    const tag = referrersTag(subject)
    const index = (await this.#client.head(tag))?.digest
    const referrers = await this.#client.referrers(subject, 'listed')
    return {
      index: index === undefined ? undefined : {tag, digest: index},
      referrers: new Set(referrers.map(({digest}) => digest)),
    }
  }

  /** A token for pushes, which also allows deletions: the tools of Google request no other. */
  async #delete(reference: string, proceed: () => Promise<boolean>): Promise<DeletionAnswer> {
    const {path} = this.#client.repository
    return deleteManifest(this.#host, {path, reference, access: ['pull', 'push']}, proceed)
  }

  async #caught(work: () => Promise<Deletion>): Promise<Deletion> {
    try {
      return await work()
    } catch (error) {
      const failed = failedDeletion(error, this.#host.retrier.signal.aborted)
      return failed.kind === 'denied' ? {...failed, remedy: denied} : failed
    }
  }
}

/** Result of an answer, by the codes of Google. */
function resultOf(answer: DeletionAnswer): Deletion {
  switch (answer.kind) {
    case 'deleted':
      return {kind: 'deleted'}
    case 'absent':
      return {kind: answer.wasSent ? 'deleted' : 'gone'}
    case 'withheld':
      return {kind: 'changed'}
    case 'refused':
      break
  }
  const {codes, status, text} = answer
  // A tag that the image did not have before.
  if (codes.includes('GOOGLE_MANIFEST_DANGLING_TAG')) return {kind: 'changed'}
  if (codes.some((code) => needed.has(code))) return {kind: 'kept', reason: 'needed', answer: text}
  if (/immutab/i.test(text)) return {kind: 'kept', reason: 'locked', answer: text}
  if (status === 401 || status === 403) return {kind: 'denied', answer: text, remedy: denied}
  return {kind: status === 405 ? 'unsupported' : 'failed', answer: text}
}

/** Codes for a manifest that an index contains, or that another manifest refers to. */
const needed: ReadonlySet<string> = new Set([
  'GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE',
  'GOOGLE_MANIFEST_REFERRING_MANIFEST',
])
