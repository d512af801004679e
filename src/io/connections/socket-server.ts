import {createServer, type Socket} from 'node:net'

/** Server on a Unix socket or a named pipe. */
interface SocketServer {
  /** Ends all connections, and resolves when the server is closed. */
  close(): Promise<void>
}

/**
 * Starts a server at the address of a new socket. It does not keep the program running.
 * @throws NodeJS.ErrnoException if the address cannot be used.
 */
export async function startSocketServer(address: string, accept: (socket: Socket) => void): Promise<SocketServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    accept(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  server.on('error', () => undefined)
  server.unref()
  return {
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
