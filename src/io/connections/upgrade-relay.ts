import {createServer, type Socket} from 'node:net'
import type {Duplex} from 'node:stream'
import {upgraded, type UpgradeAddress} from './socket-connection.ts'

/**
 * Starts a server at the path of a new Unix socket that connects each client to the address, after its upgrade. The
 * rights of the directory are those of the socket. Disposing the server ends its connections. The server does not keep
 * the program running.
 * @throws Error if the path cannot be used: it may be too long.
 */
export async function startUpgradeRelay(address: UpgradeAddress, path: string): Promise<AsyncDisposable> {
  const streams = new Set<Duplex>()
  const keep = (stream: Duplex): void => {
    streams.add(stream)
    stream.once('close', () => streams.delete(stream))
  }
  const server = createServer((client) => {
    keep(client)
    client.on('error', () => client.destroy())
    upgraded(address).then(
      (far) => {
        keep(far)
        join(client, far)
      },
      () => client.destroy(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const stream of streams) stream.destroy()
      await closed
    },
  }
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
