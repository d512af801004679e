import {createServer} from 'node:http'
import {connect, type Socket} from 'node:net'

/** HTTP proxy on a loopback address whose tunnels all end at one server, regardless of the requested host. */
export interface ConnectProxy extends AsyncDisposable {
  /** Value for HTTP_PROXY: `http://127.0.0.1:PORT`. */
  readonly url: string
  /** `HOST:PORT` of each requested tunnel. */
  readonly tunnels: readonly string[]
}

/** Starts a proxy for a server. `target` is its `127.0.0.1:PORT`. */
export async function startConnectProxy(target: string): Promise<ConnectProxy> {
  const {hostname, port} = new URL(`http://${target}`)
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer()
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, client) => {
    tunnels.push(request.url ?? '')
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    sockets.add(upstream)
    // If one connection is closed, the other is closed, too.
    upstream.on('error', () => client.destroy())
    client.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
  return {
    url: `http://127.0.0.1:${address.port}`,
    tunnels,
    [Symbol.asyncDispose]: async () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  }
}
