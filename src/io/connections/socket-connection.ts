import {request} from 'node:http'
import {connect} from 'node:net'
import type {Duplex} from 'node:stream'
import {http2Connection, type Http2Connection} from './http2-connection.ts'

/** Address of a server for HTTP/2 without TLS. */
export interface SocketAddress {
  /** Path of a Unix socket, or host and port. */
  readonly at: {readonly path: string} | {readonly host: string; readonly port: number}
  /** Path of an HTTP/1.1 request that upgrades the connection (`h2c`); undefined for a server that expects HTTP/2. */
  readonly upgrade: string | undefined
}

/** Address of a server whose connection is upgraded. */
export type UpgradeAddress = SocketAddress & {readonly upgrade: string}

/** Connects to a server of this machine. @throws Error if it does not respond, or refuses the upgrade. */
export async function connectSocket(address: SocketAddress, signal: AbortSignal): Promise<Http2Connection> {
  signal.throwIfAborted()
  const {at, upgrade} = address
  const stream = await (upgrade === undefined ? opened(address) : upgraded({at, upgrade}))
  let reason: Error | undefined
  const kill = (): void => {
    reason = signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason))
    stream.destroy(reason)
  }
  signal.addEventListener('abort', kill, {once: true})
  stream.on('error', (error) => (reason ??= error))
  stream.once('close', () => {
    signal.removeEventListener('abort', kill)
  })
  return http2Connection(stream, () => reason)
}

async function opened({at}: SocketAddress): Promise<Duplex> {
  const socket = connect(at)
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return socket
}

/** Opens a connection, and upgrades it. @throws Error if the server refuses that, or does not respond. */
export async function upgraded({at, upgrade}: UpgradeAddress): Promise<Duplex> {
  const where = 'path' in at ? {socketPath: at.path} : at
  const headers = {connection: 'Upgrade', upgrade: 'h2c'}
  const sent = request({...where, method: 'POST', path: upgrade, headers, agent: false, timeout: upgradeMs})
  return new Promise((resolve, reject) => {
    sent.once('upgrade', (_, socket, head) => {
      if (head.byteLength > 0) socket.unshift(head)
      resolve(socket)
    })
    sent.once('response', (response) => {
      response.destroy()
      reject(new Error(`the server answered ${response.statusCode ?? 0} to an upgrade`))
    })
    sent.once('timeout', () => sent.destroy(new Error('the server did not answer an upgrade')))
    sent.once('error', reject)
    sent.end()
  })
}

const upgradeMs = 5_000
