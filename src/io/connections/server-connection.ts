import type {Command} from '../command.ts'
import type {Http2Connection} from './http2-connection.ts'
import {connectSocket, type SocketAddress} from './socket-connection.ts'

/**
 * Connects to a server at its address. Without one, or if it does not respond, the program connects, which takes longer.
 * @throws TagboatError `docker-missing`
 */
export async function connectServer(
  command: Command,
  address: SocketAddress | undefined,
  signal: AbortSignal,
): Promise<Http2Connection> {
  const connection = address && (await connectSocket(address, signal).catch(() => undefined))
  if (connection !== undefined) return connection
  const {connectProgram} = await import('./program-connection.ts')
  return connectProgram(command, signal)
}
