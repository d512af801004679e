import {forEachBounded} from '../../registry/limit.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {RegistryResponse} from '../../registry/registry-request.ts'
import type {ListedImage} from '../../retention/repository-content.ts'
import {answerText, deletionOf, type DeletionRules} from '../answers.ts'
import type {Deletion, DoomedImage} from '../image-store.ts'
import type {StoreOpener} from '../store-opener.ts'
import {noBudget, oneByOne} from '../one-by-one.ts'
import {HarborApi} from './harbor-api.ts'
import {isLater} from '../times.ts'

/**
 * Opens a repository of Harbor. An artifact goes with all its tags and signatures, and with its platforms that have no tag
 * and no other parent: src/controller/artifact/controller.go of https://github.com/goharbor/harbor
 */
export const openHarbor: StoreOpener<'clients' | 'services'> = (repository, resources) => {
  const api = new HarborApi(repository, resources)
  const client = resources.clients.repository(repository)
  const {hide} = resources.services.secrets
  const resultOf = (answer: RegistryResponse): Deletion => {
    const text = answerText(answer, hide)
    if (answer.status === 412 && /FOREIGN_KEY|referenced by/.test(text))
      return {kind: 'kept', reason: 'needed', answer: text}
    return deletionOf(answer, {...rules, hide})
  }
  return {
    repository,
    list: async () => ({kind: 'images', images: await withHiddenTags(await api.list(), client)}),
    deletesChildren: true,
    ...oneByOne({deleteImage, removeTag, signal: resources.services.retrier.signal}),
    budget: noBudget,
  }

  async function removeTag(tag: string, digest: string): Promise<Deletion> {
    let seen: string | undefined
    const answer = await api.deleteTag(digest, tag, async () => {
      seen = (await client.head(tag))?.digest
      return seen === digest
    })
    return answer === undefined ? {kind: seen === undefined ? 'gone' : 'changed'} : resultOf(answer)
  }

  async function deleteImage({digest, tags, pushedAt}: DoomedImage): Promise<Deletion> {
    let seen: Awaited<ReturnType<typeof api.image>>
    const answer = await api.deleteArtifact(digest, async () => {
      seen = await api.image(digest)
      const hasTags = seen?.tags.length === tags.length && tags.every((tag) => seen?.tags.includes(tag) === true)
      return hasTags && !isLater(seen?.pushedAt, pushedAt)
    })
    return answer === undefined ? {kind: seen === undefined ? 'gone' : 'changed'} : resultOf(answer)
  }
}

const rules: Omit<DeletionRules, 'hide'> = {
  denied:
    'Give the robot account the permissions to list and delete artifacts and tags in the project, or use a user with the role Maintainer there.',
  // An immutable tag, or one with a signature of Notary.
  locked: /PRECONDITION|immutable/i,
}

/** Number of tags that are read at the same time. */
const maxReads = 16

/** Adds the images of tags that only the OCI API lists: those of signatures and other accessories. */
async function withHiddenTags(
  listed: readonly ListedImage[],
  client: Pick<RepositoryClient, 'tags' | 'head'>,
): Promise<readonly ListedImage[]> {
  const known = new Set(listed.flatMap(({tags}) => tags))
  const hidden = (await client.tags()).filter((tag) => !known.has(tag))
  const images = new Map(listed.map((image) => [image.digest, image]))
  await forEachBounded(hidden, maxReads, async (tag) => {
    const digest = (await client.head(tag))?.digest
    if (digest === undefined) return
    const image = images.get(digest)
    images.set(digest, {digest, pushedAt: undefined, ...image, tags: [...(image?.tags ?? []), tag]})
  })
  return [...images.values()]
}
