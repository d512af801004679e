import {errorMessage, TagboatError} from '../errors/error.ts'
import type {Http} from '../io/http.ts'
import type {Digest} from '../oci/digest.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {formatRepository} from '../oci/reference.ts'
import type {ExplainedRow} from '../promote/explained-rows.ts'
import {publishedDigests} from '../promote/published-digests.ts'
import {readPlatform} from '../registry/images/read-facts.ts'
import {firstPublications, type FirstPublication, type Published} from '../report/first-publications.ts'
import {packageNotice, packageOf, type PackageFacts} from '../report/package-notice.ts'
import type {StagedImage} from '../stage/staged-image.ts'
import type {Publication} from './promote-image.ts'

/** Reports releases that keep the image of an earlier publication, although other digests are promoted. */
export function noticeKeptReleases(
  promoted: Digest,
  rows: readonly ExplainedRow[],
  {prepared, io}: Pick<Publication, 'prepared' | 'io'>,
): void {
  for (const [name, published] of publishedDigests({plan: prepared.plan, rows}, promoted)) {
    if (published === promoted) continue
    io.workflow.notice(`${name}: the release keeps ${published}, which was published before, instead of ${promoted}.`)
  }
}

/**
 * Image to which the release tags point, if it is another build of this commit.
 * @throws TagboatError `publish-unverified` if the registry no longer has it.
 */
export async function keptBuild(
  promoted: Digest,
  rows: readonly ExplainedRow[],
  {prepared, registries}: Publication,
): Promise<StagedImage | undefined> {
  const {plan} = prepared
  const [first] = plan.tags
  if (first === undefined) return undefined
  const {repository} = first.reference
  const name = formatRepository(repository)
  const digest = publishedDigests({plan, rows}, promoted).get(name)
  if (digest === undefined || digest === promoted) return undefined
  const client = registries.clients.repository(repository)
  const content = await client.manifest(digest)
  if (content === undefined)
    throw new TagboatError('publish-unverified', {evidence: [`${name} no longer has ${digest}`]})
  return {content, platform: await readPlatform(client, content), repository, existing: true}
}

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
    const listed = await registries.clients.repository(repository).tags()
    // Tags for referrers of a digest come with the image.
    return listed.every((tag) => tags.includes(tag) || tag.startsWith('sha256-'))
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
  const {owner, name} = packageOf(repository)
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token.reveal()}`,
    'x-github-api-version': '2022-11-28',
  }
  const started = io.now().getTime() - io.phases.elapsedMs
  const answers: string[] = []
  // The owner is an organization or a user, each with its own path.
  for (const owners of ['orgs', 'users'] as const) {
    const path = `/${owners}/${owner}/packages/container/${encodeURIComponent(name)}`
    try {
      const url = new URL(`${prepared.context.server.apiUrl}${path}`)
      const {status, body} = await http.send({method: 'GET', url, headers})
      const facts = status === 200 ? factsIn(parseJson(body), {owners, started}) : undefined
      if (facts !== undefined) return facts
      answers.push(`GET ${path}: ${status}`)
      if (status !== 404) break
    } catch (error) {
      answers.push(`GET ${path}: ${io.workflow.hide(errorMessage(error))}`)
      break
    }
  }
  return answers.join(', ')
}

const visibilities = ['public', 'private', 'internal'] as const
/** Possible difference of the clocks of GitHub and the runner. */
const clockSkewMs = 60_000

function factsIn(
  value: unknown,
  {owners, started}: Pick<PackageFacts, 'owners'> & {readonly started: number},
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
