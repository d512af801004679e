import type {Http, HttpRequest, HttpResponse, HttpTls} from '../io/http.ts'
import type {Hide, SecretKeeper} from '../errors/known-secrets.ts'
import {authorization, type Authorization} from './auth/authorization.ts'
import type {RegistryCredentials} from './auth/credentials.ts'
import {registryAt, type Api} from './ping.ts'
import {failure, unreachable, type Asked} from './failure.ts'
import {apiHost, isOnThisMachine} from './hosts.ts'
import type {Limiter} from './limit.ts'
import {atNamedAddress, NamedAddressError} from './named-address.ts'
import {beginningOf} from './error-body.ts'
import {followed, type Following} from './redirect.ts'
import {retried, retriedWhile, type Named, type Outcome, type Retrier} from './retry.ts'
import {writing, type Access, type Scope} from './auth/scope.ts'

/** One request to a registry. */
export interface Call {
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
  /** The longest answer, where that is not the edge's own limit. */
  readonly maxBytes?: number
}

/** An answer; `stream` is there instead of the body when that was asked for and the status is 2xx. */
export interface Answer extends HttpResponse {
  readonly stream?: AsyncIterable<Uint8Array>
  /** Where it was sent to, before redirects. */
  readonly url: URL
}

export interface SessionOptions {
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
export class Session {
  readonly host: string
  readonly retrier: Retrier
  readonly timeoutMs: number
  readonly hide: Hide
  readonly #options: SessionOptions
  readonly #authorization: Authorization
  #api: Promise<Api> | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.host = options.host
    this.retrier = options.retrier
    this.timeoutMs = options.timeoutMs
    this.hide = options.secrets.hide
    this.#authorization = authorization({
      host: options.host,
      owner: {isLocal: isOnThisMachine(options.host), isInsecure: options.insecure},
      credentials: options.credentials,
      ask: async (request) => this.#askTokenServer(request),
      now: options.retrier.patience.now,
      secrets: options.secrets,
    })
  }

  /** With retries. An answer of any status that another try would not change, the last one when none is left. @throws TagboatError `registry-unreachable`. */
  async call(call: Call): Promise<Answer> {
    return this.#settled(call, async () => this.once(call))
  }

  /** The same, for a request that needs leave right before it is sent, each time. Undefined: `proceed` refused. */
  async callWhile(call: Call, proceed: () => Promise<boolean>): Promise<Answer | undefined> {
    await this.#known()
    const attempt = async (): Promise<Answer | undefined> =>
      this.#authorized(call, async (request) => this.#send(request), proceed)
    const outcome = await retriedWhile(this.retrier, this.#named(call), attempt)
    return outcome === undefined ? undefined : this.answered(call, outcome)
  }

  /** The same, with the body of a 2xx as a stream. */
  async open(call: Call): Promise<Answer> {
    return this.#settled(call, async () => this.#sent(call, async (request) => this.#openStream(request)))
  }

  /** One try, with a renewed login where that is what it takes. @throws what the edge threw when no answer came. */
  async once(call: Call): Promise<Answer> {
    return this.#sent(call, async (request) => this.#send(request))
  }

  async #sent(call: Call, send: (request: HttpRequest) => Promise<HttpResponse>): Promise<Answer> {
    const answer = await this.#authorized(call, send, always)
    if (answer === undefined) throw new TypeError('unreachable: nothing refused to send it')
    return answer
  }

  /** The error that this answer means. */
  async failure(call: Pick<Call, 'method' | 'scopes'>, answer: Answer, access: Access): Promise<Error> {
    const [{path}] = call.scopes
    const identified = (await this.#options.credentials()) !== undefined
    const {host, hide} = this
    return failure(
      {host, hide, method: call.method, url: answer.url, access, repository: `${host}/${path}`, identified},
      answer,
    )
  }

  async #settled(call: Call, attempt: () => Promise<Answer>): Promise<Answer> {
    await this.#known()
    const outcome = await retried(this.retrier, this.#named(call), attempt)
    return this.answered(call, outcome)
  }

  #named({method, label}: Pick<Call, 'method' | 'label'>): Named {
    return {host: this.host, subject: `${method} ${label}`}
  }

  /** @throws TagboatError `registry-unreachable` when there is no answer. */
  async answered<T>(call: Pick<Call, 'method' | 'target'>, outcome: Outcome<T>): Promise<T> {
    if (outcome.kind === 'answer') return outcome.answer
    throw unreachable(await this.#asked(call), outcome.error)
  }

  async #asked({
    method,
    target,
  }: Pick<Call, 'method' | 'target'>): Promise<Pick<Asked, 'host' | 'method' | 'url' | 'hide'>> {
    return {host: this.host, hide: this.hide, method, url: this.#address(target, await this.#known())}
  }

  /** Asked once for each run: what answers there, and what it wants to be shown. */
  async #known(): Promise<Api> {
    this.#api ??= this.#find()
    try {
      return await this.#api
    } catch (error) {
      this.#api = undefined
      throw error
    }
  }

  async #find(): Promise<Api> {
    const {host, http, tls, insecure, retrier, limits, timeoutMs} = this.#options
    const send = async (request: HttpRequest): Promise<HttpResponse> =>
      limits.requests(async () => http.send({timeoutMs, ...request}))
    const api = await registryAt({host, tls, isInsecure: insecure(host), send, retrier, hide: this.hide})
    this.#authorization.learn(api.challenge)
    return api
  }

  #address(target: string | URL, {origin}: Api): URL {
    return typeof target === 'string' ? new URL(`/v2/${target}`, origin) : target
  }

  /** `proceed` is asked when the login is at hand: a token may have taken long. Undefined: it refused. */
  async #authorized(
    call: Call,
    send: (request: HttpRequest) => Promise<HttpResponse>,
    proceed: () => Promise<boolean>,
  ): Promise<Answer | undefined> {
    const api = await this.#known()
    const url = this.#address(call.target, api)
    const following: Following<HttpResponse> = {send, tlsOf: async (to) => this.#tlsOf(to)}
    const ask = async (authorization?: string): ReturnType<typeof followed<HttpResponse>> =>
      followed(await this.#request(call, url, authorization), following)
    // Some registries have uploads go elsewhere; the login is for the one that asked for it.
    if (url.origin !== api.origin.origin)
      return atNamedAddress(url, 'uploads', async () => ({...(await ask()).answer, url}))
    const scopes = call.scopes.map((scope) => this.#scopeOf(scope))
    const used = await this.#authorization.header(scopes)
    if (!(await proceed())) return undefined
    const {answer, origin} = await ask(used)
    // Nor has whoever a redirect leads to a say in where the login goes.
    if (answer.status !== 401 || origin !== api.origin.origin) return {...answer, url}
    const renewed = await this.#authorization.renew(scopes, used, answer.headers['www-authenticate'])
    if (renewed === undefined) return {...answer, url}
    return (await proceed()) ? {...(await ask(renewed)).answer, url} : undefined
  }

  /** Where a run pushes to, it asks for all at once: one token, and a repository that is still to be made hides from readers. */
  #scopeOf(scope: Scope): Scope {
    const isRead = scope.access.every((access) => access === 'pull')
    return isRead && this.#options.pushesTo(scope.path) ? writing(scope.path) : scope
  }

  async #request(call: Call, url: URL, authorization: string | undefined): Promise<HttpRequest> {
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
    const {origin, tls} = await this.#known()
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

  async #askTokenServer(request: HttpRequest): Promise<HttpResponse> {
    const {url, method} = request
    const following: Following<HttpResponse> = {
      send: async (hop) => this.#options.http.send(hop),
      tlsOf: async (to) => this.#tlsOf(to),
    }
    const whole = {timeoutMs: this.timeoutMs, ...request, tls: await this.#tlsOf(url)}
    const outcome = await retried(this.retrier, {host: url.host, subject: `${method} token`}, async () => {
      const {answer} = await followed(whole, following)
      return answer
    })
    if (outcome.kind === 'answer') return outcome.answer
    const error = url.host === apiHost(this.host) ? outcome.error : new NamedAddressError(url, 'tokens', outcome.error)
    throw unreachable({host: this.host, method, url, hide: this.hide}, error)
  }
}

const always = async (): Promise<boolean> => Promise.resolve(true)
