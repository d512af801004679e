import {once} from 'node:events'
import {createServer, type AddressInfo, type Socket} from 'node:net'
import {describe, expect, test} from '@jest/globals'
import {httpClient, type HttpRequest} from '../../../../src/io/http.ts'
import {loopback} from '../../../../testing/loopback.ts'

const running = new AbortController().signal

function get(host: string, spareConnections = 0): HttpRequest {
  return {method: 'GET', url: new URL(`http://${host}/`), headers: {}, spareConnections}
}

interface SocketServer extends AsyncDisposable {
  readonly host: string
  /** Accepted connections, and the end of each. */
  readonly sockets: readonly Socket[]
  readonly ends: readonly Promise<unknown>[]
  accepted(count: number): Promise<void>
}

/** Server that answers the first request of each connection. */
async function socketServer(): Promise<SocketServer> {
  const sockets: Socket[] = []
  const ends: Promise<unknown>[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    ends.push(once(socket, 'close'))
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const {port} = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    sockets,
    ends,
    accepted: async (count) => {
      while (sockets.length < count) await new Promise((resolve) => setImmediate(resolve))
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

describe('spare connections', () => {
  test('are opened with the request, and used by the next ones', async () => {
    const opened = Promise.withResolvers<undefined>()
    await using server = await loopback((request, response) => {
      void (request.url === '/first' ? opened.promise : Promise.resolve()).then(() => response.end('x'))
    })
    using http = httpClient(running, {})
    const first = http.send({...get(server.host, 2), url: new URL(`http://${server.host}/first`)})
    while (server.connections() < 3) await new Promise((resolve) => setImmediate(resolve))
    opened.resolve(undefined)
    await first
    await Promise.all([1, 2, 3].map(async () => http.send(get(server.host))))
    expect(server.connections()).toBe(3)
    await Promise.all([1, 2, 3, 4].map(async () => http.send(get(server.host))))
    expect(server.connections()).toBe(4)
  })

  test('are not opened by a request on an open connection', async () => {
    await using server = await loopback((_, response) => response.end('x'))
    using http = httpClient(running, {})
    await http.send(get(server.host))
    await http.send(get(server.host, 2))
    expect(server.connections()).toBe(1)
  })

  test('that the server closes are replaced by the request that needs one', async () => {
    await using server = await socketServer()
    using http = httpClient(running, {})
    await http.send(get(server.host, 1))
    await server.accepted(2)
    for (const socket of server.sockets) socket.destroy()
    await Promise.all(server.ends)
    // The client learns of it in its own time.
    await new Promise((resolve) => setImmediate(resolve))
    expect((await http.send(get(server.host))).status).toBe(200)
    expect(server.sockets).toHaveLength(3)
  })

  test('have the time limit of the request that uses them', async () => {
    const seen: string[] = []
    await using server = await loopback(({url = ''}, response) => {
      seen.push(url)
      if (url === '/answered') response.end('x')
    })
    using http = httpClient(running, {})
    const send = async (path: string, timeoutMs: number): Promise<unknown> =>
      http.send({...get(server.host, 2), url: new URL(path, `http://${server.host}`), timeoutMs}).then(
        ({status}) => status,
        (error: unknown) => (error as NodeJS.ErrnoException).code,
      )
    // The connections are as old as the first request: its limit would end the second one at once.
    expect(await send('/silent', 50)).toBe('ETIMEDOUT')
    expect(await send('/answered', 15_000)).toBe(200)
    expect(await send('/silent', 50)).toBe('ETIMEDOUT')
    expect(seen).toEqual(['/silent', '/answered', '/silent'])
    expect(server.connections()).toBe(3)
  })

  test('end with the client', async () => {
    await using server = await socketServer()
    {
      using http = httpClient(running, {})
      await http.send(get(server.host, 2))
      await server.accepted(3)
    }
    await Promise.all(server.ends)
    expect(server.sockets).toHaveLength(3)
  })
})
