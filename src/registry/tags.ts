import {TagboatError} from '../errors/error.ts'
import {field} from '../oci/manifest.ts'
import {isTag} from '../oci/reference.ts'
import {parseJson} from './json.ts'
import {nextPage} from './pagination.ts'
import {reading} from './scope.ts'
import type {Answer, Call, Session} from './session.ts'

/** ECR gives no more on one page; others may give less, and say so by their `Link`. */
const pageSize = 1000
const maxPages = 10_000

/**
 * All tags of a repository, page by page: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 * @throws TagboatError `tags-unlisted` when the registry denies the list or knows none.
 */
export async function listTags(session: Session, path: string): Promise<readonly string[]> {
  const tags = new Set<string>()
  let target: string | URL | undefined = `${path}/tags/list?n=${pageSize}`
  for (let page = 0; target !== undefined && page < maxPages; page += 1) {
    const answer: Answer = await listed(session, path, target)
    if (answer.status === 404) return []
    for (const tag of tagsIn(answer.body)) tags.add(tag)
    target = nextPage(answer.headers['link'], answer.url)
  }
  return [...tags]
}

async function listed(session: Session, path: string, target: string | URL): Promise<Answer> {
  const call: Call = {method: 'GET', target, label: 'tags/list', scopes: [reading(path)]}
  const answer = await asked(session, call)
  if (answer.status === 200 || answer.status === 404) return answer
  const failure = await session.failure(call, answer, 'pull')
  // A registry with a smaller limit than ours may refuse the number instead of taking less.
  const isOwnNumber = typeof target === 'string' && target.includes('?')
  if (answer.status === 400 && isOwnNumber) return listed(session, path, `${path}/tags/list`)
  throw [400, 401, 403, 405, 501].includes(answer.status) ? unlisted(session, failure) : failure
}

async function asked(session: Session, call: Call): Promise<Answer> {
  try {
    return await session.call(call)
  } catch (error) {
    // The token server denied it in the registry's place.
    throw error instanceof TagboatError && error.code === 'pull-denied' ? unlisted(session, error) : error
  }
}

function unlisted({host}: Session, cause: Error): TagboatError {
  const evidence = cause instanceof TagboatError ? cause.evidence : [cause.message]
  return new TagboatError('tags-unlisted', {
    message: `${host} does not list the tags of the repository.`,
    evidence,
    cause,
  })
}

function tagsIn(body: Uint8Array): readonly string[] {
  const tags = field(parseJson(body), 'tags')
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string').filter(isTag) : []
}
