import {TagboatError} from '../errors/error.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {isTag} from '../oci/reference.ts'
import {nextPage} from './pagination.ts'
import {redactUrl} from './redact.ts'
import {errorCode} from './retry.ts'
import {reading} from './scope.ts'
import type {Answer, Call, Session} from './session.ts'

/** ECR gives no more on one page; others may give less, and say so by their `Link`. */
const pageSize = 1000
const maxPages = 10_000
/** Google's registries list every manifest along with the tags, on one page. */
const maxBytes = 64 * 1024 * 1024

/**
 * All tags of a repository, page by page: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 * @throws TagboatError `tags-unlisted` when the registry denies the list, knows none, or gives only a part of it.
 */
export async function listTags(session: Session, path: string): Promise<readonly string[]> {
  const tags = new Set<string>()
  let target: string | URL = `${path}/tags/list?n=${pageSize}`
  for (let page = 1; ; page += 1) {
    const answer: Answer = await listed(session, path, target)
    if (answer.status === 404) return []
    const found = tagsIn(answer.body)
    if (found === undefined) throw partial(session, answer, 'is no list of tags')
    for (const tag of found) tags.add(tag)
    const next = nextPage(answer.headers['link'], answer.url)
    if (next === undefined) return [...tags]
    if (next === 'astray') throw partial(session, answer, 'names a next page that cannot be asked for')
    if (page === maxPages) throw partial(session, answer, `is page ${page}, and not the last`)
    target = next
  }
}

async function listed(session: Session, path: string, target: string | URL): Promise<Answer> {
  const call: Call = {method: 'GET', target, label: 'tags/list', scopes: [reading(path)], maxBytes}
  const answer = await asked(session, call)
  const isFirst = typeof target === 'string'
  // Of a repository that is not there; a later page that is not there is missing.
  if (answer.status === 200 || (answer.status === 404 && isFirst)) return answer
  const failure = await session.failure(call, answer, 'pull')
  // A registry with a smaller limit than ours may refuse the number instead of taking less.
  if (answer.status === 400 && isFirst && target.includes('?')) return listed(session, path, `${path}/tags/list`)
  throw [400, 401, 403, 404, 405, 501].includes(answer.status) ? unlisted(session, failure) : failure
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
  return unlisted(session, new Error(`GET ${redactUrl(url)}: ${status}, which ${what}`))
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
