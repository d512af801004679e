import {createServer} from 'node:http'
import {connect, type Socket} from 'node:net'

/** An HTTP proxy on loopback whose tunnels all end at one server, whatever host is asked for. */
export interface ConnectProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, as in HTTP_PROXY. */
  readonly url: string
  /** `HOST:PORT` of each tunnel that was asked for. */
  readonly tunnels: readonly string[]
}

/** `target` is the `127.0.0.1:PORT` of the server. */
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
    // One end that goes away takes the other with it.
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
