import type {ErrorCode} from '../../errors/causes.ts'
import {retentionError} from '../../errors/retention-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {evidenceOf, type GitHubApi, type GitHubResponse} from '../../prune/ghcr/github-api.ts'
import {pageIn} from '../../prune/ghcr/page-link.ts'
import {isTransientStatus} from '../../registry/retry.ts'

/** Requests to the REST API of GitHub. */
export type GitHubReader = Pick<GitHubApi, 'send'>

/** Complete list, or the refusal of a token that may not read it. */
export type GitHubList<T> =
  | {readonly kind: 'listed'; readonly entries: readonly T[]; readonly pages: number}
  | {readonly kind: 'denied'; readonly answer: string}

interface ListRequest<T> {
  /** Path with a query: `/repos/acme/app/pulls?state=open`. */
  readonly path: string
  /** Parses an entry; undefined if it has another form. */
  readonly parse: (entry: unknown) => T | undefined
  /** Error of a list that could not be read to its end. */
  readonly code: UnlistedCode
}

/** Error of facts that GitHub did not list. */
type UnlistedCode = Extract<ErrorCode, 'refs-unlisted' | 'deployments-unlisted'>

/** Largest page of the API. */
const perPage = 100
const maxReads = 4

/**
 * Reads all pages of a list.
 * @throws TagboatError with the code of the request if a page cannot be read, or has another form.
 */
export async function readList<T>(api: GitHubReader, request: ListRequest<T>): Promise<GitHubList<T>> {
  const entries: T[] = []
  for (let page = 1, pages = 1; ; pages += 1) {
    const response = await sendPage(api, request, page)
    if ([403, 404].includes(response.status) && page === 1) return {kind: 'denied', answer: evidenceOf(response)}
    const found = entriesOf(response, request.parse)
    if (found === undefined) throw unlistedBy(response, request)
    entries.push(...found)
    const {link} = response.headers
    // Each page has the header, except the only one.
    const next = link === undefined ? (found.length < perPage ? undefined : page + 1) : pageIn(link, 'next')
    if (next === undefined) return {kind: 'listed', entries, pages}
    if (next <= page)
      throw retentionError(request.code, {evidence: [`${response.request}: links to page ${next} as the next one`]})
    page = next
  }
}

/**
 * Reads a list whose entries may disappear meanwhile: then the first entry of the next page moves to a page that was read
 * before. A list of several pages is read until it is the same twice. If it changes each time, it has the entries of all reads.
 */
export async function readChangingList<T extends string | number>(
  api: GitHubReader,
  request: ListRequest<T>,
): Promise<GitHubList<T>> {
  const known = new Set<T>()
  let before: ReadonlySet<T> | undefined
  for (let read = 1; ; read += 1) {
    const list = await readList(api, request)
    if (list.kind === 'denied') return list
    const entries = new Set(list.entries)
    for (const entry of entries) known.add(entry)
    const isSame = list.pages === 1 || (before !== undefined && isEqual(before, entries))
    if (isSame || read === maxReads) return {...list, entries: [...(isSame ? entries : known)]}
    before = entries
  }
}

function isEqual(a: ReadonlySet<unknown>, b: ReadonlySet<unknown>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}

async function sendPage<T>(api: GitHubReader, request: ListRequest<T>, page: number): Promise<GitHubResponse> {
  const separator = request.path.includes('?') ? '&' : '?'
  return ask(api, `${request.path}${separator}per_page=${perPage}&page=${page}`, request.code)
}

/**
 * Sends a request. Returns the last response, of any status.
 * @throws TagboatError with this code if GitHub does not respond, or the limit of the token is exceeded.
 */
export async function ask(api: GitHubReader, path: string, code: UnlistedCode): Promise<GitHubResponse> {
  try {
    return await api.send('GET', path)
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code === 'cancelled') throw error
    const {message, evidence} = error
    // What to do about a limit is another matter than what to do about a list.
    if (error.code === 'rate-limited') throw retentionError(code, {message, evidence, cause: error, remedy: later})
    throw retentionError(code, {evidence: [message, ...evidence], cause: error, remedy: later})
  }
}

function entriesOf<T>(
  {status, json}: GitHubResponse,
  parse: (entry: unknown) => T | undefined,
): readonly T[] | undefined {
  if (status !== 200 || !Array.isArray(json)) return undefined
  const entries = json.map((entry: unknown) => parse(entry))
  return entries.every((entry) => entry !== undefined) ? entries : undefined
}

const later = 'Run the job again later. Nothing was deleted.'

/** Error for a response that is not a page. No permission helps against a failure of GitHub. */
function unlistedBy(response: GitHubResponse, {code}: Pick<ListRequest<unknown>, 'code'>): TagboatError {
  const evidence = [evidenceOf(response)]
  return retentionError(code, {evidence, ...(isTransientStatus(response.status) && {remedy: later})})
}
