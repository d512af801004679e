import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {isTag} from '../oci/reference.ts'
import {parseErrorBody} from './error-body.ts'
import {Pages} from './pages.ts'
import {redactUrl} from './redact.ts'
import {reading} from './auth/scope.ts'
import type {HostClient} from './host-client.ts'
import type {RegistryResponse, RegistryRequest} from './registry-request.ts'

/** Page size. It is the maximum of ECR; other registries may use smaller pages and a `Link` header. */
const pageSize = 1000
/** Page size for registries that refuse larger pages and the default: Quay (413). */
const smallPageSize = 100

/**
 * Lists all tags of a repository, page by page, or those of small pages until one of them is enough:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 * @throws TagboatError `tags-unlisted` if the registry denies the list, does not support it, or lists only a part.
 */
export async function listTags(
  client: HostClient,
  path: string,
  isEnough?: (page: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const tags = new Set<string>()
  const pages = new Pages()
  const first = `${path}/tags/list`
  let target: string | URL = `${first}?n=${isEnough === undefined ? pageSize : smallPageSize}`
  for (;;) {
    const response: RegistryResponse = await readPage(client, {path, target, maxBytes: pages.bytesLeft})
    if (response.status === 404) return []
    const found = tagsIn(response.body)
    if (found === undefined) throw partialList(client, response, 'is not a list of tags')
    const before = tags.size
    for (const tag of found) tags.add(tag)
    if (isEnough?.(found) === true) return [...tags]
    const next = pages.after(response)
    if (next === 'end') return [...tags]
    if ('reason' in next) throw partialList(client, response, next.reason)
    // A registry that ignores `last` returns the same page endlessly.
    if (found.length > 0 && tags.size === before) throw partialList(client, response, 'repeats an earlier page')
    target = next.page
  }
}

interface Page {
  readonly path: string
  readonly target: string | URL
  readonly maxBytes: number
}

async function readPage(client: HostClient, {path, target, maxBytes}: Page): Promise<RegistryResponse> {
  const isFirst = typeof target === 'string'
  const request: RegistryRequest = {method: 'GET', target, label: 'tags/list', scopes: [reading(path)], maxBytes}
  let response = await callForList(client, request)
  const sizes = response.url.searchParams.has('n') ? [undefined, smallPageSize] : []
  for (const size of sizes) {
    if (!isNumberRefused(response, client)) break
    response = await callForList(client, {...request, target: withNumber(response.url, size)})
  }
  // A 404 on the first page means that the repository does not exist; later it is an error.
  if (response.status === 200 || (response.status === 404 && isFirst)) return response
  const failure = await client.failure(request, response, 'pull')
  throw isRefusal(response.status) ? tagsUnlisted(client, failure) : failure
}

/** Reports whether a status is a permanent refusal. A rate limit and server errors are temporary. */
function isRefusal(status: number): boolean {
  return (status < 500 && status !== 429) || status === 501 || status === 505
}

/**
 * Reports whether the registry refuses the page size. The specification requires 400 with PAGINATION_NUMBER_INVALID;
 * others respond with 413 and TOO_MANY_TAGS_REQUESTED (Quay), 416 or 422.
 */
function isNumberRefused({status, body}: RegistryResponse, {hide}: HostClient): boolean {
  if (parseErrorBody(body, hide).some(({code}) => /PAGINATION|TOO_MANY_TAGS/.test(code))) return true
  return status >= 400 && status < 500 && ![401, 403, 404, 405, 429].includes(status)
}

/** URL of a page with another size. Undefined: the default size of the registry. */
function withNumber(page: URL, size: number | undefined): URL {
  const url = new URL(page)
  if (size === undefined) url.searchParams.delete('n')
  else url.searchParams.set('n', String(size))
  return url
}

async function callForList(client: HostClient, request: RegistryRequest): Promise<RegistryResponse> {
  try {
    return await client.call(request)
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    // The token server denied the list, or the list is too long.
    const isUnlisted = error.code === 'pull-denied' || errorCode(error.cause) === 'EMSGSIZE'
    throw isUnlisted ? tagsUnlisted(client, error) : error
  }
}

function partialList(client: HostClient, {status, url}: RegistryResponse, what: string): TagboatError {
  return tagsUnlisted(client, new Error(`GET ${redactUrl(url, client.hide)}: ${status}, which ${what}`))
}

function tagsUnlisted({host}: HostClient, cause: Error): TagboatError {
  const evidence = cause instanceof TagboatError ? cause.evidence : [cause.message]
  return new TagboatError('tags-unlisted', {
    message: `${host} does not list the tags of the repository.`,
    evidence,
    cause,
  })
}

/** Parses a list of tags. Registries omit an empty list, or write `null`. Undefined if the body is not a list. */
function tagsIn(body: Uint8Array): readonly string[] | undefined {
  const list = parseJson(body)
  if (typeof list !== 'object' || list === null || Array.isArray(list)) return undefined
  const tags = field(list, 'tags') ?? []
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string').filter(isTag) : undefined
}
