import type {HttpRequest, HttpResponse} from '../io/http.ts'
import type {Scope} from './auth/scope.ts'

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
}
