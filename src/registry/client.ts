import type {Http, HttpTls} from '../io/http.ts'
import type {SecretKeeper} from '../errors/known-secrets.ts'
import type {Repository} from '../oci/reference.ts'
import type {CredentialLookup} from './auth/credentials.ts'
import {apiHost, isLoopbackHost} from './hosts.ts'
import {limiter} from './limit.ts'
import type {RegistryClients, RepositoryClient} from './repository-client.ts'
import {defaultPolicy, type Patience} from './retry.ts'
import {HostClient} from './host-client.ts'
import {defaultSizes, uploadBlob, type UploadSizes} from './upload/upload.ts'
import {hasBlob, mountBlob, readBlob} from './blobs.ts'
import {Manifests} from './manifests.ts'
import {listReferrers} from './referrers.ts'
import {listTags} from './tags.ts'
import {markVerified} from './upload/verified.ts'

export interface RegistryOptions {
  /** Disposed of with the clients. */
  readonly http: Http
  /** Asked once for each host. */
  readonly credentials: CredentialLookup
  /** Certificates for a host, `host[:port]`; undefined: the usual ones. */
  readonly tls?: (host: string) => Promise<HttpTls | undefined>
  /** Whether plain HTTP, or HTTPS with any certificate, will do for a host, `host[:port]`. */
  readonly insecure?: (host: string) => boolean
  /** Where this run pushes to: reading there asks for the right to push along with it. */
  readonly pushedTo?: readonly Repository[]
  /** Further tries of each request, after the first. */
  readonly retries?: number
  readonly patience: Patience
  /** Learns each token before it is used, and hides what it knows in the texts of servers. */
  readonly secrets: SecretKeeper
  /** One line for each further try. */
  readonly onRetry: (line: string) => void
  /** Aborted with the error to end with. */
  readonly signal: AbortSignal
  /** How long a line may be silent, in milliseconds; longer where a registry has to store something before it answers. */
  readonly timeoutMs?: number
  readonly sizes?: UploadSizes
}

/**
 * Requests to one host at the same time. Measured with 50 tags over a line of 50 ms: 4 take 0.9 s, 8 take 0.55 s, 16 take
 * 0.4 s, and 32 a little less; 64 save nothing more. Uploads are counted apart: one that reads from the same registry would else
 * wait for its own place.
 */
const maxRequests = 32
const maxUploads = 6
const defaultTimeoutMs = 15_000

/** Clients for the registries of one run: each host is asked once where it answers and what it wants to be shown. */
export function registryClients(options: RegistryOptions): RegistryClients {
  const hostClients = new Map<string, HostClient>()
  const clients = new Map<string, RepositoryClient>()
  const hostClientOf = (host: string): HostClient =>
    getOrCreate(hostClients, apiHost(host), () => createHostClient(host, options))
  return {
    repository: (repository: Repository) =>
      getOrCreate(clients, `${apiHost(repository.host)}/${repository.path}`, () =>
        repositoryClient(repository, hostClientOf(repository.host), options.sizes ?? defaultSizes),
      ),
    [Symbol.dispose]() {
      options.http[Symbol.dispose]()
    },
  }
}

function createHostClient(host: string, options: RegistryOptions): HostClient {
  const {http, patience, onRetry, signal, secrets, pushedTo = [], insecure = () => false} = options
  const paths = new Set(pushedTo.filter((one) => apiHost(one.host) === host).map(({path}) => path))
  const certificates = new Map<string, Promise<HttpTls | undefined>>()
  const {tls = async () => Promise.resolve(undefined), retries = defaultPolicy.retries} = options
  return new HostClient({
    host,
    http,
    credentials: once(async () => options.credentials(host)),
    tls: async (name) => getOrCreate(certificates, name, async () => tlsFor(name, await tls(name), insecure)),
    insecure,
    pushesTo: (path) => paths.has(path),
    retrier: {policy: {...defaultPolicy, retries}, patience, onRetry, signal},
    limits: {requests: limiter(maxRequests), uploads: limiter(maxUploads)},
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    secrets,
  })
}

/** Any certificate will do on this machine and where the user says so, unless an authority is given for the host. */
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

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return async () => (made ??= make())
}

/** One repository, asked through the client of its host. */
export function repositoryClient(repository: Repository, client: HostClient, sizes: UploadSizes): RepositoryClient {
  const {path} = repository
  const manifests = new Manifests(client, path)
  // Of a blob that is there, it is asked once.
  const held = new Set<string>()
  return {
    repository,
    tags: async () => listTags(client, path),
    head: async (reference) => manifests.head(reference),
    manifest: async (reference) => manifests.get(reference),
    putManifest: async (reference, content, proceed) => manifests.put(reference, content, proceed),
    deleteManifest: async (reference, proceed) => manifests.delete(reference, proceed),
    hasBlob: async (blob) => {
      const key = `${blob.digest} ${blob.sizeBytes}`
      if (held.has(key)) return true
      const isHeld = await hasBlob(client, path, blob)
      if (isHeld) held.add(key)
      return isHeld
    },
    readBlob: (blob) => markVerified(readBlob(client, path, blob), blob),
    mountBlob: async (blob, from) => mountBlob(client, path, {blob, from}),
    uploadBlob: async (blob, open) => uploadBlob({client, path, blob, open}, sizes),
    referrers: async (digest) => listReferrers(client, manifests, {path, digest}),
  }
}
