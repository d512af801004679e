import type {TokenServiceIo} from '../credentials/cloud/token-service.ts'
import {signingError} from '../errors/signing-error.ts'
import {errorMessage, TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import type {HttpRequest, HttpResponse} from '../io/http.ts'
import {field, parseJson} from '../oci/manifest.ts'
import {isTransientStatus, withRetries, type Outcome} from '../registry/retry.ts'

export type SigstoreIo = TokenServiceIo

/** Request to a service of Sigstore. */
interface ServiceRequest {
  /** Name of the request in the log: `certificate`. */
  readonly name: string
  /** Address of the service, for messages. */
  readonly url: URL
  /** Statuses of a response to use. Others are errors. */
  readonly accepts: readonly number[]
}

/** Limit of a response: a certificate, an entry of a log or a timestamp has a few kilobytes. */
const maxBytes = 1024 * 1024
/** Idle timeout of a request, in ms. The public log is often slow. */
const timeoutMs = 20_000

/**
 * Sends a request to a service, with retries. `send` is called for each attempt.
 * @throws TagboatError `sign-unavailable` if the service does not respond, or `sign-refused` if it refuses.
 */
export async function askService(
  {name, url, accepts}: ServiceRequest,
  send: () => Promise<HttpResponse>,
  io: SigstoreIo,
): Promise<HttpResponse> {
  const outcome = await withRetries(io.retrier, {host: url.host, subject: name}, send)
  if (outcome.kind === 'response' && accepts.includes(outcome.response.status)) return outcome.response
  throw await failure(outcome, {name, url, accepts}, io)
}

/** Sends one request, with the limits of the services. */
export async function sendOnce(
  request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>,
  {http}: SigstoreIo,
): Promise<HttpResponse> {
  return http.send({...request, timeoutMs, maxBytes})
}

async function failure(
  outcome: Outcome<HttpResponse>,
  {url}: ServiceRequest,
  {secrets}: SigstoreIo,
): Promise<TagboatError> {
  const address = `${url.origin}${url.pathname}`
  if (outcome.kind === 'failed') {
    const reason = errorMessage(outcome.error)
    const {connectionDetails} = await import('../errors/connection-trouble.ts')
    const details = connectionDetails(`${errorCode(outcome.error) ?? ''} ${reason}`, url.host)
    return signingError('sign-unavailable', {
      message: details?.message ?? `${url.host} did not respond.`,
      evidence: [secrets.hide(`${address}: ${reason}`)],
      cause: outcome.error,
    })
  }
  const {status, body} = outcome.response
  const text = messageIn(body)
  const line = `${address}: ${status}${text === '' ? '' : ` ${text}`}`
  const code = isTransientStatus(status) ? 'sign-unavailable' : 'sign-refused'
  return new TagboatError(code, {
    message: code === 'sign-refused' ? `${url.host} refused a request.` : `${url.host} is unavailable.`,
    evidence: [secrets.hide(line)],
  })
}

const longestMessage = 300

/** Message of a response, in one line: that of its JSON, or its text. */
function messageIn(body: Buffer): string {
  const message = field(parseJson(body), 'message')
  const text = typeof message === 'string' ? message : body.subarray(0, 4 * longestMessage).toString()
  return withoutControls(text).slice(0, longestMessage)
}

function withoutControls(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, ' ')
    .split(' ')
    .filter((word) => word !== '')
    .join(' ')
}

/** Error for an answer that is not what the protocol demands. */
export function invalidAnswer({host}: URL, reason: string): TagboatError {
  return signingError('sign-unavailable', {
    message: `${host} sent an invalid answer.`,
    evidence: [`${host}: ${reason}`],
  })
}
