import {TagboatError} from '../../errors/error.ts'
import type {Http, HttpResponse} from '../../io/http.ts'
import {field, parseJson} from '../../oci/manifest.ts'
import type {Repository} from '../../oci/reference.ts'
import {deleting} from '../../registry/auth/scope.ts'
import {failure} from '../../registry/failure.ts'
import {redactUrl} from '../../registry/redact.ts'
import type {RegistryResponse} from '../../registry/registry-request.ts'
import type {ServiceIo} from '../../registry/vendors/service-io.ts'
import {askService, askServiceWhile} from '../../registry/vendors/service-request.ts'
import {answerText} from '../answers.ts'

type Method = 'GET' | 'DELETE'

/** Address of the API of Docker Hub, the only one that gets the login. */
const origin = 'https://hub.docker.com'

/**
 * API of Docker Hub: https://docs.docker.com/reference/api/hub/latest/. It has tokens of its own, for the user name and
 * password of the registry: a password, a personal access token, or the token of an organization.
 */
export class HubApi {
  readonly #repository: Repository
  readonly #services: ServiceIo
  #token: Promise<string | undefined> | undefined

  constructor(repository: Repository, services: ServiceIo) {
    this.#repository = repository
    this.#services = {...services, http: withUnixRetryAfter(services.http, services.retrier.timer.now)}
  }

  /** Reads a JSON document below `/v2/`. @throws TagboatError for any other status than 200. */
  async read(path: string): Promise<{readonly value: unknown; readonly response: RegistryResponse}> {
    const response = await this.#send('GET', path, async () => Promise.resolve(true))
    if (response?.status === 200) return {value: parseJson(response.body), response}
    if (response === undefined) throw new TypeError('unreachable: nothing refused to send it')
    throw await this.#failure('GET', response)
  }

  /**
   * Sends `DELETE` to a path below `/v2/`, if `proceed` allows it before each attempt, after the login. Returns the last
   * response, of any status but 429. Undefined if `proceed` does not allow it.
   * @throws TagboatError `registry-unreachable`, `rate-limited`, or `login-refused`.
   */
  async delete(path: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    return this.#send('DELETE', path, proceed)
  }

  async #send(method: Method, path: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    const token = await this.#requestToken()
    const headers = {accept: 'application/json', ...(token !== undefined && {authorization: `Bearer ${token}`})}
    const url = new URL(`/v2/${path}`, origin)
    const request = {host: this.#repository.host, method, url, headers, label: url.pathname.slice(1)}
    const response = await askServiceWhile(request, this.#services, proceed)
    if (response?.status === 429) throw await this.#failure(method, response)
    return response
  }

  async #failure(method: Method, response: RegistryResponse): Promise<TagboatError> {
    const {host, path} = this.#repository
    const {hide} = this.#services.secrets
    const access = method === 'GET' ? 'pull' : 'delete'
    const authenticated = (await this.#requestToken()) !== undefined
    const repository = `${host}/${path}`
    return failure({host, method, url: response.url, access, repository, authenticated, hide}, response)
  }

  /** Requests the token once. Undefined without a user name and a password. @throws TagboatError `login-refused` */
  async #requestToken(): Promise<string | undefined> {
    return (this.#token ??= this.#logIn())
  }

  async #logIn(): Promise<string | undefined> {
    const {host, path} = this.#repository
    const credentials = await this.#services.credentials(host, {scope: deleting(path)})
    if (credentials?.kind !== 'basic') return undefined
    const body = {identifier: credentials.username, secret: credentials.password.reveal()}
    const url = new URL('/v2/auth/token', origin)
    const headers = {accept: 'application/json', 'content-type': 'application/json'}
    const request = {
      host,
      method: 'POST',
      url,
      headers,
      body: Buffer.from(JSON.stringify(body)),
      label: 'v2/auth/token',
    } as const
    const response = await askService(request, this.#services)
    const token = field(parseJson(response.body), 'access_token')
    if (response.status === 200 && typeof token === 'string') {
      this.#services.secrets.keep(token)
      return token
    }
    const {hide} = this.#services.secrets
    const evidence = [`POST ${redactUrl(url, hide)}: ${answerText(response, hide)}`]
    if (response.status !== 401 && response.status !== 403) throw this.#noToken(response, evidence)
    throw new TagboatError('login-refused', {message: 'The API of Docker Hub refused the login.', remedy, evidence})
  }

  #noToken(response: RegistryResponse, evidence: readonly string[]): TagboatError {
    const code = response.status === 429 ? 'rate-limited' : 'registry-failed'
    return new TagboatError(code, {message: 'The API of Docker Hub issued no token.', evidence})
  }
}

/** The short-lived token of an OIDC connection is for the registry alone. */
const remedy =
  'Set `username` and `password` for docker.io: a user name with a password or personal access token, or the name of an organization with its access token. A login by `dockerhub-connection-id` is for pushes and pulls only.'

/**
 * HTTP client for a server whose `X-Retry-After` is a Unix time, as documented under
 * https://docs.docker.com/reference/api/hub/latest/#rate-limiting: it is converted to `Retry-After` in seconds.
 */
function withUnixRetryAfter(http: Http, now: () => Date): Http {
  const convert = (response: HttpResponse): HttpResponse => {
    const time = response.headers['x-retry-after'] ?? ''
    if (response.status !== 429 || !/^\d{1,12}$/.test(time)) return response
    const seconds = Math.max(0, Math.ceil(Number(time) - now().getTime() / 1000))
    return {...response, headers: {...response.headers, 'retry-after': String(seconds)}}
  }
  return {
    send: async (request) => convert(await http.send(request)),
    open: async (request) => http.open(request),
    [Symbol.dispose]: () => undefined,
  }
}
