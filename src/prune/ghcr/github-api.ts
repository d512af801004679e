import {TagboatError} from '../../errors/error.ts'
import type {Secret} from '../../errors/secret.ts'
import type {HttpRequest, HttpResponse} from '../../io/http.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import {unreachable} from '../../registry/failure.ts'
import {redactText} from '../../registry/redact.ts'
import {isTransientStatus, withRetriesWhile} from '../../registry/retry.ts'
import type {ServiceIo} from '../../registry/vendors/service-io.ts'
import {pacer, type Pacer} from './pacer.ts'
import {limitedForMs, rateLimitIn, type RateLimit} from './rate-limit.ts'

/** Kind of the owner of a package, as in addresses. */
export type OwnerKind = 'orgs' | 'users'

/** Address of the REST API of a GitHub server, and the token for it. */
export interface GitHubAccess {
  /** `https://api.github.com`, or that of an Enterprise Server. */
  readonly apiUrl: string
  readonly token: Secret
  /** Owner of the repository of this run, if the event states its kind. */
  readonly owner?: {readonly name: string; readonly kind: OwnerKind} | undefined
}

/** Response of the API. */
export interface GitHubResponse {
  /** `GET /orgs/acme/packages/container/app/versions/42`. */
  readonly request: string
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** Parsed body; undefined if it is not JSON. */
  readonly json: unknown
  /** Message of an error, in one line; else empty. */
  readonly message: string
}

/** Longest wait for a limit. After a longer one, the next run continues. */
const maxLimitMs = 60_000
/** A page of 100 versions of which each has many tags. */
const maxBytes = 16 * 1024 * 1024
/**
 * Interval of deletions: GitHub accepts 900 points a minute, of which a deletion with the request that reads the version
 * before has 6. 140 deletions leave points for other requests.
 */
const deletionMs = Math.ceil(60_000 / 140)

/** Client of the REST API of GitHub. All stores of a run share it, since its limits are those of the token. */
export class GitHubApi {
  readonly #access: GitHubAccess
  readonly #io: Pick<ServiceIo, 'http' | 'retrier' | 'secrets'>
  #limit: RateLimit | undefined
  #sent = 0
  /** Waits until the next deletion may start. */
  readonly beforeDeletion: Pacer

  constructor(access: GitHubAccess, io: Pick<ServiceIo, 'http' | 'retrier' | 'secrets'>) {
    this.#access = access
    this.#io = io
    this.beforeDeletion = pacer(deletionMs, {now: io.retrier.timer.now, sleep: async (ms) => this.sleep(ms)})
  }

  /** Number of requests so far, with all attempts. */
  get sent(): number {
    return this.#sent
  }

  /** Limit of the token, as the last response states it. Undefined if GitHub states none, or it was reset since. */
  get limit(): RateLimit | undefined {
    return this.#limit !== undefined && this.#limit.resetsAt > this.#io.retrier.timer.now() ? this.#limit : undefined
  }

  /**
   * Sends a request with retries, and waits up to a minute if a limit is exceeded. Returns the last response, of any
   * status.
   * @throws TagboatError `rate-limited` or `registry-unreachable`
   */
  async send(method: HttpRequest['method'], path: string): Promise<GitHubResponse> {
    const response = await this.sendWhile(method, path, async () => Promise.resolve(true))
    if (response === undefined) throw new TypeError('unreachable: nothing refused to send it')
    return response
  }

  /** Sends a request as `send` does, if `proceed` allows it before each attempt. Undefined if it does not. */
  async sendWhile(
    method: HttpRequest['method'],
    path: string,
    proceed: () => Promise<boolean>,
  ): Promise<GitHubResponse | undefined> {
    const {retrier, secrets} = this.#io
    const url = new URL(`${this.#access.apiUrl}${path}`)
    const subject = `${method} ${path}`
    const attempt = async (): Promise<Attempt | undefined> =>
      (await proceed()) ? this.#attempt(method, url) : undefined
    const outcome = await withRetriesWhile(retrier, {host: url.host, subject}, attempt, isRetryable)
    if (outcome === undefined) return undefined
    if (outcome.kind === 'failed') throw unreachable({host: url.host, method, url, hide: secrets.hide}, outcome.error)
    const {response, limitMs} = outcome.response
    const read = this.#read(subject, response)
    if (limitMs === undefined) return read
    throw rateLimited(url.host, evidenceOf(read), new Date(retrier.timer.now().getTime() + limitMs))
  }

  /** Kind of an owner as far as it is known without a request. */
  knownKind(owner: string): OwnerKind | undefined {
    const known = this.#access.owner
    return known?.name.toLowerCase() === owner.toLowerCase() ? known.kind : undefined
  }

  /** Waits until GitHub shows a change. @throws the reason of the run's signal if it is aborted. */
  async sleep(ms: number): Promise<void> {
    const {timer, signal} = this.#io.retrier
    try {
      await timer.sleep(ms)
    } catch (error) {
      signal.throwIfAborted()
      throw error
    }
  }

  /** @throws TagboatError `rate-limited` if the token has fewer requests left than `reserved`. */
  requireLeft(reserved: number): void {
    const {limit} = this
    if (limit === undefined || limit.remaining >= reserved) return
    const reason = `${limit.remaining} requests are left, of which other jobs need ${reserved}`
    throw rateLimited(new URL(this.#access.apiUrl).host, reason, limit.resetsAt)
  }

  #read(request: string, {status, headers, body}: HttpResponse): GitHubResponse {
    const json = parseJson(body)
    const message = field(json, 'message')
    const text = typeof message === 'string' ? redactText(message, this.#io.secrets.hide) : ''
    return {request, status, headers, json, message: text}
  }

  async #attempt(method: HttpRequest['method'], url: URL): Promise<Attempt> {
    const {http, retrier} = this.#io
    const headers = {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${this.#access.token.reveal()}`,
      'x-github-api-version': '2022-11-28',
    }
    this.#sent += 1
    const response = await http.send({method, url, headers, maxBytes})
    this.#limit = rateLimitIn(response.headers) ?? this.#limit
    const limitMs = limitedForMs(response, retrier.timer.now())
    const wait = limitMs === undefined ? {} : {'retry-after': String(Math.ceil(limitMs / 1000))}
    return {status: response.status, headers: {...response.headers, ...wait}, response, limitMs}
  }
}

/** Response with the wait that its limit demands, as `withRetries` reads it. */
interface Attempt {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly response: HttpResponse
  readonly limitMs: number | undefined
}

function isRetryable({status, limitMs}: Attempt): boolean {
  return limitMs === undefined ? isTransientStatus(status) : limitMs <= maxLimitMs
}

function rateLimited(host: string, reason: string, until: Date): TagboatError {
  return new TagboatError('rate-limited', {
    message: `The rate limit of ${host} is exceeded.`,
    evidence: [reason, `the limit is reset at ${until.toISOString()}`],
  })
}

/** Line of an error about a response: `GET /users/acme: 500, Server Error`. */
export function evidenceOf({request, status, message}: GitHubResponse): string {
  return `${request}: ${status}${message === '' ? '' : `, ${message}`}`
}

/** Creates the error for a response that is not documented. */
export function unexpected(response: GitHubResponse): TagboatError {
  return new TagboatError('registry-failed', {
    message: 'The API of GitHub responded with an unexpected error.',
    evidence: [evidenceOf(response)],
  })
}
