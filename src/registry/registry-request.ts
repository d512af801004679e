import type {Descriptor} from '../oci/manifest.ts'
import type {HttpRequest, HttpResponse} from '../io/http.ts'
import type {Scope} from './auth/scope.ts'
import type {BlobDescriptor} from './repository-client.ts'

/** Request to a registry. */
export interface RegistryRequest {
  readonly method: HttpRequest['method']
  /** Path below `/v2/`, or a URL that the registry named. */
  readonly target: string | URL
  /** Name in messages, after the method: `manifests/1.2.3`. */
  readonly label: string
  /** Scopes of the request. The first is that of its repository. */
  readonly scopes: readonly [Scope, ...Scope[]]
  readonly headers?: Readonly<Record<string, string>>
  /** Body. A stream is opened again for each attempt; its length is in `content-length`. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>)
  /** Idle timeout of the connection, in ms. */
  readonly timeoutMs?: number
  /** Maximum length of the response. Default: that of the HTTP client. */
  readonly maxBytes?: number
  /** Frees the memory of each chunk of a streamed response when the next one is requested. */
  readonly freesChunks?: boolean | undefined
}

/** Response of a registry. `open` returns a `stream` in place of the body if the status is 2xx. */
export interface RegistryResponse extends HttpResponse {
  readonly stream?: AsyncIterable<Uint8Array>
  /** URL of the request, before redirects. */
  readonly url: URL
  /** The registry refused a login of which it has not accepted any request before. */
  readonly isLoginRefused?: boolean
}

/** Name of a request in the log: the host and `PUT manifests/1.2.3`. */
export interface RequestName {
  readonly host: string
  readonly subject: string
}

/** Repository, as its client knows it. */
export interface Place {
  readonly host: string
  readonly path: string
}

/** Observer of the blobs that clients send. */
export interface Transfers {
  /** Announces blobs that will be sent unless they exist. */
  expect(place: Place, blobs: readonly Descriptor[]): void
  /** The first `bytes` of a blob have been sent. */
  sent(place: Place, blob: BlobDescriptor, bytes: number): void
  /** The repository has a blob. */
  has(place: Place, blob: BlobDescriptor): void
  /** The transfer to a repository failed, so that nothing more is sent. */
  failed(place: Place): void
}

/** Repeated request: its name, and why it failed. */
export interface Retry extends RequestName {
  readonly reason: string
}

/** Observer of what registry clients do, for the log. */
export interface Activity {
  readonly transfers: Transfers
  /** Observes a request with all its attempts. Returns a function to call at its end. */
  request(name: RequestName): () => void
  /** Is called before the wait for another attempt, with a log line about the failure. */
  retry(line: string, retry: Retry): void
}
