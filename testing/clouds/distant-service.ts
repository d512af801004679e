import type {IncomingMessage} from 'node:http'
import {createServer} from 'node:https'
import type {AddressInfo, Socket} from 'node:net'
import type {HttpRequest, HttpResponse} from '../../src/io/http.ts'
import {startDistance} from '../distance.ts'

export type Answer = (request: HttpRequest) => HttpResponse

/** HTTPS server at a distance, in place of a host. */
export interface DistantService extends AsyncDisposable {
  readonly url: string
}

export interface DistantOptions {
  /** Host in the requests that `answer` gets. */
  readonly host: string
  /** Round trip in ms. */
  readonly awayMs: number
  readonly cert: Buffer
  readonly key: Buffer
}

export async function startDistantService(
  {host, awayMs, ...files}: DistantOptions,
  answer: Answer,
): Promise<DistantService> {
  const sockets = new Set<Socket>()
  const server = createServer(files, (incoming, outgoing) => {
    void requestOf(incoming, host).then((request) => {
      const {status, body} = answer(request)
      outgoing.writeHead(status).end(body)
    })
  })
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const distance = await startDistance(`127.0.0.1:${(server.address() as AddressInfo).port}`, awayMs)
  return {
    url: `https://${distance.host}`,
    async [Symbol.asyncDispose]() {
      await distance[Symbol.asyncDispose]()
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function requestOf(incoming: IncomingMessage, host: string): Promise<HttpRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const)
  return {
    method: incoming.method as HttpRequest['method'],
    url: new URL(incoming.url ?? '/', `https://${host}`),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  }
}
