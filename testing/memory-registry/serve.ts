import type {IncomingMessage, ServerResponse} from 'node:http'
import type {HttpRequest} from '../../src/io/http.ts'
import {loopback, type Loopback} from '../loopback.ts'
import {exchange, type Endpoint} from './endpoint.ts'

/** Serves a registry on a loopback address, for tests that run programs. Its token server is at `/token`. */
export async function serve(endpoint: Endpoint): Promise<Loopback> {
  return loopback((incoming, response) => {
    relay(endpoint, incoming, response).catch(() => {
      // The test has requested this fault.
      response.destroy()
    })
  })
}

async function relay(endpoint: Endpoint, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
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
  const answer = await exchange(endpoint, request, client)
  response.writeHead(answer.status, {...answer.headers})
  for await (const chunk of answer.body) response.write(chunk)
  response.end()
}
