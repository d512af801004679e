import type {ClientRequest, IncomingMessage, RequestOptions} from 'node:http'
import {keptAgents, type Agents} from './agents.ts'
import type {Http, HttpRequest, HttpStream} from '../http.ts'
import {pace, type Pace} from './pace.ts'
import type {ProxyRules} from './proxy.ts'
import type {SpareOptions} from './spare-connections.ts'

const defaultTimeoutMs = 15_000
/** Manifest size that every registry should accept by the OCI distribution spec; many accept no larger one. */
const defaultMaxBytes = 4 * 1024 * 1024

/** Creates the client of `httpClient`. */
export async function connectingClient(signal: AbortSignal, variables: Variables): Promise<Http> {
  const agents = keptAgents(await rulesOf(variables))
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

type Variables = Readonly<Record<string, string | undefined>>

/** Proxy settings of the environment; undefined without a proxy. */
async function rulesOf(variables: Variables): Promise<ProxyRules | undefined> {
  const isSet = Object.entries(variables).some(([name, value = '']) => /^https?_proxy$/i.test(name) && value !== '')
  if (!isSet) return undefined
  const {proxyRules} = await import('./proxy.ts')
  return proxyRules(variables)
}

async function openStream(request: HttpRequest, agents: Agents, signal: AbortSignal): Promise<HttpStream> {
  const {method, url, timeoutMs = defaultTimeoutMs, deadlineFactor, spareConnections} = request
  const headers = {'user-agent': 'tagboat', ...lengthOf(request.body), ...request.headers}
  const {agent, request: start} = agents.of(request)
  const options: RequestOptions & SpareOptions = {method, headers, timeout: timeoutMs, signal, agent, spareConnections}
  const sent = start(url, options)
  const exchange = pace(url.host, timeoutMs, deadlineFactor)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // The idle timeout does not cover a response that trickles in, or endless 1xx responses.
    exchange.watch((error) => sent.destroy(error))
    sent.once('timeout', () => sent.destroy(silence(url, timeoutMs)))
    // A response can arrive before the body is sent. Later errors of the request do not matter then.
    sent.once('response', resolve)
    sent.on('error', reject)
    // For a response that switches protocols (101), Node reports only that the connection was closed.
    sent.once('close', () => {
      reject(broken('the connection was closed without a response'))
    })
    writeBody(sent, request.body, exchange).catch(reject)
  }).finally(() => {
    exchange.pause()
  })
  // From here on the connection is idle while the caller does not read, which is not a fault of the server.
  sent.setTimeout(0)
  const silent = (): Error => silence(url, timeoutMs)
  const body = chunksOf(response, sent, {silent, timeoutMs, exchange, frees: request.freesChunks === true})
  return {status: response.statusCode ?? 0, headers: singleHeaders(response), body}
}

function silence(url: URL, timeoutMs: number): Error {
  return Object.assign(new Error(`no response from ${url.host} within ${timeoutMs / 1000} s`), {code: 'ETIMEDOUT'})
}

function broken(message: string): Error {
  return Object.assign(new Error(message), {code: 'ECONNRESET'})
}

function lengthOf(body: HttpRequest['body']): Readonly<Record<string, string>> {
  return body instanceof Uint8Array ? {'content-length': String(body.byteLength)} : {}
}

async function writeBody(sent: ClientRequest, body: HttpRequest['body'], exchange: Pace): Promise<void> {
  if (body === undefined || body instanceof Uint8Array) {
    exchange.moved(body?.byteLength ?? 0)
    sent.end(body)
    return
  }
  const write = writer(sent)
  try {
    for await (const chunk of body) {
      exchange.moved(chunk.byteLength)
      if (chunk.byteLength > 0) await write(chunk)
    }
  } catch (error) {
    sent.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  }
  sent.end()
}

/** Returns a function that writes a chunk, and waits until its memory may be reused. */
function writer(sent: ClientRequest): (chunk: Uint8Array) => Promise<void> {
  let fail: (error: Error) => void = () => undefined
  // A request that is closed does not answer for the chunks that it holds.
  sent.once('close', () => {
    fail(broken('the connection was closed before the request was sent'))
  })
  return async (chunk) =>
    new Promise((resolve, reject) => {
      fail = reject
      sent.write(chunk, (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
}

interface BodyOptions {
  readonly silent: () => Error
  readonly timeoutMs: number
  readonly exchange: Pace
  /** The memory of a chunk is freed when the next one is requested. */
  readonly frees: boolean
}

async function* chunksOf(
  response: IncomingMessage,
  sent: ClientRequest,
  {silent, timeoutMs, exchange, frees}: BodyOptions,
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
      if (frees) free(next.value)
    }
  } finally {
    // A connection cannot be reused if its response was not read to the end, or arrived before the request was sent.
    if (!response.readableEnded) response.destroy()
    else if (!sent.writableFinished) sent.destroy()
  }
}

/** Frees the memory of a chunk, which the garbage collector would find much later. */
function free({buffer, byteLength}: Uint8Array): void {
  if ('transfer' in buffer && buffer.byteLength === byteLength) buffer.transfer(0)
}

async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) {
      throw Object.assign(new Error(`a response of more than ${maxBytes} bytes`), {code: 'EMSGSIZE'})
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
