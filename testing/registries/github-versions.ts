import type {Http, HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {digestOf} from '../../src/oci/digest.ts'
import {json} from '../clouds/github-tokens.ts'
import {problem} from '../memory-registry/answers.ts'
import {rateLimiter, type GitHubLimits} from './github-rate-limit.ts'
import {PackageState, type StoredVersion} from './package-state.ts'
import {versionsAnswer} from './versions-answer.ts'

/** Fault of a request: an answer in place of the effect, or after it, or a connection that is reset. */
export interface GitHubFault {
  readonly when: 'before' | 'after'
  readonly answer: HttpResponse | 'reset'
}

export interface GitHubVersionsOptions {
  /**
   * Registry behind, which has the content. It allows deletions by digest: those of versions are sent to it. Requests of
   * clients are sent to it with its own host.
   */
  readonly behind: Http
  /** Address of the registry behind, if it is not that of the requests: `http://127.0.0.1:5000`. */
  readonly behindOrigin?: string
  /** Host of the registry in image references. Default: `ghcr.io`. */
  readonly registryHost?: string
  /** Address of the API. Default: `https://api.github.com`. */
  readonly api?: string
  /** Owners of packages by login, in lower case. */
  readonly owners: Readonly<Record<string, 'User' | 'Organization'>>
  readonly token: string
  /** User of the token. Default: none, as for `GITHUB_TOKEN`. */
  readonly tokenUser?: string
  /**
   * Rights of the token for packages: `admin` is the role that deletions need; `write` pushes; `read` is a job without
   * `packages: write`; `none` sees no package.
   */
  readonly access?: 'admin' | 'write' | 'read' | 'none'
  /** Whether packages are public. GitHub keeps their versions with more than 5,000 downloads. Default: false. */
  readonly isPublic?: boolean
  /** Whether private packages of users are only below `/user`, and not below `/users/LOGIN`. Default: false. */
  readonly hidesFromUsers?: boolean
  /** Version that is kept: the last one with a tag (default), or the last one, as in older wordings. */
  readonly keepsLast?: 'tagged' | 'any'
  /** Whether the children of an index are deleted with it, if nothing else needs them. Default: false. */
  readonly deletesChildren?: boolean
  /** Whether a restored version has its tags again. Default: false. */
  readonly restoresTags?: boolean
  /** Whether the first read after a change shows the state before it. Default: false. */
  readonly showsStale?: boolean
  /** Whether lists have a `Link` header. GitHub does not document it for users. Default: true. */
  readonly links?: boolean
  readonly limits?: GitHubLimits
  readonly now?: () => Date
  /** Fault of a request to the API or the registry. `count` is the number of requests like this so far, with this one. */
  readonly fault?: (request: string, count: number) => GitHubFault | undefined
  /** Hook that is awaited before the effect of each request. It can change the packages. */
  readonly before?: (request: string, count: number) => Promise<void> | void
}

/** Container registry of GitHub and its REST API. */
export interface GitHubVersions {
  readonly options: GitHubVersionsOptions
  /** Hosts of the registry and of the API. */
  readonly hosts: readonly string[]
  /** Answers a request to one of the hosts. @throws Error ECONNRESET for such a fault, ENOTFOUND for other hosts. */
  readonly answer: (request: HttpRequest) => Promise<HttpResponse>
  /** Requests in order: `GET /orgs/acme/packages/…` to the API, `GET /v2/acme/app/…` to the registry. */
  readonly requests: readonly string[]
  /** State of a package, by its path: `acme/app`. */
  readonly package: (path: string) => PackageState
  /** Deletes a version without a request of the client, as another one does. */
  readonly remove: (path: string, digest: string) => Promise<void>
}

/** Requests of the stand-in, as the parts of it need them. */
export interface GitHubCore {
  readonly options: GitHubVersionsOptions
  readonly now: () => Date
  readonly packages: ReadonlyMap<string, PackageState>
  /** Removes a version from the registry behind, or pushes it there with its tags. */
  readonly removeContent: (path: string, version: StoredVersion) => Promise<void>
  readonly pushContent: (path: string, version: StoredVersion) => Promise<void>
}

/**
 * Stand-in for the container registry of GitHub in front of a registry, and for the REST API of the versions of its
 * packages (https://docs.github.com/rest/packages/packages). It refuses what GitHub refuses: deletions in the OCI API
 * (405), other headers, owners of the wrong kind, missing rights, the last tagged version, versions with many downloads,
 * and more requests than its limits allow.
 */
export function gitHubVersions(options: GitHubVersionsOptions): GitHubVersions {
  const {registryHost = 'ghcr.io', api = 'https://api.github.com', showsStale = false} = options
  const now = options.now ?? (() => new Date('2026-01-02T03:04:05Z'))
  const packages = new Map<string, PackageState>()
  const requests: string[] = []
  let id = firstId
  const packageAt = (path: string): PackageState => {
    const found = packages.get(path) ?? new PackageState(() => (id += 1), showsStale)
    packages.set(path, found)
    return found
  }
  const behind = registryBehind(options, registryHost)
  const core: GitHubCore = {
    options,
    now,
    packages,
    removeContent: async (path, {digest}) => {
      expectStatus(await behind.send('DELETE', `${path}/manifests/${digest}`), 202)
    },
    pushContent: async (path, version) => {
      for (const reference of [version.digest, ...version.tags])
        expectStatus(await behind.send('PUT', `${path}/manifests/${reference}`, version), 201)
    },
  }
  const limiter = rateLimiter(options.limits ?? {}, now)
  const apiUrl = new URL(api)
  const base = apiUrl.pathname.replace(/\/$/, '')
  const effect = async (request: HttpRequest): Promise<HttpResponse> => {
    const {host, pathname} = request.url
    if (host === registryHost)
      return registryAnswer(request, core, {packageAt, forward: async () => behind.forward(request)})
    if (host !== apiUrl.host) throw networkError('ENOTFOUND', `getaddrinfo ENOTFOUND ${host}`)
    if (!pathname.startsWith(`${base}/`)) return json(404, {message: 'Not Found'})
    const answer = limiter.count(request) ?? (await versionsAnswer(request, pathname.slice(base.length), core))
    return limiter.stamp(answer)
  }
  return {
    options,
    hosts: [registryHost, apiUrl.host],
    requests,
    package: packageAt,
    async remove(path, digest) {
      const version = packageAt(path).byDigest(digest)
      if (version === undefined) throw new Error(`${path} has no version ${digest}`)
      await core.removeContent(path, version)
      packageAt(path).delete(version, now())
    },
    async answer(request) {
      const {pathname, search, host} = request.url
      const name = `${request.method} ${host === apiUrl.host ? pathname.slice(base.length) : pathname}${search}`
      requests.push(name)
      const count = requests.filter((one) => one === name).length
      await options.before?.(name, count)
      const fault = options.fault?.(name, count)
      if (fault?.when === 'before') return answerOf(fault)
      const answer = await effect(request)
      return fault === undefined ? answer : answerOf(fault)
    },
  }
}

const firstId = 1_000

function answerOf({answer}: GitHubFault): HttpResponse {
  if (answer === 'reset') throw networkError('ECONNRESET', 'socket hang up')
  return answer
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), {code})
}

function expectStatus({status, body}: HttpResponse, expected: number): void {
  if (status !== expected) throw new Error(`the registry behind answers ${status}: ${body.toString()}`)
}

/** Requests to the registry behind. */
interface RegistryBehind {
  readonly send: (method: 'PUT' | 'DELETE', path: string, version?: StoredVersion) => Promise<HttpResponse>
  readonly forward: (request: HttpRequest) => Promise<HttpResponse>
}

function registryBehind({behind, behindOrigin}: GitHubVersionsOptions, registryHost: string): RegistryBehind {
  const origin = behindOrigin ?? `https://${registryHost}`
  return {
    send: async (method, path, version) =>
      behind.send({
        method,
        url: new URL(`${origin}/v2/${path}`),
        headers: version === undefined ? {} : {'content-type': version.mediaType},
        ...(version && {body: version.bytes}),
      }),
    forward: async (request) => {
      if (behindOrigin === undefined) return behind.send(request)
      const {pathname, search} = request.url
      // The registry writes the addresses of uploads with the host of the client.
      const headers = {...request.headers, host: registryHost, 'x-forwarded-proto': 'https'}
      return behind.send({...request, url: new URL(`${origin}${pathname}${search}`), headers})
    },
  }
}

interface RegistryParts {
  readonly packageAt: (path: string) => PackageState
  readonly forward: () => Promise<HttpResponse>
}

/** Answer of the registry: that of the registry behind, except to a deletion. Reads and pushes of manifests are counted. */
async function registryAnswer(
  {method, url, headers, body}: HttpRequest,
  {now}: GitHubCore,
  {packageAt, forward}: RegistryParts,
): Promise<HttpResponse> {
  const [, path, reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? []
  if (method === 'DELETE' && !url.pathname.includes('/blobs/uploads/')) return problem(405, 'UNSUPPORTED')
  const answer = await forward()
  if (path === undefined) return answer
  if (method === 'PUT' && answer.status === 201 && body instanceof Uint8Array) {
    const tag = reference.includes(':') ? undefined : reference
    const bytes = Buffer.from(body)
    packageAt(path).push({tag, digest: digestOf(bytes), mediaType: headers['content-type'] ?? '', bytes}, now())
  }
  if (method === 'GET' && answer.status === 200) {
    const read = packageAt(path).byDigest(digestOf(answer.body))
    if (read !== undefined) read.downloads += 1
  }
  return answer
}
