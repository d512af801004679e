import type {Http, HttpRequest, HttpResponse, HttpTls} from '../io/http.ts'
import type {Hide, SecretKeeper} from '../errors/known-secrets.ts'
import type {CredentialUse, RegistryCredentials} from './auth/credentials.ts'
import type {Grant} from './auth/granted.ts'
import {HostLogins} from './auth/host-logins.ts'
import {ping, type Endpoint} from './ping.ts'
import {apiHost, isOnThisMachine} from './hosts.ts'
import type {Limiter} from './limit.ts'
import {atNamedAddress, NamedAddressError} from './named-address.ts'
import type {RegistryRequest, RegistryResponse, RequestName} from './registry-request.ts'
import {beginningOf} from './error-body.ts'
import {followRedirects, type RedirectIo} from './redirect.ts'
import {withRetries, withRetriesWhile, type Outcome, type Retrier} from './retry.ts'
import {scopeToRequest, type Access, type Scope} from './auth/scope.ts'

/** Settings and side effects of a host client. */
interface HostClientOptions {
  /** Host of the registry, as in image references: `docker.io`, `localhost:5000`. */
  readonly host: string
  readonly http: Http
  readonly credentials: (use: CredentialUse) => Promise<RegistryCredentials | undefined>
  /** Name of the login for a scope. */
  readonly login: (scope: Scope | undefined) => string
  readonly tls: (host: string) => Promise<HttpTls | undefined>
  readonly insecure: (host: string) => boolean
  /** Reports whether this run pushes to the repository with this path. */
  readonly pushesTo: (path: string) => boolean
  readonly retrier: Retrier
  readonly limits: {readonly requests: Limiter; readonly uploads: Limiter}
  readonly timeoutMs: number
  /** Number of connections that are opened with the first one. */
  readonly spareConnections: number
  /** Keeper of the tokens that servers issue. It hides secrets in the texts of servers. */
  readonly secrets: SecretKeeper
}

/** Client of one registry host, with one endpoint, and tokens for each login. */
export class HostClient {
  readonly host: string
  readonly retrier: Retrier
  readonly timeoutMs: number
  readonly hide: Hide
  readonly #options: HostClientOptions
  readonly #logins: HostLogins
  #pending: Promise<Endpoint> | undefined

  constructor(options: HostClientOptions) {
    this.#options = options
    this.host = options.host
    this.retrier = options.retrier
    this.timeoutMs = options.timeoutMs
    this.hide = options.secrets.hide
    this.#logins = new HostLogins({
      ...options,
      owner: {isLocal: isOnThisMachine(options.host), isInsecure: options.insecure},
      sendTokenRequest: async (request) => this.#requestToken(request),
      now: options.retrier.timer.now,
    })
  }

  /**
   * Sends a request with retries. Returns the last response, of any status.
   * @throws TagboatError `registry-unreachable`
   */
  async call(call: RegistryRequest): Promise<RegistryResponse> {
    return this.#callWithRetries(call, async () => this.callOnce(call))
  }

  /** Sends a request with retries, if `proceed` allows it before each attempt. Undefined if it does not. */
  async callWhile(call: RegistryRequest, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    await this.endpoint()
    const attempt = async (): Promise<RegistryResponse | undefined> =>
      this.#authorized(call, async (request) => this.#send(request), proceed)
    const outcome = await withRetriesWhile(this.retrier, this.#requestName(call), attempt)
    return outcome === undefined ? undefined : this.responseOf(call, outcome)
  }

  /** Sends a request with retries. The response has a stream if the status is 2xx. */
  async open(call: RegistryRequest): Promise<RegistryResponse> {
    return this.#callWithRetries(call, async () =>
      this.#sendAuthorized(call, async (request) => this.#openStream(request)),
    )
  }

  /**
   * Sends a request once, and again with a renewed token after a 401.
   * @throws the error of the HTTP client if there is no response.
   */
  async callOnce(call: RegistryRequest): Promise<RegistryResponse> {
    return this.#sendAuthorized(call, async (request) => this.#send(request))
  }

  async #sendAuthorized(
    call: RegistryRequest,
    send: (request: HttpRequest) => Promise<HttpResponse>,
  ): Promise<RegistryResponse> {
    const response = await this.#authorized(call, send, async () => Promise.resolve(true))
    if (response === undefined) throw new TypeError('unreachable: nothing refused to send it')
    return response
  }

  /** Grant of the token server for a repository. */
  async granted(scope: Scope): Promise<Grant> {
    const {authorization} = this.#logins.select([scope], (await this.endpoint()).challenge)
    return (await import('./auth/granted.ts')).grantOf(authorization, scope)
  }

  /** Creates the error for an error response. */
  async failure(
    call: Pick<RegistryRequest, 'method' | 'scopes'>,
    response: RegistryResponse,
    access: Access,
  ): Promise<Error> {
    const {method, scopes} = call
    const login = await this.#logins.state(this.#scopeToRequest(scopes[0], await this.endpoint()))
    const {host, hide} = this
    const request = {host, hide, method, url: response.url, access, repository: `${host}/${scopes[0].path}`}
    return (await import('./failure.ts')).failure({...request, ...login}, response)
  }

  async #callWithRetries(call: RegistryRequest, attempt: () => Promise<RegistryResponse>): Promise<RegistryResponse> {
    await this.endpoint()
    return this.responseOf(call, await withRetries(this.retrier, this.#requestName(call), attempt))
  }

  #requestName({method, label}: Pick<RegistryRequest, 'method' | 'label'>): RequestName {
    return {host: this.host, subject: `${method} ${label}`}
  }

  /** Response of an outcome. @throws TagboatError `registry-unreachable` if there is none. */
  async responseOf<T>(call: Pick<RegistryRequest, 'method' | 'target'>, outcome: Outcome<T>): Promise<T> {
    if (outcome.kind === 'response') return outcome.response
    const {host, hide} = this
    const url = this.#address(call.target, await this.endpoint())
    throw (await import('./failure.ts')).unreachable({host, hide, method: call.method, url}, outcome.error)
  }

  /** Returns the endpoint of the registry, which is pinged once per run. @throws TagboatError */
  async endpoint(): Promise<Endpoint> {
    this.#pending ??= this.#ping()
    try {
      return await this.#pending
    } catch (error) {
      this.#pending = undefined
      throw error
    }
  }

  async #ping(): Promise<Endpoint> {
    const {host, http, tls, insecure, retrier, limits, timeoutMs, spareConnections} = this.#options
    const send = async (request: HttpRequest): Promise<HttpResponse> =>
      limits.requests(async () => http.send({timeoutMs, spareConnections, ...request}))
    return ping({host, tls, isInsecure: insecure(host), send, retrier, hide: this.hide})
  }

  #address(target: string | URL, {origin}: Endpoint): URL {
    return typeof target === 'string' ? new URL(`/v2/${target}`, origin) : target
  }

  /**
   * Sends an authorized request. `proceed` is called after the token was fetched, which may take long. Undefined if it
   * does not allow the request.
   */
  async #authorized(
    call: RegistryRequest,
    send: (request: HttpRequest) => Promise<HttpResponse>,
    proceed: () => Promise<boolean>,
  ): Promise<RegistryResponse | undefined> {
    const api = await this.endpoint()
    const url = this.#address(call.target, api)
    const following: RedirectIo<HttpResponse> = {send, tlsOf: async (to) => this.#tlsOf(to)}
    const ask = async (header?: string): ReturnType<typeof followRedirects<HttpResponse>> =>
      followRedirects(await this.#request(call, url, header), following)
    // Some registries name another server for uploads. Credentials are only for the registry itself.
    if (url.origin !== api.origin.origin)
      return atNamedAddress(url, 'uploads', async () => ({...(await ask()).response, url}))
    const requested = call.scopes.map((scope) => this.#scopeToRequest(scope, api))
    const {authorization, scopes} = this.#logins.select(requested, api.challenge)
    const used = await authorization.header(scopes)
    if (!(await proceed())) return undefined
    // A challenge from a redirect target is ignored: it must not choose where credentials go.
    const sent = async (header?: string): Promise<RegistryResponse & {readonly isRefused: boolean}> => {
      const {response, origin} = await ask(header)
      const isRefused = origin === api.origin.origin && authorization.refuses(header, response)
      return {...response, url, isRefused, isLoginRefused: isRefused && authorization.isUnproven(header)}
    }
    const first = await sent(used)
    if (!first.isRefused) return first
    const renewed = await authorization.renew(scopes, used, first.headers['www-authenticate'])
    if (renewed === undefined) return first
    return (await proceed()) ? sent(renewed) : undefined
  }

  #scopeToRequest(scope: Scope, {challenge}: Endpoint): Scope {
    return scopeToRequest(scope, {challenge, pushesTo: this.#options.pushesTo})
  }

  async #request(call: RegistryRequest, url: URL, authorization: string | undefined): Promise<HttpRequest> {
    const {method, body, timeoutMs = this.timeoutMs, maxBytes, freesChunks} = call
    return {
      method,
      url,
      headers: {...call.headers, ...(authorization === undefined ? {} : {authorization})},
      timeoutMs,
      maxBytes,
      freesChunks,
      ...(body === undefined ? {} : {body: body instanceof Uint8Array ? body : body()}),
      tls: await this.#tlsOf(url),
    }
  }

  async #tlsOf(url: URL): Promise<HttpTls | undefined> {
    const {origin, tls} = await this.endpoint()
    return url.origin === origin.origin ? tls : this.#options.tls(url.host)
  }

  async #send(request: HttpRequest): Promise<HttpResponse> {
    const {http, limits} = this.#options
    // An upload may read from the same registry, so it must not block the requests that it waits for.
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
    throw (await import('./failure.ts')).unreachable({host: this.host, method, url, hide: this.hide}, error)
  }
}
