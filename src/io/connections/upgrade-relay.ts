import type {Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {upgraded, type UpgradeAddress} from './socket-connection.ts'
import {startSocketServer} from './socket-server.ts'

/**
 * Starts a server at the path of a new Unix socket that connects each client to the address, after its upgrade. The
 * rights of the directory are those of the socket. Disposing the server ends its connections. The server does not keep
 * the program running.
 * @throws Error if the path cannot be used: it may be too long.
 */
export async function startUpgradeRelay(address: UpgradeAddress, path: string): Promise<AsyncDisposable> {
  const server = await startSocketServer(path, (client) => {
    client.on('error', () => client.destroy())
    upgraded(address).then(
      (far) => {
        join(client, far)
      },
      () => client.destroy(),
    )
  })
  return {[Symbol.asyncDispose]: async () => server.close()}
}

/** Connects two streams until one of them ends. */
function join(client: Socket, far: Duplex): void {
  far.on('error', () => far.destroy())
  client.once('close', () => far.destroy())
  far.once('close', () => client.destroy())
  if (client.destroyed) far.destroy()
  client.pipe(far)
  far.pipe(client)
}
