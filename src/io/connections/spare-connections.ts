import type {Agent, ClientRequestArgs} from 'node:http'
import type {Duplex} from 'node:stream'

/** Options of a request that reach `createConnection`. */
export interface SpareOptions {
  /** Number of connections that are opened besides that of the request. */
  readonly spareConnections?: number | undefined
}

/** Time after which a server may close a connection that has no request yet. */
const unusedMs = 15_000

/**
 * Lets the requests of an agent open more connections than their own. The next requests to the same server get them, and
 * do not wait for a handshake.
 */
export function withSpares<A extends Agent>(agent: A): A {
  const spares = new Map<string, Duplex[]>()
  const create = agent.createConnection.bind(agent)
  const destroy = agent.destroy.bind(agent)
  agent.createConnection = (options: ClientRequestArgs & SpareOptions, callback) => {
    const name = agent.getName(options)
    const unused = spares.get(name) ?? []
    spares.set(name, unused)
    const spare = unused.find((socket) => !socket.destroyed)
    if (spare !== undefined) {
      remove(unused, spare)
      return spare
    }
    const connection = create(options, callback)
    // The time limit is that of the request: its timer would end the request that takes the connection.
    const idle = {...options, timeout: undefined}
    for (let count = 0; count < (options.spareConnections ?? 0); count += 1) open(create(idle), unused)
    return connection
  }
  agent.destroy = () => {
    for (const socket of [...spares.values()].flat()) socket.destroy()
    destroy()
  }
  return agent
}

/** Keeps a new connection until a request takes it. One that fails is opened again by the request that needs it. */
function open(socket: Duplex | null | undefined, unused: Duplex[]): void {
  if (!socket) return
  unused.push(socket)
  socket.on('error', ignore)
  socket.once('close', () => {
    remove(unused, socket)
  })
  setTimeout(() => {
    if (unused.includes(socket)) socket.destroy()
  }, unusedMs).unref()
}

function remove(unused: Duplex[], socket: Duplex): void {
  const index = unused.indexOf(socket)
  if (index !== -1) unused.splice(index, 1)
  socket.off('error', ignore)
}

function ignore(): void {
  // The request that needs the connection opens another one.
}
