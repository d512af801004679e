import type {Http, HttpRequest, HttpStream} from '../../src/io/http.ts'
import {answer as answerOf} from './answers.ts'
import {respond, type RegistryCore} from './router.ts'
import {schemeOf} from './token-service.ts'
import type {Answer, Fault, RecordedRequest} from './types.ts'

/** Requests that a registry has received. */
export interface Traffic {
  readonly requests: RecordedRequest[]
  running: number
  maxConcurrent: number
}

export interface Client {
  /** Name in `requests` and `moves`. */
  readonly name: string
  readonly signal?: AbortSignal
}

/** HTTP client of the registries that `find` returns. */
export function httpOver(find: (host: string) => Endpoint | undefined, client: Client): Http {
  const open = async (request: HttpRequest): Promise<HttpStream> => {
    const endpoint = find(request.url.host)
    if (endpoint === undefined) throw networkError('ENOTFOUND', `getaddrinfo ENOTFOUND ${request.url.hostname}`)
    return exchange(endpoint, request, client)
  }
  return {
    open,
    async send(request) {
      const {status, headers, body} = await open(request)
      const bytes = await collect(body)
      const {maxBytes = maxAnswerBytes} = request
      if (bytes.length > maxBytes) throw networkError('EMSGSIZE', `a response of more than ${maxBytes} bytes`)
      return {status, headers, body: bytes}
    },
    [Symbol.dispose]: () => undefined,
  }
}

/** Maximum size of an answer, as in `io/http.ts`. */
const maxAnswerBytes = 4 * 1024 * 1024

/** Registry and its traffic. */
export interface Endpoint {
  readonly core: RegistryCore
  readonly traffic: Traffic
}

export async function exchange({core, traffic}: Endpoint, request: HttpRequest, client: Client): Promise<HttpStream> {
  client.signal?.throwIfAborted()
  const record = recordOf(request, client, traffic.requests.length + 1)
  traffic.requests.push(record)
  const fault = core.options.fault?.(record, countOf(record, traffic))
  traffic.running += 1
  traffic.maxConcurrent = Math.max(traffic.maxConcurrent, traffic.running)
  try {
    const label = `${client.name} ${request.method} ${request.url.pathname}`
    await core.options.schedule?.(label)
    client.signal?.throwIfAborted()
    const before = fault !== undefined && isBefore(fault) ? await replaceAnswer(fault, client) : undefined
    const answer = before ?? (await effect(core, request, client))
    await core.options.schedule?.(`answer to ${label}`)
    const after = fault !== undefined && isAfter(fault) ? await replaceAnswer(fault, client) : undefined
    const final = damage(after ?? answer, fault)
    Object.assign(record, {status: final.status})
    return {status: final.status, headers: final.headers, body: stream(final.body, request, fault)}
  } finally {
    traffic.running -= 1
  }
}

function recordOf({method, url, headers}: HttpRequest, {name: client}: Client, number: number): RecordedRequest {
  const {host, pathname: path, searchParams: query} = url
  return {
    number,
    client,
    method,
    host,
    path,
    query: new URLSearchParams(query),
    headers: {...headers},
    status: undefined,
  }
}

function countOf({method, host, path}: RecordedRequest, {requests}: Traffic): number {
  return requests.filter((one) => one.method === method && one.host === host && one.path === path).length
}

function isBefore(fault: Fault): boolean {
  return 'when' in fault ? fault.when !== 'after' : ['answer', 'reset', 'hang', 'timeout'].includes(fault.kind)
}

function isAfter(fault: Fault): boolean {
  return 'when' in fault && fault.when === 'after'
}

/** Answer that replaces that of the registry, or undefined. */
async function replaceAnswer(fault: Fault, {signal}: Client): Promise<Answer | undefined> {
  switch (fault.kind) {
    case 'answer':
      return answerOf(fault.status, fault.headers, fault.body)
    case 'reset':
      throw networkError('ECONNRESET', 'socket hang up')
    case 'timeout':
      throw networkError('ETIMEDOUT', 'no answer in 15 s')
    case 'hang':
      return new Promise((_, reject) => {
        const end = (): void => {
          reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
        }
        if (signal?.aborted === true) end()
        else signal?.addEventListener('abort', end, {once: true})
      })
    default:
      return undefined
  }
}

async function effect(core: RegistryCore, request: HttpRequest, client: Client): Promise<Answer> {
  const {method, url, headers} = request
  if (url.protocol !== `${schemeOf(url.host)}:`) return wrongProtocol(url)
  const body = request.body === undefined ? Buffer.alloc(0) : await collect(chunksOf(request.body))
  const length = headers['content-length']
  if (length !== undefined && Number(length) !== body.length) {
    throw networkError('ERR_HTTP_CONTENT_LENGTH_MISMATCH', `a body of ${body.length} bytes, content-length ${length}`)
  }
  client.signal?.throwIfAborted()
  const {origin, pathname: path, searchParams: query} = url
  return respond(core, {client: client.name, method, origin, path: decodeURIComponent(path), query, headers, body})
}

/** Answer of Go's server, or error of Node's client. */
function wrongProtocol({protocol}: URL): Answer {
  if (protocol === 'https:') throw networkError('EPROTO', 'write EPROTO: wrong version number')
  return answerOf(400, {}, 'Client sent an HTTP request to an HTTPS server.\n')
}

async function* chunksOf(body: Uint8Array | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body
  else yield* body
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function damage(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.kind === 'cut-body') {
    // With content-length, the client would detect the missing bytes.
    const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'content-length'))
    return {...answer, headers, body: answer.body.subarray(0, fault.bytes)}
  }
  if (fault?.kind === 'corrupt-body') {
    const body = Buffer.from(answer.body)
    const middle = Math.floor(body.length / 2)
    body[middle] = (body[middle] ?? 0) ^ 1
    return {...answer, body}
  }
  return answer
}

const chunkBytes = 16 * 1024

async function* stream(body: Buffer, {method}: HttpRequest, fault: Fault | undefined): AsyncGenerator<Uint8Array> {
  const end = fault?.kind === 'broken-body' ? Math.min(fault.bytes, body.length) : body.length
  for (let start = 0; start < end; start += chunkBytes) {
    // Each chunk comes in a separate turn of the event loop, as from a socket.
    await Promise.resolve()
    yield body.subarray(start, Math.min(start + chunkBytes, end))
  }
  if (fault?.kind === 'broken-body' && method !== 'HEAD') throw networkError('ECONNRESET', 'aborted')
}

function networkError(code: string, message: string): Error {
  return Object.assign(new Error(message), {code})
}
