import type {Http, HttpRequest, HttpStream} from '../../src/io/http.ts'
import {answer as answerOf} from './answers.ts'
import {respond, type RegistryCore} from './router.ts'
import {schemeOf} from './token-desk.ts'
import type {Answer, Fault, RecordedRequest} from './types.ts'

/** What a registry writes down of its requests. */
export interface Traffic {
  readonly requests: RecordedRequest[]
  running: number
  mostAtOnce: number
}

export interface Client {
  /** As logs and history name it. */
  readonly name: string
  readonly signal?: AbortSignal
}

/** The line to the registry that `find` knows for a host. */
export function httpOver(find: (host: string) => Line | undefined, client: Client): Http {
  const open = async (request: HttpRequest): Promise<HttpStream> => {
    const line = find(request.url.host)
    if (line === undefined) throw broken('ENOTFOUND', `getaddrinfo ENOTFOUND ${request.url.hostname}`)
    return exchange(line, request, client)
  }
  return {
    open,
    async send(request) {
      const {status, headers, body} = await open(request)
      const bytes = await collect(body)
      const {maxBytes = maxAnswerBytes} = request
      if (bytes.length > maxBytes) throw broken('EMSGSIZE', `a response of more than ${maxBytes} bytes`)
      return {status, headers, body: bytes}
    },
    [Symbol.dispose]: () => undefined,
  }
}

/** As `io/http.ts` has it. */
const maxAnswerBytes = 4 * 1024 * 1024

export interface Line {
  readonly core: RegistryCore
  readonly traffic: Traffic
}

export async function exchange({core, traffic}: Line, request: HttpRequest, client: Client): Promise<HttpStream> {
  client.signal?.throwIfAborted()
  const record = recordOf(request, client, traffic.requests.length + 1)
  traffic.requests.push(record)
  const fault = core.options.fault?.(record, countOf(record, traffic))
  traffic.running += 1
  traffic.mostAtOnce = Math.max(traffic.mostAtOnce, traffic.running)
  try {
    const label = `${client.name} ${request.method} ${request.url.pathname}`
    await core.options.schedule?.(label)
    client.signal?.throwIfAborted()
    const instead = fault !== undefined && isBefore(fault) ? await inStead(fault, client) : undefined
    const answer = instead ?? (await effect(core, request, client))
    await core.options.schedule?.(`answer to ${label}`)
    const after = fault !== undefined && isAfter(fault) ? await inStead(fault, client) : undefined
    const final = bent(after ?? answer, fault)
    Object.assign(record, {status: final.status})
    return {status: final.status, headers: final.headers, body: flow(final.body, request, fault)}
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

/** What comes instead of the registry's answer; undefined where the registry answers itself. */
async function inStead(fault: Fault, {signal}: Client): Promise<Answer | undefined> {
  switch (fault.kind) {
    case 'answer':
      return answerOf(fault.status, fault.headers, fault.body)
    case 'reset':
      throw broken('ECONNRESET', 'socket hang up')
    case 'timeout':
      throw broken('ETIMEDOUT', 'no answer in 15 s')
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
    throw broken('ERR_HTTP_CONTENT_LENGTH_MISMATCH', `a body of ${body.length} bytes, content-length ${length}`)
  }
  client.signal?.throwIfAborted()
  const {origin, pathname: path, searchParams: query} = url
  return respond(core, {client: client.name, method, origin, path: decodeURIComponent(path), query, headers, body})
}

/** As Go's server and Node's client put it. */
function wrongProtocol({protocol}: URL): Answer {
  if (protocol === 'https:') throw broken('EPROTO', 'write EPROTO: wrong version number')
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

function bent(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.kind === 'cut-body') {
    // With its length, the client would know that something is missing.
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

const pieceBytes = 16 * 1024

async function* flow(body: Buffer, {method}: HttpRequest, fault: Fault | undefined): AsyncGenerator<Uint8Array> {
  const end = fault?.kind === 'broken-body' ? Math.min(fault.bytes, body.length) : body.length
  for (let start = 0; start < end; start += pieceBytes) {
    // A turn of the loop for each piece, as a socket has it.
    await Promise.resolve()
    yield body.subarray(start, Math.min(start + pieceBytes, end))
  }
  if (fault?.kind === 'broken-body' && method !== 'HEAD') throw broken('ECONNRESET', 'aborted')
}

function broken(code: string, message: string): Error {
  return Object.assign(new Error(message), {code})
}
