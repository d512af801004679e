import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {pipeline} from 'node:stream/promises'

/** Request to a server of this run. */
export interface ServedRequest {
  readonly method: string
  /** Path and query, as the client wrote them. */
  readonly target: string
}

/** Response of a server of this run. */
export interface ServedResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Opens the body, after the headers have been sent. Not called for HEAD. An error cuts the connection off. */
  readonly body: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/** HTTP server on 127.0.0.1. Disposing it ends all connections. */
export interface LoopbackServer extends AsyncDisposable {
  readonly port: number
}

/**
 * Starts an HTTP server that only programs of this machine reach, on a free port. It does not keep the program running.
 * @throws NodeJS.ErrnoException if there is no free port.
 */
export async function serveLoopback(
  respond: (request: ServedRequest) => Promise<ServedResponse>,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => {
    answer(request, response, respond).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  server.on('error', () => undefined)
  server.unref()
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  {method = '', url = ''}: IncomingMessage,
  response: ServerResponse,
  respond: (request: ServedRequest) => Promise<ServedResponse>,
): Promise<void> {
  const {status, headers, body} = await respond({method, target: url})
  response.writeHead(status, headers)
  // A client waits for the headers with a time limit of its own.
  response.flushHeaders()
  if (method === 'HEAD') response.end()
  else await pipeline(body(), response)
}
