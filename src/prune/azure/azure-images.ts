import {field, parseJson} from '../../oci/manifest.ts'
import {TagboatError} from '../../errors/error.ts'
import type {Repository} from '../../oci/reference.ts'
import type {HostClient} from '../../registry/host-client.ts'
import {Pages} from '../../registry/pages.ts'
import {redactUrl} from '../../registry/redact.ts'
import type {RegistryRequest, RegistryResponse} from '../../registry/registry-request.ts'
import type {ListedImage} from '../../retention/repository-content.ts'
import {listCut} from '../list-cut.ts'
import {parseTime} from '../../retention/parse-configuration.ts'
import {latestOf} from '../times.ts'

/** Manifest or tag, as Azure Container Registry describes it. */
export interface AzureEntry {
  readonly digest: string
  readonly updatedAt: Date | undefined
  /** Whether its deletion or its change is forbidden, which both forbid the deletion. */
  readonly isLocked: boolean
}

/** Manifest with its tags, except those that lists do not show. */
interface AzureManifest extends AzureEntry {
  readonly tags: readonly string[]
}

interface AzureTag extends AzureEntry {
  readonly name: string
}

/** Rights that lists and deletions need: https://learn.microsoft.com/azure/container-registry/container-registry-roles */
export const azureRights =
  'Assign the role AcrDelete beside AcrPush or AcrPull; in a registry with repository permissions, "Container Registry Repository Contributor". The scope map of a token of the registry needs content/delete, content/read and metadata/read.'

/** Page size, as in the tools of Azure. */
const pageSize = 100

/**
 * Lists the images of a repository by its manifests and tags:
 * https://learn.microsoft.com/rest/api/containerregistry/manifests/get-list and
 * https://learn.microsoft.com/rest/api/containerregistry/tags/get-list. None if the repository does not exist.
 * @throws TagboatError `acr-role-missing` and other refusals, or `prune-list-cut`.
 */
export async function listAzureImages(client: HostClient, repository: Repository): Promise<readonly ListedImage[]> {
  const manifests = (await listAll(client, repository, 'manifests')).map((value) => manifestIn(value))
  // After the manifests, so that a tag that moved meanwhile belongs to its new image.
  const tags = (await listAll(client, repository, 'tags')).map((value) => tagIn(value))
  if (!manifests.every((one) => one !== undefined) || !tags.every((one) => one !== undefined))
    throw listCut(repository, 'an entry has no digest')
  return imagesOf(manifests, tags)
}

/**
 * Images of manifests and tags. With the attribute `listEnabled: false`, a manifest or a tag is missing in its own list.
 */
function imagesOf(manifests: readonly AzureManifest[], tags: readonly AzureTag[]): readonly ListedImage[] {
  const listed = new Set(tags.map(({name}) => name))
  const tagsOf = Map.groupBy(tags, ({digest}) => digest)
  const known = new Map(manifests.map((manifest) => [manifest.digest, manifest]))
  return [...new Set([...known.keys(), ...tagsOf.keys()])].map((digest) => {
    const manifest = known.get(digest)
    const own = tagsOf.get(digest) ?? []
    const hidden = (manifest?.tags ?? []).filter((name) => !listed.has(name))
    const entries = manifest === undefined ? own : [manifest, ...own]
    return {
      digest,
      tags: [...own.map(({name}) => name), ...hidden],
      pushedAt: latestOf(entries.map(({updatedAt}) => updatedAt)),
      ...(entries.some(({isLocked}) => isLocked) && {isLocked: true}),
    }
  })
}

/** Reads a manifest. Undefined if it does not exist. */
export async function readAzureManifest(
  client: HostClient,
  {path}: Repository,
  digest: string,
): Promise<AzureManifest | undefined> {
  return readEntry(client, {path, part: `_manifests/${digest}`}, (body) => manifestIn(field(body, 'manifest')))
}

/** Reads a tag. Undefined if it does not exist. */
export async function readAzureTag(
  client: HostClient,
  {path}: Repository,
  tag: string,
): Promise<AzureEntry | undefined> {
  return readEntry(client, {path, part: `_tags/${tag}`}, (body) => entryIn(field(body, 'tag')))
}

interface Part {
  readonly path: string
  readonly part: string
}

async function readEntry<T>(
  client: HostClient,
  part: Part,
  parse: (body: unknown) => T | undefined,
): Promise<T | undefined> {
  const request = await metadataRequest(client, part)
  const response = await client.call(request)
  if (response.status === 404) return undefined
  const entry = response.status === 200 ? parse(parseJson(response.body)) : undefined
  if (entry === undefined) throw await refused(client, request, response)
  return entry
}

/** Request for what Azure stores about manifests and tags. Its token has an action of its own. */
async function metadataRequest(client: HostClient, {path, part}: Part): Promise<RegistryRequest> {
  const {origin} = await client.endpoint()
  const target = new URL(`/acr/v1/${path}/${part}`, origin)
  return {method: 'GET', target, label: part, scopes: [{path, access: ['metadata_read']}]}
}

async function listAll(
  client: HostClient,
  repository: Repository,
  kind: 'manifests' | 'tags',
): Promise<readonly unknown[]> {
  const found: unknown[] = []
  const pages = new Pages()
  let request = await metadataRequest(client, {path: repository.path, part: `_${kind}?n=${pageSize}`})
  for (let isFirst = true; ; isFirst = false) {
    const response: RegistryResponse = await client.call({...request, maxBytes: pages.bytesLeft})
    if (response.status === 404 && isFirst) return []
    if (response.status !== 200) throw await refused(client, request, response)
    // The list of a repository without tags is `null`.
    const entries: unknown = field(parseJson(response.body), kind) ?? []
    if (!Array.isArray(entries)) throw listCut(repository, `${shown(client, response)}, which is not a list of ${kind}`)
    for (const entry of entries) found.push(entry)
    const next = pages.after(response)
    if (next === 'end') return found
    if ('reason' in next) throw listCut(repository, `${shown(client, response)}, which ${next.reason}`)
    request = {...request, target: next.page}
  }
}

/** Error for a refused request. The right to read attributes is not that to pull. */
async function refused(client: HostClient, request: RegistryRequest, response: RegistryResponse): Promise<Error> {
  const failure = await client.failure(request, response, 'pull')
  if (!(failure instanceof TagboatError) || failure.code !== 'pull-denied') return failure
  const {message, evidence} = failure
  return new TagboatError('acr-role-missing', {message, evidence, remedy: azureRights})
}

function shown({hide}: HostClient, {url, status}: RegistryResponse): string {
  return `GET ${redactUrl(url, hide)}: ${status}`
}

function manifestIn(value: unknown): AzureManifest | undefined {
  const entry = entryIn(value)
  const tags = field(value, 'tags')
  return entry && {...entry, tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : []}
}

function tagIn(value: unknown): AzureTag | undefined {
  const entry = entryIn(value)
  const name = field(value, 'name')
  return entry === undefined || typeof name !== 'string' ? undefined : {...entry, name}
}

function entryIn(value: unknown): AzureEntry | undefined {
  const digest = field(value, 'digest')
  if (typeof digest !== 'string') return undefined
  const attributes = field(value, 'changeableAttributes')
  const isLocked = ['deleteEnabled', 'writeEnabled'].some((name) => field(attributes, name) === false)
  return {digest, updatedAt: parseTime(field(value, 'lastUpdateTime')), isLocked}
}
