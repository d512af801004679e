import type {HttpRequest, HttpResponse, HttpTls} from '../io/http.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {errorCode} from '../errors/node-error.ts'
import {apiHost, isLoopbackHost} from './hosts.ts'
import {isTransientStatus, withRetries, type Retrier} from './retry.ts'

/** Endpoint of a registry. */
export interface Endpoint {
  readonly origin: URL
  readonly tls: HttpTls | undefined
  /** `WWW-Authenticate` header of the response to `/v2/`. */
  readonly challenge: string | undefined
}

/** Registry to ping, and the side effects for it. */
interface PingRequest {
  readonly host: string
  readonly tls: (host: string) => Promise<HttpTls | undefined>
  /** The user allows insecure connections. */
  readonly isInsecure: boolean
  readonly send: (request: HttpRequest) => Promise<HttpResponse>
  readonly retrier: Retrier
  readonly hide: Hide
}

/**
 * Finds the endpoint of a registry by a request for `/v2/`. It uses HTTPS, except on this machine and for insecure
 * hosts, for which Docker also accepts plain HTTP and any certificate. On this machine it attempts plain HTTP first,
 * elsewhere HTTPS. The request has no credentials.
 * @throws TagboatError `registry-unreachable`, `registry-failed` or `rate-limited`.
 */
export async function ping(place: PingRequest): Promise<Endpoint> {
  const {retrier, host, hide} = place
  const server = apiHost(host)
  // Before the first attempt, since retries cannot fix an invalid certificate file.
  const tls = await place.tls(server)
  const outcome = await withRetries(retrier, {host, subject: 'GET /v2/'}, async () => probe(server, tls, place))
  const request = {host, method: 'GET', url: new URL(`https://${server}/v2/`), hide}
  if (outcome.kind === 'failed') {
    const {unreachable} = await import('./failure.ts')
    throw unreachable(request, outcome.error)
  }
  const {response} = outcome
  // Any other response means that the endpoint exists. Later requests show whether it is a registry.
  if (!isTransientStatus(response.status)) return response.api
  const {failure} = await import('./failure.ts')
  throw failure({...request, access: 'pull', repository: host, authenticated: false}, response)
}

interface ProbeResult {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly body: Buffer
  readonly api: Endpoint
}

async function probe(server: string, tls: HttpTls | undefined, place: PingRequest): Promise<ProbeResult> {
  if (isLoopbackHost(server)) return probePlainFirst(server, tls, place)
  return place.isInsecure ? probeSecureFirst(server, tls, place) : probeScheme('https:', server, tls, place)
}

/** Attempts plain HTTP, then HTTPS. TLS servers respond to plain HTTP with 400 (Go, nginx), or close the connection. */
async function probePlainFirst(server: string, tls: HttpTls | undefined, place: PingRequest): Promise<ProbeResult> {
  const plain = await attempt(async () => probeScheme('http:', server, undefined, place))
  const speaksTls =
    'error' in plain ? /^(?:ECONNRESET|EPIPE|HPE_)/.test(errorCode(plain.error) ?? '') : plain.found.status === 400
  if (!speaksTls) return unwrap(plain)
  const secure = await attempt(async () => probeScheme('https:', server, tls, place))
  return unwrap('error' in secure && !isCertificateError(secure.error) ? plain : secure)
}

async function probeSecureFirst(server: string, tls: HttpTls | undefined, place: PingRequest): Promise<ProbeResult> {
  const secure = await attempt(async () => probeScheme('https:', server, tls, place))
  if (!('error' in secure) || isCertificateError(secure.error)) return unwrap(secure)
  const plain = await attempt(async () => probeScheme('http:', server, undefined, place))
  return unwrap('error' in plain ? secure : plain)
}

/**
 * Reports whether the server supports TLS, but its certificate is not trusted. Falling back to plain HTTP would hide
 * that.
 */
function isCertificateError(error: unknown): boolean {
  return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|ERR_TLS_CERT)/.test(errorCode(error) ?? '')
}

type AttemptResult = {readonly found: ProbeResult} | {readonly error: unknown}

async function attempt(work: () => Promise<ProbeResult>): Promise<AttemptResult> {
  try {
    return {found: await work()}
  } catch (error) {
    return {error}
  }
}

function unwrap(attempted: AttemptResult): ProbeResult {
  if ('found' in attempted) return attempted.found
  throw attempted.error
}

async function probeScheme(
  scheme: 'http:' | 'https:',
  server: string,
  tls: HttpTls | undefined,
  {send}: PingRequest,
): Promise<ProbeResult> {
  const origin = new URL(`${scheme}//${server}`)
  const {status, headers, body} = await send({method: 'GET', url: new URL('/v2/', origin), headers: {}, tls})
  return {status, headers, body, api: {origin, tls, challenge: headers['www-authenticate']}}
}
