import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {isTag} from '../oci/reference.ts'
import {parseErrorBody} from './error-body.ts'
import {Pages} from './pages.ts'
import {redactUrl} from './redact.ts'
import {reading} from './auth/scope.ts'
import type {Answer, Call, Session} from './host-client.ts'

/** ECR gives no more on one page; others may give less, and say so by their `Link`. */
const pageSize = 1000
/** What a registry takes that takes neither ours nor none: Quay refuses more (413). */
const smallPageSize = 100

/**
 * All tags of a repository, page by page: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 * @throws TagboatError `tags-unlisted` when the registry denies the list, knows none, or gives only a part of it.
 */
export async function listTags(session: Session, path: string): Promise<readonly string[]> {
  const tags = new Set<string>()
  const pages = new Pages()
  const first = `${path}/tags/list`
  let target: string | URL = `${first}?n=${pageSize}`
  for (;;) {
    const answer: Answer = await listed(session, {path, target, maxBytes: pages.bytesLeft})
    if (answer.status === 404) return []
    const found = tagsIn(answer.body)
    if (found === undefined) throw partial(session, answer, 'is no list of tags')
    const before = tags.size
    for (const tag of found) tags.add(tag)
    const next = pages.after(answer)
    if (next === 'end') return [...tags]
    if ('reason' in next) throw partial(session, answer, next.reason)
    // A registry that does not heed `last` gives the same page under another address, for ever.
    if (found.length > 0 && tags.size === before) throw partial(session, answer, 'repeats an earlier page')
    target = next.page
  }
}

interface Page {
  readonly path: string
  readonly target: string | URL
  readonly maxBytes: number
}

async function listed(session: Session, {path, target, maxBytes}: Page): Promise<Answer> {
  const isFirst = typeof target === 'string'
  const call: Call = {method: 'GET', target, label: 'tags/list', scopes: [reading(path)], maxBytes}
  let answer = await asked(session, call)
  const sizes = answer.url.searchParams.has('n') ? [undefined, smallPageSize] : []
  for (const size of sizes) {
    if (!isNumberRefused(answer, session)) break
    answer = await asked(session, {...call, target: withNumber(answer.url, size)})
  }
  // Of a repository that is not there; a later page that is not there is missing.
  if (answer.status === 200 || (answer.status === 404 && isFirst)) return answer
  const failure = await session.failure(call, answer, 'pull')
  throw isRefusal(answer.status) ? unlisted(session, failure) : failure
}

/** A limit of requests passes, and so may what is wrong with a server: whether there is a list is not known then. */
function isRefusal(status: number): boolean {
  return (status < 500 && status !== 429) || status === 501 || status === 505
}

/**
 * A registry with a smaller limit than ours may refuse the number instead of taking less. It says so as it likes: 400 with
 * PAGINATION_NUMBER_INVALID by the specification, 413 with TOO_MANY_TAGS_REQUESTED (Quay), 416, 422.
 */
function isNumberRefused({status, body}: Answer, {hide}: Session): boolean {
  if (parseErrorBody(body, hide).some(({code}) => /PAGINATION|TOO_MANY_TAGS/.test(code))) return true
  return status >= 400 && status < 500 && ![401, 403, 404, 405, 429].includes(status)
}

/** The same page of another size; `undefined`: of the size that the registry likes. */
function withNumber(page: URL, size: number | undefined): URL {
  const url = new URL(page)
  if (size === undefined) url.searchParams.delete('n')
  else url.searchParams.set('n', String(size))
  return url
}

async function asked(session: Session, call: Call): Promise<Answer> {
  try {
    return await session.call(call)
  } catch (error) {
    if (!(error instanceof TagboatError)) throw error
    // The token server denied it in the registry's place, or the list is longer than anybody can want it.
    const isUnlisted = error.code === 'pull-denied' || errorCode(error.cause) === 'EMSGSIZE'
    throw isUnlisted ? unlisted(session, error) : error
  }
}

function partial(session: Session, {status, url}: Answer, what: string): TagboatError {
  return unlisted(session, new Error(`GET ${redactUrl(url, session.hide)}: ${status}, which ${what}`))
}

function unlisted({host}: Session, cause: Error): TagboatError {
  const evidence = cause instanceof TagboatError ? cause.evidence : [cause.message]
  return new TagboatError('tags-unlisted', {
    message: `${host} does not list the tags of the repository.`,
    evidence,
    cause,
  })
}

/** Of a repository without tags, registries write none, or `null`. Undefined when it is no list. */
function tagsIn(body: Uint8Array): readonly string[] | undefined {
  const list = parseJson(body)
  if (typeof list !== 'object' || list === null || Array.isArray(list)) return undefined
  const tags = field(list, 'tags') ?? []
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string').filter(isTag) : undefined
}
