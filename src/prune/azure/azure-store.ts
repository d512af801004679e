import {TagboatError} from '../../errors/error.ts'
import type {Repository} from '../../oci/reference.ts'
import type {HostClient} from '../../registry/host-client.ts'
import type {RegistryRequest} from '../../registry/registry-request.ts'
import {answerText, deletionOf} from '../answers.ts'
import type {Deletion, DoomedImage} from '../image-store.ts'
import {failedDeletion} from '../oci/refusal.ts'
import {noBudget, oneByOne} from '../one-by-one.ts'
import type {StoreOpener} from '../store-opener.ts'
import {azureRights, listAzureImages, readAzureManifest, readAzureTag, type AzureEntry} from './azure-images.ts'
import {isLater} from '../times.ts'

/**
 * Opens the store of a repository of Azure Container Registry. An image is deleted by its digest with all its tags, a tag
 * by the API of Azure alone: https://learn.microsoft.com/azure/container-registry/container-registry-delete.
 * The server deletes referrers with their subject.
 */
export const openAzure: StoreOpener<'clients'> = (repository, {clients}) => {
  const client = clients.host(repository.host)
  return {
    repository,
    denialCode: 'acr-role-missing',
    list: async () => ({kind: 'images', images: await listAzureImages(client, repository)}),
    ...oneByOne({
      deleteImage: async (image) => deleteImage(client, repository, image),
      removeTag: async (tag, digest) => removeTag(client, repository, {tag, digest}),
      signal: client.retrier.signal,
    }),
    budget: noBudget,
  }
}

async function deleteImage(
  client: HostClient,
  repository: Repository,
  {digest, tags, pushedAt}: DoomedImage,
): Promise<Deletion> {
  const request = deletion(repository, `${repository.path}/manifests/${digest}`, `manifests/${digest}`)
  return send(client, request, {
    read: async () => readAzureManifest(client, repository, digest),
    isSame: (now) =>
      now.tags.length === tags.length &&
      tags.every((tag) => now.tags.includes(tag)) &&
      !isLater(now.updatedAt, pushedAt),
  })
}

async function removeTag(
  client: HostClient,
  repository: Repository,
  {tag, digest}: {readonly tag: string; readonly digest: string},
): Promise<Deletion> {
  const {origin} = await client.endpoint()
  const target = new URL(`/acr/v1/${repository.path}/_tags/${tag}`, origin)
  return send(client, deletion(repository, target, `_tags/${tag}`), {
    read: async () => readAzureTag(client, repository, tag),
    isSame: (now) => now.digest === digest,
  })
}

/** A token for the action `delete` alone, as the tools of Azure request it: a role may not allow pushes. */
function deletion({path}: Repository, target: string | URL, label: string): RegistryRequest {
  return {method: 'DELETE', target, label, scopes: [{path, access: ['delete']}]}
}

/** Reader of what a request deletes, right before it. */
interface Glance<T> {
  readonly read: () => Promise<T | undefined>
  readonly isSame: (now: T) => boolean
}

async function send<T extends AzureEntry>(
  client: HostClient,
  request: RegistryRequest,
  {read, isSame}: Glance<T>,
): Promise<Deletion> {
  let withheld: Deletion = {kind: 'gone'}
  try {
    const response = await client.callWhile(request, async () => {
      const now = await read()
      if (now === undefined) return false
      withheld = now.isLocked
        ? {kind: 'kept', reason: 'locked', answer: 'deleteEnabled or writeEnabled is false'}
        : {kind: 'changed'}
      return !now.isLocked && isSame(now)
    })
    if (response === undefined) return withheld
    if (response.status === 429) throw await client.failure(request, response, 'delete')
    // A lock of the repository: https://learn.microsoft.com/azure/container-registry/container-registry-image-lock
    if (response.status === 405) return {kind: 'kept', reason: 'locked', answer: answerText(response, client.hide)}
    return deletionOf(response, {hide: client.hide, denied: azureRights})
  } catch (error) {
    const failed = failedDeletion(error, client.retrier.signal.aborted)
    // The login was accepted for the list: what it lacks is the right.
    const isDenied = failed.kind === 'denied' || (error instanceof TagboatError && error.code === 'login-refused')
    return isDenied && 'answer' in failed ? {kind: 'denied', answer: failed.answer, remedy: azureRights} : failed
  }
}
