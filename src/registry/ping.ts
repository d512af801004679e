import type {HttpRequest, HttpResponse, HttpTls} from '../io/http.ts'
import type {Hide} from '../errors/known-secrets.ts'
import {errorCode} from '../errors/node-error.ts'
import {failure, unreachable} from './failure.ts'
import {apiHost, isLoopbackHost} from './hosts.ts'
import {isTransientStatus, retried, type Retrier} from './retry.ts'

/** Where a registry answers, and what its first answer said. */
export interface Api {
  readonly origin: URL
  readonly tls: HttpTls | undefined
  /** `WWW-Authenticate` of the answer to `/v2/`. */
  readonly challenge: string | undefined
}

export interface Place {
  readonly host: string
  readonly tls: (host: string) => Promise<HttpTls | undefined>
  /** Whether the user calls it so. */
  readonly isInsecure: boolean
  readonly send: (request: HttpRequest) => Promise<HttpResponse>
  readonly retrier: Retrier
  readonly hide: Hide
}

/**
 * Finds the API of a registry by asking for `/v2/`. HTTPS alone, but for this machine and for hosts that the user calls
 * insecure, where Docker takes plain HTTP and any certificate too. On this machine plain HTTP is the common case and is
 * tried first; elsewhere HTTPS is. Nothing secret is sent before the answer is there.
 * @throws TagboatError `registry-unreachable`, `registry-failed` or `rate-limited`.
 */
export async function registryAt(place: Place): Promise<Api> {
  const {retrier, host, hide} = place
  const server = apiHost(host)
  // Before the first try: what is wrong with a file of this machine, another try would not change.
  const tls = await place.tls(server)
  const outcome = await retried(retrier, {host, subject: 'GET /v2/'}, async () => probe(server, tls, place))
  const asked = {host, method: 'GET', url: new URL(`https://${server}/v2/`), hide}
  if (outcome.kind === 'broken') throw unreachable(asked, outcome.error)
  const {answer} = outcome
  // Whatever else it says, it is there; whether it is a registry shows when something is asked of it.
  if (!isTransientStatus(answer.status)) return answer.api
  throw failure({...asked, access: 'pull', repository: host, identified: false}, answer)
}

interface Probed {
  readonly status: number
  readonly headers: HttpResponse['headers']
  readonly body: Buffer
  readonly api: Api
}

async function probe(server: string, tls: HttpTls | undefined, place: Place): Promise<Probed> {
  if (isLoopbackHost(server)) return plainFirst(server, tls, place)
  return place.isInsecure ? secureFirst(server, tls, place) : ask('https:', server, tls, place)
}

/** Servers of TLS answer 400 to plain HTTP (Go, nginx), or break off. */
async function plainFirst(server: string, tls: HttpTls | undefined, place: Place): Promise<Probed> {
  const plain = await attempt(async () => ask('http:', server, undefined, place))
  const speaksTls =
    'error' in plain ? /^(?:ECONNRESET|EPIPE|HPE_)/.test(errorCode(plain.error) ?? '') : plain.found.status === 400
  if (!speaksTls) return given(plain)
  const secure = await attempt(async () => ask('https:', server, tls, place))
  return given('error' in secure && !isCertificateError(secure.error) ? plain : secure)
}

async function secureFirst(server: string, tls: HttpTls | undefined, place: Place): Promise<Probed> {
  const secure = await attempt(async () => ask('https:', server, tls, place))
  if (!('error' in secure) || isCertificateError(secure.error)) return given(secure)
  const plain = await attempt(async () => ask('http:', server, undefined, place))
  return given('error' in plain ? secure : plain)
}

/** TLS is spoken there, but not as the user's certificates have it: plain HTTP would hide that. */
function isCertificateError(error: unknown): boolean {
  return /^(?:CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_|ERR_TLS_CERT)/.test(errorCode(error) ?? '')
}

type Attempted = {readonly found: Probed} | {readonly error: unknown}

async function attempt(work: () => Promise<Probed>): Promise<Attempted> {
  try {
    return {found: await work()}
  } catch (error) {
    return {error}
  }
}

function given(attempted: Attempted): Probed {
  if ('found' in attempted) return attempted.found
  throw attempted.error
}

async function ask(
  scheme: 'http:' | 'https:',
  server: string,
  tls: HttpTls | undefined,
  {send}: Place,
): Promise<Probed> {
  const origin = new URL(`${scheme}//${server}`)
  const {status, headers, body} = await send({method: 'GET', url: new URL('/v2/', origin), headers: {}, tls})
  return {status, headers, body, api: {origin, tls, challenge: headers['www-authenticate']}}
}
