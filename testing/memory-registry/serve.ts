import type {IncomingMessage, ServerResponse} from 'node:http'
import type {HttpRequest} from '../../src/io/http.ts'
import {loopback, type Loopback} from '../loopback.ts'
import {exchange, type Line} from './line.ts'

/** The registry on a socket of this machine, for tests that run programs. Its token server is at `/token`. */
export async function serve(line: Line): Promise<Loopback> {
  return loopback((incoming, response) => {
    relay(line, incoming, response).catch(() => {
      // What breaks here is meant to break for the client: a fault of the test's.
      response.destroy()
    })
  })
}

async function relay(line: Line, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const closed = new AbortController()
  response.once('close', () => {
    closed.abort()
  })
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
  const request: HttpRequest = {
    method: (incoming.method ?? 'GET') as HttpRequest['method'],
    url: new URL(incoming.url ?? '/', `http://${headers['host'] ?? ''}`),
    headers: headers as Readonly<Record<string, string>>,
    body: incoming as AsyncIterable<Uint8Array>,
  }
  const client = {name: headers['user-agent'] ?? 'unknown', signal: closed.signal}
  const answer = await exchange(line, request, client)
  response.writeHead(answer.status, {...answer.headers})
  for await (const chunk of answer.body) response.write(chunk)
  response.end()
}
