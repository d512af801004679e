import type {HttpTls} from './connections/agents.ts'

export type {HttpTls} from './connections/agents.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Header fields by lower-case name. A streamed body needs `content-length`. */
  readonly headers: Readonly<Record<string, string>>
  /** Body. Of a stream, the next chunk is requested when the last one has been passed to the network. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  readonly tls?: HttpTls | undefined
  /**
   * Idle timeout of the connection, in ms. Default: 15,000. The whole exchange may take four times as long, plus a time
   * that grows with the bytes transferred: a server that keeps sending single bytes is never idle.
   */
  readonly timeoutMs?: number
  /** Shortest deadline of the whole exchange, in idle timeouts. Default: 4. */
  readonly deadlineFactor?: number
  /** Number of connections that are opened at the same time, for the requests that follow. Default: 0. */
  readonly spareConnections?: number
  /** Frees the memory of each chunk of a streamed response when the next one is requested. */
  readonly freesChunks?: boolean | undefined
  /** Longest response body that `send` accepts. Default: 4 MiB. */
  readonly maxBytes?: number | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/**
 * A response whose body is read as it arrives. A caller that does not read it to the end must break out of the loop.
 */
export interface HttpStream {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * HTTP client. It returns responses of any status and does not follow redirects.
 * @throws Error when there is no response.
 */
export interface Http extends Disposable {
  /** Sends a request and reads the whole response. @throws Error `EMSGSIZE` when the body is longer than `maxBytes`. */
  send(request: HttpRequest): Promise<HttpResponse>
  /** Sends a request and streams the response body. */
  open(request: HttpRequest): Promise<HttpStream>
}

/**
 * Creates a client that reuses connections until it is disposed. `HTTPS_PROXY` and related variables select the proxy,
 * as for Docker's tools. Certificates are verified with Node's authorities and NODE_EXTRA_CA_CERTS; if those do not
 * know the issuer, with the authorities of the system, which Docker trusts. Its code is loaded on the first request: a
 * dry run makes none.
 */
export function httpClient(signal: AbortSignal, variables: Readonly<Record<string, string | undefined>>): Http {
  let loading: Promise<Http> | undefined
  const load = async (): Promise<Http> => {
    const {connectingClient} = await import('./connections/http-client.ts')
    return connectingClient(signal, variables)
  }
  const client = async (): Promise<Http> => (loading ??= load())
  return {
    send: async (request) => (await client()).send(request),
    open: async (request) => (await client()).open(request),
    [Symbol.dispose]() {
      void loading?.then((loaded) => {
        loaded[Symbol.dispose]()
      })
    },
  }
}
