import {engineSocket, unixPath} from '../../builder/engine/engine-socket.ts'
import type {Builder, BuilderNode} from '../../buildx/inspect.ts'
import type {SocketAddress} from '../../io/connections/socket-connection.ts'
import {isOnThisMachine} from '../../registry/hosts.ts'

type Located = Pick<Builder, 'driver' | 'nodes'>

/**
 * Address of a BuildKit on this machine: that of the engine, behind its API, or of a remote builder without TLS. Undefined
 * for any other, to which Buildx connects. `hostOf` returns the address of the engine of a Docker context.
 */
export async function socketOf(
  {driver, nodes}: Located,
  hostOf: (context: string) => Promise<string>,
): Promise<SocketAddress | undefined> {
  const [node] = nodes
  if (node === undefined) return undefined
  if (driver === 'docker') return engineSocket(await hostOf(node.endpoint))
  return driver === 'remote' ? remoteSocket(node) : undefined
}

function remoteSocket({endpoint, driverOptions = ''}: BuilderNode): SocketAddress | undefined {
  const path = unixPath(endpoint)
  if (path !== undefined) return {at: {path}, upgrade: undefined}
  if (driverOptions !== '' || !isLoopback(endpoint)) return undefined
  const {hostname, port} = new URL(endpoint)
  return {at: {host: hostname.replace(/^\[|\]$/g, ''), port: Number(port)}, upgrade: undefined}
}

/**
 * Reports whether the builder is on this machine, so that its content is read without a network. The endpoint of a
 * container is the address or the Docker context of its engine. An engine with the driver `docker` is read only there.
 */
export async function isNear({driver, nodes}: Located, hostOf: (context: string) => Promise<string>): Promise<boolean> {
  if (driver === 'docker') return true
  const isContext = (endpoint: string): boolean => driver !== 'remote' && !endpoint.includes('://')
  const addresses = await Promise.all(
    nodes.map(async ({endpoint}) => (isContext(endpoint) ? hostOf(endpoint) : endpoint)),
  )
  return addresses.every((address) => unixPath(address) !== undefined || isLoopback(address))
}

function isLoopback(endpoint: string): boolean {
  const [, host] = /^tcp:\/\/([^/]+:\d+)$/.exec(endpoint) ?? []
  return host !== undefined && isOnThisMachine(host)
}
