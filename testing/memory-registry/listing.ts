import {digestOf, isDigest} from '../../src/oci/digest.ts'
import {answer, json, noSuchPath, problem} from './answers.ts'
import {parse} from './manifests.ts'
import {addressOf, type RequestContext} from './request-context.ts'
import {compare} from './store.ts'
import type {Answer} from './types.ts'

/** Answers `/v2/NAME/tags/list`. */
export function tagList(context: RequestContext): Answer {
  const {request, repository, options, name} = context
  if (request.method !== 'GET') return answer(405, {allow: 'GET'})
  const refusal = options.listsTags === false ? 405 : options.listsTags
  if (typeof refusal === 'number') return refuse(refusal)
  if (repository?.wasTagged !== true) return problem(404, 'NAME_UNKNOWN')
  const limit = request.query.get('n')
  if (limit !== null && !/^\d+$/.test(limit)) return problem(400, 'PAGINATION_NUMBER_INVALID')
  const last = request.query.get('last')
  const all = [...repository.tags.keys()].sort(compare).filter((tag) => last === null || compare(tag, last) > 0)
  const size = Math.min(limit === null ? all.length : Number(limit), options.pageSize ?? all.length)
  const tags = all.slice(0, size)
  const end = tags.at(-1)
  const next =
    end !== undefined && size < all.length
      ? {link: `<${addressOf(context, `/v2/${name}/tags/list?${nextPage(end, size)}`)}>; rel="next"`}
      : undefined
  return json(200, {name, tags}, next)
}

function nextPage(last: string, n: number): string {
  return new URLSearchParams({last, n: String(n)}).toString()
}

function refuse(status: 401 | 403 | 404 | 405): Answer {
  switch (status) {
    case 401:
      return problem(401, 'UNAUTHORIZED')
    case 403:
      return problem(403, 'DENIED')
    case 404:
      return noSuchPath()
    case 405:
      return problem(405, 'UNSUPPORTED')
  }
}

/** Answers `/v2/NAME/referrers/DIGEST`: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
export function referrers({request, repository, options}: RequestContext, subject: string): Answer {
  if (options.referrers === false) return noSuchPath()
  if (request.method !== 'GET') return answer(405, {allow: 'GET'})
  if (!isDigest(subject)) return problem(400, 'DIGEST_INVALID')
  const wanted = request.query.get('artifactType')
  const found = [...(repository?.manifests.values() ?? [])].flatMap((manifest) => {
    const fields = parse(manifest)
    if (fields?.subject?.digest !== subject) return []
    const artifactType = fields.artifactType ?? fields.config?.mediaType
    if (wanted !== null && artifactType !== wanted) return []
    const {annotations} = fields
    const {mediaType, bytes} = manifest
    return [
      {
        mediaType,
        digest: digestOf(bytes),
        size: bytes.length,
        ...(artifactType !== undefined && {artifactType}),
        ...(annotations !== undefined && {annotations}),
      },
    ]
  })
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  return json(
    200,
    {schemaVersion: 2, mediaType, manifests: found},
    {'content-type': mediaType, ...(wanted !== null && {'oci-filters-applied': 'artifactType'})},
  )
}
