import type {Http, HttpTls} from '../io/http.ts'
import type {SecretKeeper} from '../errors/known-secrets.ts'
import type {Repository} from '../oci/reference.ts'
import type {Activity} from './registry-request.ts'
import type {CredentialLookup} from './auth/credentials.ts'
import {apiHost, isLoopbackHost} from './hosts.ts'
import {limiter} from './limit.ts'
import type {RegistryClients, RepositoryClient} from './repository-client.ts'
import {defaultPolicy, type RetryTimer} from './retry.ts'
import {HostClient} from './host-client.ts'
import {blobMethods} from './upload/blob-methods.ts'
import type {UploadSizes} from './upload/upload.ts'
import {Manifests} from './manifests.ts'
import {listTags} from './tags.ts'
import type {Scope} from './auth/scope.ts'

/** Settings and side effects of registry clients. */
export interface RegistryOptions {
  /** HTTP client, which is disposed with the registry clients. */
  readonly http: Http
  /** Called before each request; it keeps what it has found. */
  readonly credentials: CredentialLookup
  /**
   * Returns the name of the login for actions in a repository of a host. Credentials of the same name replace each other.
   * Default: each host has one login.
   */
  readonly login?: (host: string, scope: Scope | undefined) => string
  /** Certificates for `host[:port]`. Default: those of Node.js. */
  readonly tls?: (host: string) => Promise<HttpTls | undefined>
  /** Reports whether plain HTTP, or HTTPS with any certificate, is allowed for `host[:port]`. */
  readonly insecure?: (host: string) => boolean
  /** Repositories that this run pushes to. Their read requests use a token for both actions. */
  readonly pushedTo?: readonly Repository[]
  /** Number of requests that are sent to a host at the same time as soon as it is known. Default: 1. */
  readonly firstRequests?: ((host: string) => number) | undefined
  /** Number of retries of each request. */
  readonly retries?: number
  readonly timer: RetryTimer
  /** Keeper of tokens, which hides them in the texts of servers. */
  readonly secrets: SecretKeeper
  /** Observer of retries, slow requests and transfers. */
  readonly activity: Activity
  /** Signal of the run; its reason is thrown. */
  readonly signal: AbortSignal
  /** Idle timeout of the connection, in ms. It is longer for requests that store content. */
  readonly timeoutMs?: number
  readonly sizes?: UploadSizes
}

/**
 * Concurrent requests to one host. Measured with 50 tags and a latency of 50 ms: 4 take 0.9 s, 8 take 0.55 s, 16 take
 * 0.4 s, and 32 slightly less; 64 are not faster. Uploads have a limit of their own: an upload that reads from the same
 * registry would otherwise wait for itself.
 */
const maxRequests = 32
const maxUploads = 6
const defaultTimeoutMs = 15_000

/** Clients of repositories, and of registry hosts for requests beyond those of repositories. */
export interface HostClients extends RegistryClients {
  host(host: string): HostClient
}

/** Creates the clients for the registries of one run. Each host is pinged once. */
export function registryClients(options: RegistryOptions): HostClients {
  const hostClients = new Map<string, HostClient>()
  const clients = new Map<string, RepositoryClient>()
  const hostClientOf = (host: string): HostClient =>
    getOrCreate(hostClients, apiHost(host), () => createHostClient(host, options))
  return {
    repository: (repository: Repository) =>
      getOrCreate(clients, `${apiHost(repository.host)}/${repository.path}`, () =>
        repositoryClient(repository, hostClientOf(repository.host), options),
      ),
    host: hostClientOf,
    scheme: async (host) => schemeOf(hostClientOf(host)),
    [Symbol.dispose]() {
      options.http[Symbol.dispose]()
    },
  }
}

async function schemeOf(client: HostClient): Promise<'http' | 'https' | undefined> {
  try {
    const {origin} = await client.endpoint()
    return origin.protocol === 'http:' ? 'http' : 'https'
  } catch {
    return undefined
  }
}

function createHostClient(host: string, options: RegistryOptions): HostClient {
  const {http, timer, activity, signal, secrets, pushedTo = [], insecure = () => false} = options
  const paths = new Set(pushedTo.filter((one) => apiHost(one.host) === apiHost(host)).map(({path}) => path))
  const certificates = new Map<string, Promise<HttpTls | undefined>>()
  const {tls = async () => Promise.resolve(undefined), retries = defaultPolicy.retries} = options
  return new HostClient({
    host,
    http,
    credentials: async (use) => options.credentials(host, use),
    login: (scope) => options.login?.(host, scope) ?? '',
    tls: async (name) => getOrCreate(certificates, name, async () => tlsFor(name, await tls(name), insecure)),
    insecure,
    pushesTo: (path) => paths.has(path),
    retrier: {policy: {...defaultPolicy, retries}, timer, activity, signal},
    limits: {requests: limiter(maxRequests), uploads: limiter(maxUploads)},
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    spareConnections: Math.min(options.firstRequests?.(host) ?? 1, maxRequests) - 1,
    secrets,
  })
}

/**
 * TLS settings for a host. Any certificate is accepted on this machine and for insecure hosts, unless an authority is
 * configured.
 */
function tlsFor(
  host: string,
  configured: HttpTls | undefined,
  insecure: (host: string) => boolean,
): HttpTls | undefined {
  const isTrusted = isLoopbackHost(host) || insecure(host)
  return isTrusted && configured?.ca === undefined ? {...configured, unverified: true} : configured
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

/** Creates the client of one repository, which uses the client of its host. */
function repositoryClient(
  repository: Repository,
  client: HostClient,
  {sizes, activity}: Pick<RegistryOptions, 'sizes' | 'activity'>,
): RepositoryClient {
  const {path} = repository
  const manifests = new Manifests(client, path)
  return {
    repository,
    checkPush: async (time, tags) => (await import('./upload/check-push.ts')).checkPush({client, path, time, tags}),
    tags: async (isEnough) => listTags(client, path, isEnough),
    head: async (reference) => manifests.head(reference),
    manifest: async (reference) => manifests.get(reference),
    putManifest: async (reference, content, proceed) => manifests.put(reference, content, proceed),
    deleteManifest: async (reference, proceed) => manifests.delete(reference, proceed),
    ...blobMethods(client, path, {sizes, transfers: activity.transfers}),
    hasAcceptedReferrers: (digest) => manifests.acceptedReferrers(digest).length > 0,
    referrers: async (digest, which) => {
      const {listReferrers} = await import('./referrers.ts')
      return listReferrers(client, manifests, {path, digest, accepted: which !== 'listed'})
    },
  }
}
