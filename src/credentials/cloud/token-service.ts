import type {SecretKeeper} from '../../errors/known-secrets.ts'
import {errorMessage, TagboatError} from '../../errors/error.ts'
import {errorCode} from '../../errors/node-error.ts'
import type {ErrorCode} from '../../errors/causes.ts'
import type {Http, HttpRequest, HttpResponse} from '../../io/http.ts'
import {parseErrorBody, type RegistryErrorEntry} from '../../registry/error-body.ts'
import {isTransientStatus, withRetries, type Retrier} from '../../registry/retry.ts'

/** Side effects of requests to token services. */
export interface TokenServiceIo {
  readonly http: Http
  readonly retrier: Retrier
  /** Keeper of the secrets of the run, which masks each secret that it keeps. */
  readonly secrets: SecretKeeper
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads a text file of an earlier step; undefined if it does not exist. */
  readonly readFile: (path: string) => Promise<string | undefined>
}

/** Request to a token service. */
interface TokenServiceRequest extends Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'> {
  /** Name of the request in the log: `AssumeRoleWithWebIdentity`. */
  readonly name: string
  /** Whether a response with this text is temporary, in addition to statuses such as 503. */
  readonly isTransient?: (status: number, text: string) => boolean
  /** Code of the error for a request without a response. */
  readonly unreachable: ErrorCode
}

/** Limit of a request, in ms. */
const timeoutMs = 10_000

/**
 * Sends a request to a token service, with retries. Returns the last response, of any status.
 * @throws TagboatError with the code `unreachable` of the request, if the service does not respond.
 */
export async function askTokenService(
  {name, isTransient, unreachable, ...request}: TokenServiceRequest,
  {http, retrier, secrets}: TokenServiceIo,
): Promise<HttpResponse> {
  const {host} = request.url
  const outcome = await withRetries(
    retrier,
    {host, subject: name},
    async () => http.send({...request, timeoutMs}),
    ({status, body}) => isTransientStatus(status) || isTransient?.(status, body.toString('latin1')) === true,
  )
  if (outcome.kind === 'response') return outcome.response
  const reason = errorMessage(outcome.error)
  const {connectionDetails, unknownRegionRemedy} = await import('../../errors/connection-trouble.ts')
  const details = connectionDetails(`${errorCode(outcome.error) ?? ''} ${reason}`, host)
  throw new TagboatError(unreachable, {
    message: details?.message ?? `${host} did not respond.`,
    evidence: [secrets.hide(`${request.method} ${request.url.origin}${request.url.pathname}: ${reason}`)],
    remedy: details && unknownRegionRemedy(details, host),
    cause: outcome.error,
  })
}

/** Code of the error for a response without a token. A service that is unavailable or too busy has refused nothing. */
export function refusalCode<C extends ErrorCode>({status}: HttpResponse, refusal: C): C | 'registry-failed' {
  return status >= 500 || isTransientStatus(status) ? 'registry-failed' : refusal
}

/** Line of evidence for a response: the request and the status. */
export function statusLine({method, url}: Pick<HttpRequest, 'method' | 'url'>, {status}: HttpResponse): string {
  return `${method} ${url.origin}${url.pathname}: ${status}`
}

/** Errors in the body of a response, in the formats that registries use, too. */
export function errorsIn(
  {body}: HttpResponse,
  {secrets}: Pick<TokenServiceIo, 'secrets'>,
): readonly RegistryErrorEntry[] {
  return parseErrorBody(body, secrets.hide)
}

/** Lines of evidence for the errors in the body of a response. */
export function errorLines(response: HttpResponse, io: Pick<TokenServiceIo, 'secrets'>): readonly string[] {
  return errorsIn(response, io).map(({written, message}) => [written, message].filter((part) => part !== '').join(': '))
}

/** Time in some seconds from now. */
export function later({retrier}: Pick<TokenServiceIo, 'retrier'>, seconds: number): Date {
  return new Date(retrier.timer.now().getTime() + seconds * 1000)
}
