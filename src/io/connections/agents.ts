import {Agent as HttpAgent, request as httpRequest} from 'node:http'
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https'
import type {Socket} from 'node:net'
import {createSecureContext, getCACertificates} from 'node:tls'
import {errorCode} from '../../errors/node-error.ts'
import type {ProxyRules} from './proxy.ts'
import {withSpares} from './spare-connections.ts'

/** TLS settings of one host, in PEM. Requests with the same object share connections. */
export interface HttpTls {
  /** Certificate authorities in addition to those of Node. */
  readonly ca?: readonly string[]
  readonly cert?: string
  readonly key?: string
  /** Disables certificate verification, for hosts that the user declares insecure. */
  readonly unverified?: true
}

/** The parts of a request that select its connection. */
interface Destination {
  readonly url: URL
  readonly tls?: HttpTls | undefined
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** Connections of a client, with the settings of their hosts. */
export interface Agents extends Disposable {
  of(request: Destination): {readonly agent: HttpAgent; readonly request: typeof httpRequest}
  /**
   * Adds the certificate authorities of the system for this host. Returns false when that would not change the result.
   */
  trustSystem(request: Destination, error: unknown): boolean
}

/** Creates agents that keep connections open, and use proxies by these rules; undefined without a proxy. */
export function keptAgents(rules: ProxyRules | undefined): Agents {
  const [proxied, direct] = [agentsWith(rules?.variables ?? {}), agentsWith({})]
  const ofSystem = new Set<string>()
  let system: HttpTls | undefined
  const systemTrust = (): HttpTls => (system ??= {ca: getCACertificates('system')})
  return {
    of({url, tls}) {
      const {plain, secure} = rules === undefined || rules.isExempt(url) ? direct : proxied
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

/** Agents that use these proxies: one per TLS settings object. */
function agentsWith(proxyEnv: Readonly<Record<string, string>>): AgentsOfProxy {
  // The tunnel of a proxy is opened by the stream of its socket, which has no data with a buffer.
  const isDirect = Object.keys(proxyEnv).length === 0
  const options = {keepAlive: true, proxyEnv: {...proxyEnv}, ...(isDirect && {onread: sharedBuffer()})}
  // A proxy is asked for each connection when it is needed.
  const ready = <A extends HttpAgent>(agent: A): A => (isDirect ? withSpares(agent) : agent)
  const plain = ready(new HttpAgent(options))
  const special = new Map<HttpTls | undefined, HttpsAgent>()
  return {
    plain,
    secure: (tls) => {
      const agent =
        special.get(tls) ?? ready(new HttpsAgent({...options, ...(tls === undefined ? {} : tlsOptions(tls))}))
      special.set(tls, agent)
      return agent
    },
    [Symbol.dispose]() {
      for (const agent of [plain, ...special.values()]) agent.destroy()
    },
  }
}

/** Bytes that are received at once. Larger pieces do not make a copy faster. */
const receivedBytes = 256 * 1024

/**
 * Buffer for what the sockets of an agent receive. Each piece is parsed, and its content copied, before the next one
 * arrives. By default every piece has new memory, of 64 KiB, and half the time of a copy is spent on that.
 */
function sharedBuffer(): OnRead {
  return {
    buffer: Buffer.allocUnsafeSlow(receivedBytes),
    callback(this: Socket, length, buffer) {
      this.emit('data', buffer.subarray(0, length))
      return true
    },
  }
}

/** Option `onread` of `net.connect` (https://nodejs.org/api/net.html#socketconnectoptions-connectlistener). */
interface OnRead {
  readonly buffer: Uint8Array
  /** Returns whether to continue to read. */
  callback(this: Socket, length: number, buffer: Buffer): boolean
}

/** Reports whether OpenSSL found no path from the certificate to a trusted authority. */
function isUnknownAuthority(error: unknown): boolean {
  return /^(?:UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT)/.test(errorCode(error) ?? '')
}

/**
 * TLS options of an agent. `ca` replaces Node's authorities, but Docker adds those of a host to its defaults, so both
 * are passed. The context is created once: with a hundred authorities that takes a tenth of a second.
 */
function tlsOptions({ca = [], cert, key, unverified}: HttpTls): object {
  const secureContext = createSecureContext({
    ...(ca.length === 0 ? {} : {ca: [...getCACertificates('default'), ...ca]}),
    ...(cert === undefined ? {} : {cert}),
    ...(key === undefined ? {} : {key}),
  })
  return {secureContext, ...(unverified === true ? {rejectUnauthorized: false} : {})}
}
