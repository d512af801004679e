import {field, parseJson} from '../../oci/manifest.ts'
import type {Repository} from '../../oci/reference.ts'
import {reading} from '../../registry/auth/scope.ts'
import type {HostClient} from '../../registry/host-client.ts'
import {Pages} from '../../registry/pages.ts'
import {redactUrl} from '../../registry/redact.ts'
import type {RegistryRequest, RegistryResponse} from '../../registry/registry-request.ts'
import type {ListedImage} from '../../retention/repository-content.ts'
import {listCut} from '../list-cut.ts'

/**
 * Lists the images of a repository by the map `manifest`, which the registries of Google add to the list of tags: pkg/v1/google
 * of https://github.com/google/go-containerregistry. None if the repository does not exist; undefined without the map.
 * @throws TagboatError `gar-denied` and other refusals, or `prune-list-cut`.
 */
export async function listGoogleImages(
  client: HostClient,
  repository: Repository,
): Promise<readonly ListedImage[] | undefined> {
  const {path} = repository
  const images = new Map<string, ListedImage>()
  const tags = new Set<string>()
  const pages = new Pages()
  // Without a page size: the map is whole only in a whole list.
  let request: RegistryRequest = {
    method: 'GET',
    target: `${path}/tags/list`,
    label: 'tags/list',
    scopes: [reading(path)],
  }
  for (let isFirst = true; ; isFirst = false) {
    const response: RegistryResponse = await client.call({...request, maxBytes: pages.bytesLeft})
    if (response.status === 404 && isFirst) return []
    if (response.status !== 200) throw await client.failure(request, response, 'pull')
    const list = parseJson(response.body)
    const manifests = field(list, 'manifest')
    if (typeof manifests !== 'object' || manifests === null) {
      if (isFirst) return undefined
      throw listCut(repository, shown(client, response, 'lists no manifests'))
    }
    for (const [digest, info] of Object.entries(manifests)) images.set(digest, imageIn(digest, info))
    for (const tag of textsIn(list, 'tags')) tags.add(tag)
    const next = pages.after(response)
    if (next === 'end') {
      const named = new Set([...images.values()].flatMap((image) => image.tags))
      const lost = [...tags].find((tag) => !named.has(tag))
      if (lost === undefined) return [...images.values()]
      if (images.size === 0) return undefined
      throw listCut(repository, shown(client, response, `lists the tag ${lost} without its manifest`))
    }
    if ('reason' in next) throw listCut(repository, shown(client, response, next.reason))
    request = {...request, target: next.page}
  }
}

function shown({hide}: HostClient, {url, status}: RegistryResponse, what: string): string {
  return `GET ${redactUrl(url, hide)}: ${status}, which ${what}`
}

function imageIn(digest: string, info: unknown): ListedImage {
  return {digest, tags: textsIn(info, 'tag'), pushedAt: timeIn(field(info, 'timeUploadedMs'))}
}

/** Time in ms since the epoch, as a text in Container Registry and a number in Artifact Registry. */
function timeIn(value: unknown): Date | undefined {
  const ms = Number(value)
  return (typeof value === 'string' || typeof value === 'number') && ms > 0 && ms < 8.64e15 ? new Date(ms) : undefined
}

function textsIn(value: unknown, name: string): readonly string[] {
  const list = field(value, name)
  return Array.isArray(list) ? list.filter((text) => typeof text === 'string') : []
}
