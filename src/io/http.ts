import {Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {createSecureContext, getCACertificates} from 'node:tls'
import {errorCode} from '../errors/node-error.ts'
import {pace, type Pace} from './pace.ts'
import {proxyRules} from './proxy.ts'

/** What TLS to one host needs besides the ordinary. PEM texts. Connections are shared by requests with the same object. */
export interface HttpTls {
  /** Trusted besides the authorities that Node trusts. */
  readonly ca?: readonly string[]
  readonly cert?: string
  readonly key?: string
  /** Any certificate will do: for hosts that the user calls insecure. */
  readonly unverified?: true
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE'
  readonly url: URL
  /** Lower-cased names. The length of a streamed body stands in `content-length`. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  readonly tls?: HttpTls | undefined
  /**
   * How long the line may be silent; 15 s when it is not given. The whole exchange may take four times as long, and longer by what
   * it moves: a server that sends a byte now and then is never silent.
   */
  readonly timeoutMs?: number
  /** The longest body that `send` takes; 4 MiB when it is not given. */
  readonly maxBytes?: number | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
}

/** An answer whose body is read while it comes. Who does not read it to its end has to break out of the loop over it. */
export interface HttpStream {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: AsyncIterable<Uint8Array>
}

/** One request, one answer, whatever its status; redirects are not followed. @throws Error when no answer came. */
export interface Http extends Disposable {
  /** The whole answer; one of more than `maxBytes` is an error, EMSGSIZE. */
  send(request: HttpRequest): Promise<HttpResponse>
  /** For content of any size. */
  open(request: HttpRequest): Promise<HttpStream>
}

const defaultTimeoutMs = 15_000
/** OCI distribution spec: a registry should take manifests of at least 4 MiB, and many take no more. */
const defaultMaxBytes = 4 * 1024 * 1024

interface Agents extends Disposable {
  of(request: HttpRequest): {readonly agent: HttpAgent; readonly request: typeof httpRequest}
  /** From now on the system's authorities count for this host too. False: they did already, or would change nothing. */
  trustSystem(request: HttpRequest, error: unknown): boolean
}

/**
 * Connections are kept and used again until the client is disposed of. The usual variables (HTTPS_PROXY and so on) say
 * which proxy to use, as they do for Docker's tools. Certificates are judged by Node's own authorities and
 * NODE_EXTRA_CA_CERTS, and by those of the system, which Docker trusts, when a host is not known to the former.
 */
export function httpClient(signal: AbortSignal, variables: Readonly<Record<string, string | undefined>>): Http {
  const agents = keptAgents(variables)
  const open = async (request: HttpRequest): Promise<HttpStream> => {
    try {
      return await openStream(request, agents, signal)
    } catch (error) {
      if (!agents.trustSystem(request, error)) throw error
      return openStream(request, agents, signal)
    }
  }
  return {
    send: async (request) => {
      const {status, headers, body} = await open(request)
      return {status, headers, body: await readAll(body, request.maxBytes ?? defaultMaxBytes)}
    },
    open,
    [Symbol.dispose]() {
      agents[Symbol.dispose]()
    },
  }
}

function keptAgents(variables: Readonly<Record<string, string | undefined>>): Agents {
  const rules = proxyRules(variables)
  const [proxied, direct] = [agentsWith(rules.variables), agentsWith({})]
  const ofSystem = new Set<string>()
  let system: HttpTls | undefined
  const systemTrust = (): HttpTls => (system ??= {ca: getCACertificates('system')})
  return {
    of({url, tls}) {
      const {plain, secure} = rules.isExempt(url) ? direct : proxied
      if (url.protocol !== 'https:') return {agent: plain, request: httpRequest}
      return {agent: secure(tls ?? (ofSystem.has(url.host) ? systemTrust() : undefined)), request: httpsRequest}
    },
    trustSystem({url, tls, body}, error) {
      const isRepeatable = body === undefined || body instanceof Uint8Array
      if (tls !== undefined || !isRepeatable || ofSystem.has(url.host) || !isUnknownAuthority(error)) return false
      ofSystem.add(url.host)
      return true
    },
    [Symbol.dispose]() {
      proxied[Symbol.dispose]()
      direct[Symbol.dispose]()
    },
  }
}

interface AgentsOfProxy extends Disposable {
  readonly plain: HttpAgent
  readonly secure: (tls: HttpTls | undefined) => HttpsAgent
}

/** Agents that use these proxies, one for each object that says what TLS needs. */
function agentsWith(proxyEnv: Readonly<Record<string, string>>): AgentsOfProxy {
  const options = {keepAlive: true, proxyEnv: {...proxyEnv}}
  const plain = new HttpAgent(options)
  const special = new Map<HttpTls | undefined, HttpsAgent>()
  return {
    plain,
    secure: (tls) => {
      const agent = special.get(tls) ?? new HttpsAgent({...options, ...(tls === undefined ? {} : tlsOptions(tls))})
      special.set(tls, agent)
      return agent
    },
    [Symbol.dispose]() {
      for (const agent of [plain, ...special.values()]) agent.destroy()
    },
  }
}

/** OpenSSL found no way from the certificate to an authority that it trusts. */
function isUnknownAuthority(error: unknown): boolean {
  return /^(?:UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT)/.test(errorCode(error) ?? '')
}

/**
 * Node takes `ca` instead of its own authorities; Docker adds a host's own ones to the usual. They are read once: a context
 * of some hundred authorities takes a tenth of a second to make.
 */
function tlsOptions({ca = [], cert, key, unverified}: HttpTls): object {
  const secureContext = createSecureContext({
    ...(ca.length === 0 ? {} : {ca: [...getCACertificates('default'), ...ca]}),
    ...(cert === undefined ? {} : {cert}),
    ...(key === undefined ? {} : {key}),
  })
  return {secureContext, ...(unverified === true ? {rejectUnauthorized: false} : {})}
}

async function openStream(request: HttpRequest, agents: Agents, signal: AbortSignal): Promise<HttpStream> {
  const {method, url, timeoutMs = defaultTimeoutMs} = request
  const headers = {'user-agent': 'tagboat', ...lengthOf(request.body), ...request.headers}
  const {agent, request: start} = agents.of(request)
  const sent = start(url, {method, headers, timeout: timeoutMs, signal, agent})
  const exchange = pace(url.host, timeoutMs)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // Not by events of the line: an answer that dribbles in, and 1xx without end, are no silence.
    exchange.watch((error) => sent.destroy(error))
    sent.once('timeout', () => sent.destroy(silence(url, timeoutMs)))
    // An answer may come before the body is sent: what breaks of the request afterwards changes nothing.
    sent.once('response', resolve)
    sent.on('error', reject)
    // Of an answer that changes the protocol (101), Node tells nothing but the end of the line.
    sent.once('close', () => {
      reject(Object.assign(new Error('the line was closed without an answer'), {code: 'ECONNRESET'}))
    })
    writeBody(sent, request.body, exchange).catch(reject)
  }).finally(() => {
    exchange.pause()
  })
  // From here on the reader's pace counts: who does not read leaves the line silent, and that is no fault of the server's.
  sent.setTimeout(0)
  const body = chunksOf(response, sent, {silent: () => silence(url, timeoutMs), timeoutMs, exchange})
  return {status: response.statusCode ?? 0, headers: singleHeaders(response), body}
}

function silence(url: URL, timeoutMs: number): Error {
  return Object.assign(new Error(`no answer from ${url.host} in ${timeoutMs / 1000} s`), {code: 'ETIMEDOUT'})
}

function lengthOf(body: HttpRequest['body']): Readonly<Record<string, string>> {
  return body instanceof Uint8Array ? {'content-length': String(body.byteLength)} : {}
}

async function writeBody(sent: ClientRequest, body: HttpRequest['body'], exchange: Pace): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    exchange.moved(body?.byteLength ?? 0)
    sent.end(body)
  } else await pipeline(Readable.from(exchange.counted(body), {objectMode: false}), sent)
}

async function* chunksOf(
  response: IncomingMessage,
  sent: ClientRequest,
  {silent, timeoutMs, exchange}: {readonly silent: () => Error; readonly timeoutMs: number; readonly exchange: Pace},
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterator<unknown> = response[Symbol.asyncIterator]()
  try {
    for (;;) {
      const timer = setTimeout(() => response.destroy(silent()), timeoutMs)
      exchange.watch((error) => response.destroy(error))
      const next = await chunks.next().finally(() => {
        clearTimeout(timer)
        exchange.pause()
      })
      if (next.done === true) return
      if (!(next.value instanceof Uint8Array)) continue
      exchange.moved(next.value.byteLength)
      yield next.value
    }
  } finally {
    // A connection is of no more use when its answer was not read to the end, or came before the request was sent.
    if (!response.readableEnded) response.destroy()
    else if (!sent.writableFinished) sent.destroy()
  }
}

async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) {
      throw Object.assign(new Error(`an answer of more than ${maxBytes} bytes`), {code: 'EMSGSIZE'})
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function singleHeaders({headers}: IncomingMessage): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}
