import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type {AddressInfo} from 'node:net'

export interface RelayedRequest {
  readonly method: string
  /** Path with the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface RelayAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * Decides about a request. The relay sends the returned answer or, if it is undefined, forwards the request. The client
 * waits until the promise is settled.
 */
export type Respond = (request: RelayedRequest) => Promise<RelayAnswer | undefined> | RelayAnswer | undefined

/** Relay to a registry on a loopback address that can record, delay and refuse requests. */
export interface Relay {
  /** Registry part of image references: `127.0.0.1:PORT`. */
  readonly host: string
  /** Requests in order of arrival. */
  readonly requests: readonly RelayedRequest[]
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts a relay to the `host` of a registry. Without a target, `respond` must answer every request. */
export async function startRelay(target: string | undefined, respond: Respond): Promise<Relay> {
  const requests: RelayedRequest[] = []
  const server = createServer((incoming, response) => {
    const request = {method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers}
    requests.push(request)
    Promise.resolve(respond(request)).then(
      (answer) => {
        if (answer === undefined) forward(incoming, response, target)
        else refuse(incoming, response, answer)
      },
      (error: unknown) => {
        refuse(incoming, response, {status: 500, body: String(error)})
      },
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const {port} = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) =>
      server.close(() => {
        resolve()
      }),
    )
    server.closeAllConnections()
    await closed
  }
  return {host: `127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: stop}
}

/** Error response of the distribution specification. */
export function registryError(status: number, code: string, message: string): RelayAnswer {
  return {
    status,
    headers: {'content-type': 'application/json'},
    body: JSON.stringify({errors: [{code, message}]}),
  }
}

/** Forwards a request with the Host header of the client, so that `Location` refers to the relay. */
function forward(incoming: IncomingMessage, response: ServerResponse, target: string | undefined): void {
  const {method, url: path, headers} = incoming
  const outgoing = httpRequest(`http://${target ?? ''}`, {method, path, headers, agent: false}, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.once('error', () => {
    response.destroy()
  })
  response.once('close', () => {
    outgoing.destroy()
  })
  incoming.pipe(outgoing)
}

function refuse(incoming: IncomingMessage, response: ServerResponse, {status, headers, body}: RelayAnswer): void {
  incoming.resume()
  response.writeHead(status, {...headers})
  response.end(body ?? '')
}
