import type {TagboatError} from '../errors/error.ts'
import {parseJson} from '../oci/manifest.ts'
import type {Repository} from '../oci/reference.ts'
import {basicHeader} from '../registry/auth/basic.ts'
import type {RegistryCredentials} from '../registry/auth/credentials.ts'
import {deleting} from '../registry/auth/scope.ts'
import {failure} from '../registry/failure.ts'
import {redactUrl} from '../registry/redact.ts'
import type {RegistryResponse} from '../registry/registry-request.ts'
import {askServiceWhile} from '../registry/vendors/service-request.ts'
import {listCut} from './list-cut.ts'
import type {StoreResources} from './store-opener.ts'

type Method = 'GET' | 'DELETE'

/** Returns the header of a login; undefined for a login that the API does not know. */
type Authorize = (credentials: RegistryCredentials | undefined) => string | undefined

/** Web API on the server of a registry itself, with the login of the registry. Paths begin with a slash. */
export class WebApi {
  readonly #repository: Repository
  readonly #resources: Pick<StoreResources, 'clients' | 'services'>
  readonly #authorize: Authorize

  /** @param authorize Default: user name and password (RFC 7617). */
  constructor(
    repository: Repository,
    resources: Pick<StoreResources, 'clients' | 'services'>,
    authorize: Authorize = basicHeader,
  ) {
    this.#repository = repository
    this.#resources = resources
    this.#authorize = authorize
  }

  /**
   * Sends a request with retries. Returns the last response, of any status but 429.
   * @throws TagboatError `registry-unreachable` or `rate-limited`.
   */
  async get(path: string): Promise<RegistryResponse> {
    const response = await this.#send('GET', path, async () => Promise.resolve(true))
    if (response === undefined) throw new TypeError('unreachable: nothing refused to send it')
    return response
  }

  /** Sends `DELETE` as `get` does, if `proceed` allows it before each attempt. Undefined if it does not. */
  async delete(path: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    return this.#send('DELETE', path, proceed)
  }

  /**
   * Reads a JSON document.
   * @throws TagboatError for any other status than 200: `prune-list-cut` if the server does not have this API, since a proxy
   *   passes only the OCI API on, or the vendor's server has a path of its own.
   */
  async read(path: string): Promise<{readonly value: unknown; readonly response: RegistryResponse}> {
    const response = await this.get(path)
    const value = parseJson(response.body)
    if (response.status === 404 && value === undefined) throw this.cut(response, 'is not an answer of its web API')
    if (response.status !== 200) throw await this.failure('GET', response)
    return {value, response}
  }

  /** Creates the error for an error response. */
  async failure(method: Method, response: RegistryResponse): Promise<TagboatError> {
    const {host, path} = this.#repository
    const {hide} = this.#resources.services.secrets
    const access = method === 'GET' ? 'pull' : 'delete'
    const authenticated = (await this.#header()) !== undefined
    const repository = `${host}/${path}`
    return failure({host, method, url: response.url, access, repository, authenticated, hide}, response)
  }

  /** Creates the error for a list that ends too early, or is not a list. `what` begins with a verb. */
  cut({url, status}: RegistryResponse, what: string): TagboatError {
    const {hide} = this.#resources.services.secrets
    return listCut(this.#repository, `GET ${redactUrl(url, hide)}: ${status}, which ${what}`)
  }

  async #send(method: Method, path: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    const {clients, services} = this.#resources
    const {host} = this.#repository
    const {origin, tls} = await clients.host(host).endpoint()
    const authorization = await this.#header()
    const headers = {accept: 'application/json', ...(authorization !== undefined && {authorization})}
    const url = new URL(path, origin)
    const request = {host, method, url, headers, tls, label: url.pathname.slice(1)}
    const response = await askServiceWhile(request, services, proceed)
    if (response?.status === 429) throw await this.failure(method, response)
    return response
  }

  async #header(): Promise<string | undefined> {
    const {host, path} = this.#repository
    return this.#authorize(await this.#resources.services.credentials(host, {scope: deleting(path)}))
  }
}
