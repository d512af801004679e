import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {json} from '../clouds/github-tokens.ts'
import type {MemoryRegistry} from '../memory-registry.ts'

type GivenAnswer = HttpResponse | Promise<HttpResponse>

/** Packages of GitHub's container registry, with the API that describes them. */
interface GitHubPackagesOptions {
  /** Registry with the packages. A package exists as soon as the registry has any content of it. */
  readonly registry: MemoryRegistry
  /** Address of the API. Default: `https://api.github.com`. */
  readonly api?: string
  /** Kind of the owner. Default: `users`. */
  readonly owners?: 'orgs' | 'users'
  /** Token of the job. */
  readonly token: string
  /** Default: `private`. */
  readonly visibility?: string
  /** Linked repository, `owner/name`; null if there is none. */
  readonly linked: string | null
  /** Time of creation of each package. Default: that of a run in memory. */
  readonly created?: () => Date
  /** Answer in place of that of the API. */
  readonly fault?: (request: HttpRequest) => GivenAnswer
}

/** Stand-in for the packages API. */
export interface GitHubPackages {
  /** Answers a request for the API; undefined for other hosts. */
  readonly answer: (request: HttpRequest) => GivenAnswer | undefined
  /** Requests as `GET path`, in order. */
  readonly requests: readonly string[]
}

/**
 * Stand-in for `GET /orgs/{org}/packages/container/{name}` and the same for a user
 * (https://docs.github.com/rest/packages/packages). It refuses every other request, another token, and headers that
 * GitHub does not document.
 */
export function gitHubPackages(options: GitHubPackagesOptions): GitHubPackages {
  const {api = 'https://api.github.com', fault} = options
  const requests: string[] = []
  const origin = new URL(api)
  const base = origin.pathname.replace(/\/$/, '')
  return {
    requests,
    answer(request): GivenAnswer | undefined {
      const {url} = request
      if (url.host !== origin.host || !url.pathname.startsWith(`${base}/`)) return undefined
      const path = `${url.pathname.slice(base.length)}${url.search}`
      const response = fault === undefined ? packageAnswer(request, path, options) : fault(request)
      requests.push(`${request.method} ${path}`)
      return response
    },
  }
}

function refusalOf({method, headers}: HttpRequest, token: string): HttpResponse | undefined {
  if (headers['accept'] !== 'application/vnd.github+json') return json(415, {message: 'Unsupported Media Type'})
  if (headers['x-github-api-version'] !== '2022-11-28') return json(400, {message: 'unsupported API version'})
  if (headers['authorization'] !== `Bearer ${token}`) return json(401, {message: 'Bad credentials'})
  return method === 'GET' ? undefined : json(404, {message: 'Not Found'})
}

function packageAnswer(request: HttpRequest, path: string, options: GitHubPackagesOptions): HttpResponse {
  const refusal = refusalOf(request, options.token)
  if (refusal !== undefined) return refusal
  const [, owners, owner = '', name = ''] = /^\/(orgs|users)\/([^/?]+)\/packages\/container\/([^/?]+)$/.exec(path) ?? []
  const packagePath = `${owner}/${decodeURIComponent(name)}`
  const exists = options.registry.snapshot()[packagePath] !== undefined
  if (owners !== (options.owners ?? 'users') || !exists) return json(404, {message: 'Not Found'})
  const created = options.created?.() ?? new Date('2026-01-02T03:04:05Z')
  return json(200, {
    id: 197,
    name: decodeURIComponent(name),
    package_type: 'container',
    owner: {login: owner, type: owners === 'orgs' ? 'Organization' : 'User'},
    version_count: 1,
    visibility: options.visibility ?? 'private',
    created_at: created.toISOString(),
    updated_at: created.toISOString(),
    ...(options.linked !== null && {repository: {full_name: options.linked, private: false}}),
  })
}
