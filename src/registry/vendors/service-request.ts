import type {HttpRequest} from '../../io/http.ts'
import type {RegistryResponse} from '../registry-request.ts'
import {withRetriesWhile} from '../retry.ts'
import type {ServiceIo} from './service-io.ts'

/** Request to a service that belongs to a registry. */
interface ServiceRequest extends Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'tls'> {
  /** Host of the registry, for errors. */
  readonly host: string
  /** Name in the log, after the method: `api/v2.0/projects/acme`. */
  readonly label: string
}

type RequestIo = Pick<ServiceIo, 'http' | 'retrier' | 'secrets'>

/**
 * Sends a request with retries. Returns the last response, of any status. Redirects are not followed, since a login is for
 * one address.
 * @throws TagboatError `registry-unreachable`
 */
export async function askService(request: ServiceRequest, io: RequestIo): Promise<RegistryResponse> {
  const response = await askServiceWhile(request, io, async () => Promise.resolve(true))
  if (response === undefined) throw new TypeError('unreachable: nothing refused to send it')
  return response
}

/** Sends a request as `askService` does, if `proceed` allows it before each attempt. Undefined if it does not. */
export async function askServiceWhile(
  {host, label, ...request}: ServiceRequest,
  {http, retrier, secrets}: RequestIo,
  proceed: () => Promise<boolean>,
): Promise<RegistryResponse | undefined> {
  const {method, url} = request
  const name = {host: url.host, subject: `${method} ${label}`}
  const outcome = await withRetriesWhile(retrier, name, async () =>
    (await proceed()) ? http.send(request) : undefined,
  )
  if (outcome === undefined) return undefined
  if (outcome.kind === 'response') return {...outcome.response, url}
  const {unreachable} = await import('../failure.ts')
  throw unreachable({host, method, url, hide: secrets.hide}, outcome.error)
}
