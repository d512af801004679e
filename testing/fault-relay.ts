import {Agent, request as httpRequest, STATUS_CODES, type IncomingMessage, type ServerResponse} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import {loopback} from './loopback.ts'
import {tokenPath} from './memory-registry/token-desk.ts'
import {registryError, type RelayAnswer, type RelayedRequest} from './relay.ts'
import type {Registry} from './registry.ts'
import type {TokenServer} from './token-server.ts'

/** What becomes of a request. All but the refusals reach the registry, or break off before. */
export type FaultKind =
  | {readonly kind: 'answer'; readonly answer: RelayAnswer}
  /** The line is reset before the registry has seen the request. */
  | {readonly kind: 'reset-before'}
  /** The registry does what it was asked, and the line is reset within its answer. */
  | {readonly kind: 'reset-during'}
  /** The same, but the line ends in order, only too early. */
  | {readonly kind: 'cut'}
  /** Nothing is answered, ever. */
  | {readonly kind: 'hang'}
  /** The request shows a token that has expired; a request for a token is given such a one. */
  | {readonly kind: 'expired'}

/** The names under which the faults are known, and what they are. */
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

/** Seconds of the `Retry-After` above, in milliseconds. */
export const retryAfterMs = 7_000

export interface FaultPlan {
  readonly fault: FaultName
  /** Whether the request is of the class that fails. `earlier` are those that came before it. */
  readonly meets: (request: RelayedRequest, earlier: readonly RelayedRequest[]) => boolean
  /** How many of them fail, from the first on. */
  readonly times: number
  /** Answers that belong to the scene, and not to the fault. */
  readonly answer?: (request: RelayedRequest) => RelayAnswer | undefined
}

export interface FaultRelay extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  readonly requests: readonly RelayedRequest[]
  /** How many requests met with the fault. */
  readonly hits: () => number
}

export interface Targets {
  readonly registry: Registry
  readonly tokens: TokenServer
}

interface Behind extends Targets {
  readonly agent: Agent
}

/** A door of its own for one run, to a registry and to its token server, at which one class of requests fails. */
export async function startFaultRelay(targets: Targets, plan: FaultPlan): Promise<FaultRelay> {
  const requests: RelayedRequest[] = []
  const behind = {...targets, agent: new Agent({keepAlive: true})}
  let hits = 0
  const door = await loopback((incoming, response) => {
    const request = {method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers}
    const isMet = hits < plan.times && plan.meets(request, requests)
    requests.push(request)
    if (isMet) hits += 1
    const own = plan.answer?.(request)
    const fault: FaultKind | undefined = isMet ? faults[plan.fault] : own && {kind: 'answer', answer: own}
    handle({incoming, response, behind}, fault).catch(() => response.destroy())
  })
  const close = async (): Promise<void> => {
    behind.agent.destroy()
    await door[Symbol.asyncDispose]()
  }
  return {host: door.host, requests, hits: () => hits, [Symbol.asyncDispose]: close}
}

function answered(status: number, code: string, headers: Readonly<Record<string, string>> = {}): FaultKind {
  const answer = registryError(status, code, 'a fault of this test')
  return {kind: 'answer', answer: {...answer, headers: {...answer.headers, ...headers}}}
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly behind: Behind
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
      // What was written is to arrive before the reset, which overtakes it.
      await sleep(20)
      incoming.socket.resetAndDestroy()
  }
}

interface Forwarded {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

/** The whole answer; the challenge of the registry names the token server at this door. */
async function forwarded(
  {incoming, behind: {registry, tokens, agent}}: Exchange,
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

/** They say how one line carries an answer, not what it is. */
const hopByHop: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding'])
const longAgoSeconds = -120

async function expired(exchange: Exchange): Promise<Forwarded> {
  const {
    incoming,
    behind: {tokens},
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

/** An answer up to the middle of its body; of one without a body, up to the middle of its head. */
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
