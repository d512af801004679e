import type {Http, HttpRequest, HttpResponse, HttpTls} from '../io/http.ts'
import type {Hide, SecretKeeper} from '../errors/known-secrets.ts'
import {authorization, type Authorization} from './auth/authorization.ts'
import type {RegistryCredentials} from './auth/credentials.ts'
import {ping, type Endpoint} from './ping.ts'
import {failure, unreachable, type RequestInfo} from './failure.ts'
import {apiHost, isOnThisMachine} from './hosts.ts'
import type {Limiter} from './limit.ts'
import {atNamedAddress, NamedAddressError} from './named-address.ts'
import {beginningOf} from './error-body.ts'
import {followRedirects, type RedirectIo} from './redirect.ts'
import {withRetries, withRetriesWhile, type RequestName, type Outcome, type Retrier} from './retry.ts'
import {writing, type Access, type Scope} from './auth/scope.ts'

/** One request to a registry. */
export interface RegistryRequest {
  readonly method: HttpRequest['method']
  /** Below `/v2/`, or an address that the registry named. */
  readonly target: string | URL
  /** How messages name it, with the method before it: `manifests/1.2.3`. */
  readonly label: string
  /** The first is of the repository that is asked. */
  readonly scopes: readonly [Scope, ...Scope[]]
  readonly headers?: Readonly<Record<string, string>>
  /** A streamed one is opened anew for each try; its length stands in `content-length`. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>)
  /** How long the line may be silent. */
  readonly timeoutMs?: number
  /** The longest response, where that is not the edge's own limit. */
  readonly maxBytes?: number
}

/** A response; `stream` is there instead of the body when that was asked for and the status is 2xx. */
export interface RegistryResponse extends HttpResponse {
  readonly stream?: AsyncIterable<Uint8Array>
  /** Where it was sent to, before redirects. */
  readonly url: URL
}

export interface HostClientOptions {
  /** As references name the registry: `docker.io`, `localhost:5000`. */
  readonly host: string
  readonly http: Http
  readonly credentials: () => Promise<RegistryCredentials | undefined>
  readonly tls: (host: string) => Promise<HttpTls | undefined>
  readonly insecure: (host: string) => boolean
  /** Whether this run pushes to a repository of the registry, given as its path. */
  readonly pushesTo: (path: string) => boolean
  readonly retrier: Retrier
  readonly limits: {readonly requests: Limiter; readonly uploads: Limiter}
  readonly timeoutMs: number
  /** Learns the tokens that servers issue, and hides them and all others in what servers say. */
  readonly secrets: SecretKeeper
}

/** What one registry host is asked by this run: one login, one token cache, one place where it answers. */
export class HostClient {
  readonly host: string
  readonly retrier: Retrier
  readonly timeoutMs: number
  readonly hide: Hide
  readonly #options: HostClientOptions
  readonly #authorization: Authorization
  #pending: Promise<Endpoint> | undefined

  constructor(options: HostClientOptions) {
    this.#options = options
    this.host = options.host
    this.retrier = options.retrier
    this.timeoutMs = options.timeoutMs
    this.hide = options.secrets.hide
    this.#authorization = authorization({
      host: options.host,
      owner: {isLocal: isOnThisMachine(options.host), isInsecure: options.insecure},
      credentials: options.credentials,
      sendTokenRequest: async (request) => this.#requestToken(request),
      now: options.retrier.patience.now,
      secrets: options.secrets,
    })
  }

  /** With retries. A response of any status that another try would not change, the last one when none is left. @throws TagboatError `registry-unreachable`. */
  async call(call: RegistryRequest): Promise<RegistryResponse> {
    return this.#callWithRetries(call, async () => this.callOnce(call))
  }

  /** The same, for a request that needs leave right before it is sent, each time. Undefined: `proceed` refused. */
  async callWhile(call: RegistryRequest, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    await this.#endpoint()
    const attempt = async (): Promise<RegistryResponse | undefined> =>
      this.#authorized(call, async (request) => this.#send(request), proceed)
    const outcome = await withRetriesWhile(this.retrier, this.#requestName(call), attempt)
    return outcome === undefined ? undefined : this.responseOf(call, outcome)
  }

  /** The same, with the body of a 2xx as a stream. */
  async open(call: RegistryRequest): Promise<RegistryResponse> {
    return this.#callWithRetries(call, async () =>
      this.#sendAuthorized(call, async (request) => this.#openStream(request)),
    )
  }

  /** One try, with a renewed login where that is what it takes. @throws what the edge threw when no response came. */
  async callOnce(call: RegistryRequest): Promise<RegistryResponse> {
    return this.#sendAuthorized(call, async (request) => this.#send(request))
  }

  async #sendAuthorized(
    call: RegistryRequest,
    send: (request: HttpRequest) => Promise<HttpResponse>,
  ): Promise<RegistryResponse> {
    const response = await this.#authorized(call, send, always)
    if (response === undefined) throw new TypeError('unreachable: nothing refused to send it')
    return response
  }

  /** The error that this response means. */
  async failure(
    call: Pick<RegistryRequest, 'method' | 'scopes'>,
    response: RegistryResponse,
    access: Access,
  ): Promise<Error> {
    const [{path}] = call.scopes
    const authenticated = (await this.#options.credentials()) !== undefined
    const {host, hide} = this
    return failure(
      {host, hide, method: call.method, url: response.url, access, repository: `${host}/${path}`, authenticated},
      response,
    )
  }

  async #callWithRetries(call: RegistryRequest, attempt: () => Promise<RegistryResponse>): Promise<RegistryResponse> {
    await this.#endpoint()
    const outcome = await withRetries(this.retrier, this.#requestName(call), attempt)
    return this.responseOf(call, outcome)
  }

  #requestName({method, label}: Pick<RegistryRequest, 'method' | 'label'>): RequestName {
    return {host: this.host, subject: `${method} ${label}`}
  }

  /** @throws TagboatError `registry-unreachable` when there is no response. */
  async responseOf<T>(call: Pick<RegistryRequest, 'method' | 'target'>, outcome: Outcome<T>): Promise<T> {
    if (outcome.kind === 'response') return outcome.response
    throw unreachable(await this.#requestInfo(call), outcome.error)
  }

  async #requestInfo({
    method,
    target,
  }: Pick<RegistryRequest, 'method' | 'target'>): Promise<Pick<RequestInfo, 'host' | 'method' | 'url' | 'hide'>> {
    return {host: this.host, hide: this.hide, method, url: this.#address(target, await this.#endpoint())}
  }

  /** Asked once for each run: what answers there, and what it wants to be shown. */
  async #endpoint(): Promise<Endpoint> {
    this.#pending ??= this.#ping()
    try {
      return await this.#pending
    } catch (error) {
      this.#pending = undefined
      throw error
    }
  }

  async #ping(): Promise<Endpoint> {
    const {host, http, tls, insecure, retrier, limits, timeoutMs} = this.#options
    const send = async (request: HttpRequest): Promise<HttpResponse> =>
      limits.requests(async () => http.send({timeoutMs, ...request}))
    const api = await ping({host, tls, isInsecure: insecure(host), send, retrier, hide: this.hide})
    this.#authorization.learn(api.challenge)
    return api
  }

  #address(target: string | URL, {origin}: Endpoint): URL {
    return typeof target === 'string' ? new URL(`/v2/${target}`, origin) : target
  }

  /** `proceed` is asked when the login is at hand: a token may have taken long. Undefined: it refused. */
  async #authorized(
    call: RegistryRequest,
    send: (request: HttpRequest) => Promise<HttpResponse>,
    proceed: () => Promise<boolean>,
  ): Promise<RegistryResponse | undefined> {
    const api = await this.#endpoint()
    const url = this.#address(call.target, api)
    const following: RedirectIo<HttpResponse> = {send, tlsOf: async (to) => this.#tlsOf(to)}
    const ask = async (authorization?: string): ReturnType<typeof followRedirects<HttpResponse>> =>
      followRedirects(await this.#request(call, url, authorization), following)
    // Some registries have uploads go elsewhere; the login is for the one that asked for it.
    if (url.origin !== api.origin.origin)
      return atNamedAddress(url, 'uploads', async () => ({...(await ask()).response, url}))
    const scopes = call.scopes.map((scope) => this.#scopeOf(scope))
    const used = await this.#authorization.header(scopes)
    if (!(await proceed())) return undefined
    const {response, origin} = await ask(used)
    // Nor has whoever a redirect leads to a say in where the login goes.
    if (response.status !== 401 || origin !== api.origin.origin) return {...response, url}
    const renewed = await this.#authorization.renew(scopes, used, response.headers['www-authenticate'])
    if (renewed === undefined) return {...response, url}
    return (await proceed()) ? {...(await ask(renewed)).response, url} : undefined
  }

  /** Where a run pushes to, it asks for all at once: one token, and a repository that is still to be made hides from readers. */
  #scopeOf(scope: Scope): Scope {
    const isRead = scope.access.every((access) => access === 'pull')
    return isRead && this.#options.pushesTo(scope.path) ? writing(scope.path) : scope
  }

  async #request(call: RegistryRequest, url: URL, authorization: string | undefined): Promise<HttpRequest> {
    const {method, body, timeoutMs = this.timeoutMs, maxBytes} = call
    return {
      method,
      url,
      headers: {...call.headers, ...(authorization === undefined ? {} : {authorization})},
      timeoutMs,
      maxBytes,
      ...(body === undefined ? {} : {body: body instanceof Uint8Array ? body : body()}),
      tls: await this.#tlsOf(url),
    }
  }

  async #tlsOf(url: URL): Promise<HttpTls | undefined> {
    const {origin, tls} = await this.#endpoint()
    return url.origin === origin.origin ? tls : this.#options.tls(url.host)
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const {http, limits} = this.#options
    // An upload may read from the same registry, so it must not take the place of what it waits for.
    const isUpload = request.body !== undefined && !(request.body instanceof Uint8Array)
    return (isUpload ? limits.uploads : limits.requests)(async () => http.send(request))
  }

  async #openStream(request: HttpRequest): Promise<HttpResponse & {stream?: AsyncIterable<Uint8Array>}> {
    const {http, limits} = this.#options
    const {status, headers, body} = await limits.requests(async () => http.open(request))
    if (status >= 200 && status < 300) return {status, headers, body: Buffer.alloc(0), stream: body}
    return {status, headers, body: await beginningOf(body)}
  }

  async #requestToken(request: HttpRequest): Promise<HttpResponse> {
    const {url, method} = request
    const following: RedirectIo<HttpResponse> = {
      send: async (hop) => this.#options.http.send(hop),
      tlsOf: async (to) => this.#tlsOf(to),
    }
    const whole = {timeoutMs: this.timeoutMs, ...request, tls: await this.#tlsOf(url)}
    const outcome = await withRetries(this.retrier, {host: url.host, subject: `${method} token`}, async () => {
      const {response} = await followRedirects(whole, following)
      return response
    })
    if (outcome.kind === 'response') return outcome.response
    const error = url.host === apiHost(this.host) ? outcome.error : new NamedAddressError(url, 'tokens', outcome.error)
    throw unreachable({host: this.host, method, url, hide: this.hide}, error)
  }
}

const always = async (): Promise<boolean> => Promise.resolve(true)
