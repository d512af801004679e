import type {Http} from '../../io/http.ts'
import {requestPackage, type PackageOwners} from '../../io/connections/github-packages.ts'
import {packageOf} from '../../oci/ghcr.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {firstPublications, type FirstPublication, type Published} from '../../report/first-publications.ts'
import {packageNotice, type PackageFacts} from '../../report/package-notice.ts'
import type {Publication} from '../promote-image.ts'

/** Time for all requests. The image is published, and the notice is not worth a longer wait. */
const limitMs = 10_000

/**
 * Notices of the first publication of packages of GitHub: whether they are new, private and linked, and where that is
 * changed. Never rejects.
 */
export async function noticeFirstPublications(
  published: Published,
  publication: Publication,
  timeLimit = AbortSignal.timeout(limitMs),
): Promise<void> {
  const {prepared, io} = publication
  const {server, repository} = prepared.context
  const limit = AbortSignal.any([io.signal, timeLimit])
  const source = `${repository.owner}/${repository.name}`
  using http = io.http(limit)
  for (const one of firstPublications(published, server.url)) {
    if (!(await within(limit, isFirst(one, publication), false))) continue
    const facts = await within(limit, readFacts(one, publication, http), 'no answer in time')
    if (!io.signal.aborted) {
      io.workflow.notice(packageNotice({repository: one.repository, server: server.url, source}, facts))
    }
  }
}

/** Result of `work`, or `otherwise` when the limit is reached. */
async function within<T>(limit: AbortSignal, work: Promise<T>, otherwise: T): Promise<T> {
  const {promise, resolve} = Promise.withResolvers<T>()
  const end = (): void => {
    resolve(otherwise)
  }
  if (limit.aborted) end()
  limit.addEventListener('abort', end)
  return Promise.race([promise, work])
}

/** Reports whether the package has only tags of this run. A list that cannot be read does not show that. Never rejects. */
async function isFirst({repository, tags, isCertain}: FirstPublication, {registries}: Publication): Promise<boolean> {
  if (isCertain) return true
  try {
    // Tags for referrers of a digest come with the image.
    const isOwn = (tag: string): boolean => tags.includes(tag) || tag.startsWith('sha256-')
    const listed = await registries.clients.repository(repository).tags((found) => !found.every(isOwn))
    return listed.every(isOwn)
  } catch {
    return false
  }
}

/** Facts about a package, or the reason why they could not be read. Never rejects. */
async function readFacts(
  {repository}: FirstPublication,
  {prepared, io}: Publication,
  http: Http,
): Promise<PackageFacts | string> {
  const token = prepared.inputs.credentials.githubToken
  if (token === undefined || token.isEmpty) return 'there is no `github-token`'
  const started = io.now().getTime() - io.phases.elapsedMs
  const {apiUrl} = prepared.context.server
  const request = {http, apiUrl, token, hide: io.workflow.hide}
  return requestPackage(packageOf(repository), request, (body, owners) => factsIn(parseJson(body), {owners, started}))
}

const visibilities = ['public', 'private', 'internal'] as const

/** Possible difference of the clocks of GitHub and the runner. */
const clockSkewMs = 60_000

function factsIn(
  value: unknown,
  {owners, started}: {readonly owners: PackageOwners; readonly started: number},
): PackageFacts | undefined {
  const visibility = visibilities.find((known) => known === field(value, 'visibility'))
  const linked = field(field(value, 'repository'), 'full_name')
  const created = field(value, 'created_at')
  if (visibility === undefined) return undefined
  return {
    owners,
    visibility,
    linked: typeof linked === 'string' && /^[\w.-]{1,100}\/[\w.-]{1,100}$/.test(linked) ? linked : undefined,
    isNew: typeof created === 'string' && Date.parse(created) >= started - clockSkewMs,
  }
}
