import {Agent, request as httpRequest, STATUS_CODES, type IncomingMessage, type ServerResponse} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {loopback} from './loopback.ts'
import {tokenPath} from './memory-registry/token-service.ts'
import {registryError, type RelayAnswer, type RelayedRequest} from './relay.ts'
import type {Registry} from './registry.ts'
import type {TokenServer} from './token-server.ts'

/** Fault of a request. */
export type FaultKind =
  | {readonly kind: 'answer'; readonly answer: RelayAnswer}
  /** The connection is reset before the registry has received the request. */
  | {readonly kind: 'reset-before'}
  /** The request has its effect, and the connection is reset during the answer. */
  | {readonly kind: 'reset-during'}
  /** The request has its effect, and the connection is closed during the answer. */
  | {readonly kind: 'cut'}
  /** The request is never answered. */
  | {readonly kind: 'hang'}
  /** The request is forwarded with an expired token. A request for a token is answered with an expired token. */
  | {readonly kind: 'expired'}

/** Faults by name. */
export const faults = {
  '429 with Retry-After': answered(429, 'TOOMANYREQUESTS', {'retry-after': '7'}),
  '429': answered(429, 'TOOMANYREQUESTS'),
  '500': answered(500, 'UNKNOWN'),
  '502': {kind: 'answer', answer: {status: 502, body: '<html>Bad Gateway</html>'}},
  '503': answered(503, 'UNAVAILABLE'),
  '504': {kind: 'answer', answer: {status: 504, body: '<html>Gateway Timeout</html>'}},
  'reset before the answer': {kind: 'reset-before'},
  'reset during the answer': {kind: 'reset-during'},
  hang: {kind: 'hang'},
  'cut body': {kind: 'cut'},
  'expired token': {kind: 'expired'},
} as const satisfies Readonly<Record<string, FaultKind>>

export type FaultName = keyof typeof faults

/** Value of `Retry-After` above, in milliseconds. */
export const retryAfterMs = 7_000

export interface FaultPlan {
  readonly fault: FaultName
  /** Whether the request belongs to the class that fails. `earlier` lists the earlier requests. */
  readonly matches: (request: RelayedRequest, earlier: readonly RelayedRequest[]) => boolean
  /** Number of requests of the class that fail, counted from the first. */
  readonly times: number
  /** Answers that belong to the scenario instead of the fault. */
  readonly answer?: (request: RelayedRequest) => RelayAnswer | undefined
}

export interface FaultRelay extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly requests: readonly RelayedRequest[]
  /** Number of requests that failed. */
  readonly hits: () => number
}

export interface Targets {
  readonly registry: Registry
  readonly tokens: TokenServer
}

interface Upstream extends Targets {
  readonly agent: Agent
}

/** Starts a relay to a registry and to its token server in which one class of requests fails. */
export async function startFaultRelay(targets: Targets, plan: FaultPlan): Promise<FaultRelay> {
  const requests: RelayedRequest[] = []
  const upstream = {...targets, agent: new Agent({keepAlive: true})}
  let hits = 0
  const server = await loopback((incoming, response) => {
    const request = {method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers}
    const isHit = hits < plan.times && plan.matches(request, requests)
    requests.push(request)
    if (isHit) hits += 1
    const answer = plan.answer?.(request)
    const fault: FaultKind | undefined = isHit ? faults[plan.fault] : answer && {kind: 'answer', answer}
    handle({incoming, response, upstream}, fault).catch(() => response.destroy())
  })
  const close = async (): Promise<void> => {
    upstream.agent.destroy()
    await server[Symbol.asyncDispose]()
  }
  return {host: server.host, requests, hits: () => hits, [Symbol.asyncDispose]: close}
}

function answered(status: number, code: string, headers: Readonly<Record<string, string>> = {}): FaultKind {
  const answer = registryError(status, code, 'a fault of this test')
  return {kind: 'answer', answer: {...answer, headers: {...answer.headers, ...headers}}}
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly upstream: Upstream
}

async function handle(exchange: Exchange, fault: FaultKind | undefined): Promise<void> {
  const {incoming, response} = exchange
  switch (fault?.kind) {
    case undefined:
      send(response, await forwarded(exchange))
      return
    case 'answer': {
      incoming.resume()
      const {status, headers, body = ''} = fault.answer
      send(response, {status, headers: {...headers}, body: Buffer.from(body)})
      return
    }
    case 'reset-before':
      incoming.socket.resetAndDestroy()
      return
    case 'hang':
      incoming.resume()
      return
    case 'expired':
      send(response, await expired(exchange))
      return
    case 'cut':
      incoming.socket.end(half(await forwarded(exchange), incoming.method))
      return
    case 'reset-during':
      incoming.socket.write(half(await forwarded(exchange), incoming.method))
      // Bytes that were sent just before a reset may be lost.
      await sleep(20)
      incoming.socket.resetAndDestroy()
  }
}

interface Forwarded {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** Forwards a request, and returns the answer. Its challenge names the token server of this relay. */
async function forwarded(
  {incoming, upstream: {registry, tokens, agent}}: Exchange,
  authorization?: string,
): Promise<Forwarded> {
  const {method, url: path = '', headers} = incoming
  const host = headers.host ?? ''
  const target = path.startsWith(tokenPath) ? tokens.host : registry.host
  const sent = {...headers, ...(authorization === undefined ? {} : {authorization})}
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`http://${target}`, {method, path, headers: sent, agent}, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        const headers = Object.entries(answer.headers).filter(([name]) => !hopByHop.has(name))
        const challenge = answer.headers['www-authenticate']?.replace(tokens.host, host)
        resolve({
          status: answer.statusCode ?? 502,
          headers: {...Object.fromEntries(headers), ...(challenge && {'www-authenticate': challenge})},
          body: Buffer.concat(chunks),
        })
      })
    })
    outgoing.once('error', reject)
    incoming.pipe(outgoing)
  })
}

/** Headers that belong to one connection, and not to the answer. */
const hopByHop: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])
const longAgoSeconds = -120

async function expired(exchange: Exchange): Promise<Forwarded> {
  const {
    incoming,
    upstream: {tokens},
  } = exchange
  const {pathname, searchParams} = new URL(incoming.url ?? '/', 'http://localhost')
  if (pathname !== tokenPath) {
    return forwarded(exchange, `Bearer ${tokens.token([], longAgoSeconds)}`)
  }
  const access = searchParams.getAll('scope').flatMap((scope) => {
    const [, repository, actions] = /^repository:(.+):([^:]+)$/.exec(scope) ?? []
    return repository === undefined || actions === undefined ? [] : [{repository, actions: actionsIn(actions)}]
  })
  const token = tokens.token(access, longAgoSeconds)
  return {status: 200, headers: {}, body: Buffer.from(JSON.stringify({token, expires_in: 300}))}
}

function actionsIn(text: string): ('pull' | 'push' | 'delete')[] {
  return (['pull', 'push', 'delete'] as const).filter((action) => text.split(',').includes(action))
}

function send(response: ServerResponse, {status, headers, body}: Forwarded): void {
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value)
  response.writeHead(status)
  response.end(body)
}

/** First half of an answer: up to the middle of its body or, without a body, of its head. */
function half({status, headers, body}: Forwarded, method: string | undefined): Buffer {
  const hasBody = method !== 'HEAD' && body.length > 0
  const lines = Object.entries(headers)
    .filter(([name]) => !hasBody || name !== 'content-length')
    .map(([name, value]) => `${name}: ${String(value)}`)
  const first = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`
  if (!hasBody) {
    const head = [first, ...lines].join('\r\n')
    return Buffer.from(head.slice(0, Math.ceil(head.length / 2)))
  }
  const head = [first, ...lines, `content-length: ${body.length}`, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), body.subarray(0, Math.floor(body.length / 2))])
}
