import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json} from '../clouds/github-tokens.ts'
import {rateLimiter, type GitHubLimits} from '../registries/github-rate-limit.ts'

/** State of a deployment: https://docs.github.com/rest/deployments/statuses */
export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success'

export interface TestDeployment {
  readonly environment: string
  readonly sha: string
  /** Default: `deploy`. */
  readonly task?: string
  /** States in the order in which they were set. */
  readonly states: readonly DeploymentState[]
}

type Permission = 'contents' | 'pull-requests' | 'deployments'

export interface RepositoryApiOptions {
  readonly token: string
  /** Address of the API. Default: `https://api.github.com`. */
  readonly api?: string
  /** `owner/name`. Default: `acme/app`. */
  readonly repository?: string
  /** Default: `main`. */
  readonly defaultBranch?: string
  /** Branches besides the default branch. */
  readonly branches?: readonly string[]
  /** Numbers of open pull requests. */
  readonly openPulls?: readonly number[]
  /** Deployments, the oldest first. */
  readonly deployments?: readonly TestDeployment[]
  /** Permissions of the token. Default: all. */
  readonly permissions?: readonly Permission[]
  readonly limits?: GitHubLimits
  readonly now?: () => Date
  /** Answer in place of that of the API. `count` is the number of requests like this so far, with this one. */
  readonly fault?: (request: string, count: number) => HttpResponse | undefined
}

/** Stand-in for the REST API of one private repository. */
export interface RepositoryApi {
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>
  /** Requests in order: `GET /repos/acme/app/branches?per_page=100&page=1`. */
  readonly requests: readonly string[]
  /** State, which a test can change between requests. */
  readonly branches: Set<string>
  readonly openPulls: Set<number>
}

/** Refusal of a token without a permission. */
const denied = json(403, {message: 'Resource not accessible by integration', status: '403'})
const notFound = json(404, {message: 'Not Found', status: '404'})

/** Lists of the API with the permission and the parameters of each. */
interface ListRow {
  readonly permission: Permission
  readonly parameters: readonly string[]
  readonly entries: (query: URLSearchParams) => readonly unknown[]
}

/**
 * Stand-in for the requests for a repository, its branches, pull requests and deployments
 * (https://docs.github.com/rest). Lists have pages with `Link` headers, whose addresses name the repository by its ID, as
 * those of GitHub do. It refuses other requests, parameters and headers, missing permissions, and more requests than the
 * limits allow.
 */
export function repositoryApi(options: RepositoryApiOptions): RepositoryApi {
  const {api = 'https://api.github.com', defaultBranch = 'main', repository = 'acme/app'} = options
  const branches = new Set([defaultBranch, ...(options.branches ?? [])])
  const openPulls = new Set(options.openPulls ?? [])
  const deployments = (options.deployments ?? []).map((one, index) => ({...one, id: index + 1}))
  const rows: Readonly<Record<string, ListRow>> = {
    '/branches': {
      permission: 'contents',
      parameters: ['protected'],
      entries: () => [...branches].sort().map((name) => ({name, commit: {sha: 'a'.repeat(40)}, protected: false})),
    },
    '/pulls': {
      permission: 'pull-requests',
      parameters: ['state'],
      entries: (query) =>
        (query.get('state') ?? 'open') === 'closed'
          ? []
          : [...openPulls].sort((a, b) => b - a).map((number) => ({number, state: 'open', id: 1_000 + number})),
    },
    '/deployments': {
      permission: 'deployments',
      parameters: ['environment'],
      entries: () =>
        deployments
          .toReversed()
          .map(({id, sha, environment, task = 'deploy'}) => ({id, sha, environment, task, ref: 'main'})),
    },
    ...Object.fromEntries(
      deployments.map(({id, states}): [string, ListRow] => [
        `/deployments/${id}/statuses`,
        {permission: 'deployments', parameters: [], entries: () => states.toReversed().map((state) => ({state}))},
      ]),
    ),
  }
  const limiter = rateLimiter(options.limits ?? {}, options.now ?? (() => new Date('2026-01-02T03:04:05Z')))
  const requests: string[] = []
  const base = new URL(api).pathname.replace(/\/$/, '')
  const effect = (request: HttpRequest, path: string): HttpResponse => {
    const refusal = refusalOf(request, options.token)
    if (refusal !== undefined) return refusal
    const root = `/repos/${repository}`
    if (request.method !== 'GET' || (path !== root && !path.startsWith(`${root}/`))) return notFound
    if (path === root) return json(200, {id: repositoryId, full_name: repository, default_branch: defaultBranch})
    const row = rows[path.slice(root.length)]
    if (row === undefined) return notFound
    if (options.permissions?.includes(row.permission) === false) return denied
    return pageAnswer(row, {url: request.url, address: `${api}/repositories/${repositoryId}${path.slice(root.length)}`})
  }
  return {
    requests,
    branches,
    openPulls,
    answer: async (request) => {
      const {pathname, search} = request.url
      const path = pathname.slice(base.length)
      const name = `${request.method} ${path}${search}`
      requests.push(name)
      const fault = options.fault?.(name, requests.filter((one) => one === name).length)
      return Promise.resolve(limiter.stamp(fault ?? limiter.count(request) ?? effect(request, path)))
    },
  }
}

const repositoryId = 1_296_269

function refusalOf({headers}: HttpRequest, token: string): HttpResponse | undefined {
  if (headers['accept'] !== 'application/vnd.github+json') return json(415, {message: 'Unsupported Media Type'})
  if (headers['x-github-api-version'] !== '2022-11-28') return json(400, {message: 'unsupported API version'})
  return headers['authorization'] === `Bearer ${token}` ? undefined : json(401, {message: 'Bad credentials'})
}

interface PagePlace {
  readonly url: URL
  /** Address of the list in links. */
  readonly address: string
}

/** Page of a list. GitHub reduces a larger `per_page` to 100, and an only page has no `Link` header. */
function pageAnswer({parameters, entries}: ListRow, {url, address}: PagePlace): HttpResponse {
  const query = url.searchParams
  const unknown = [...query.keys()].find((name) => !['per_page', 'page', ...parameters].includes(name))
  if (unknown !== undefined) return json(422, {message: `the stand-in does not know ${unknown}`})
  const perPage = Math.min(100, Number(query.get('per_page') ?? 30))
  const page = Number(query.get('page') ?? 1)
  const all = entries(query)
  const last = Math.max(1, Math.ceil(all.length / perPage))
  const link = (number: number, relation: string): string => {
    const target = new URL(`${address}${url.search}`)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${relation}"`
  }
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ]
  const response = json(200, all.slice((page - 1) * perPage, page * perPage))
  return links.length === 0 ? response : {...response, headers: {link: links.join(', ')}}
}
