import {createServer, type RequestListener} from 'node:http'
import type {Socket} from 'node:net'

/** HTTP server on a loopback address, for one test. */
export interface Loopback extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Number of accepted connections. */
  readonly connections: () => number
}

export async function loopback(listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return {
    host: `127.0.0.1:${address.port}`,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: async () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  }
}
