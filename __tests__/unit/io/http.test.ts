import {describe, expect, test} from '@jest/globals'
import {httpClient, type HttpRequest} from '../../../src/io/http.ts'
import {createHash, randomBytes} from 'node:crypto'
import {createServer, type Socket} from 'node:net'
import {loopback, type Loopback} from '../../../testing/loopback.ts'

function get({host}: Loopback, headers: Readonly<Record<string, string>> = {}): HttpRequest {
  return {method: 'GET', url: new URL(`http://${host}/path?x=1`), headers}
}

const running = new AbortController().signal

describe('httpClient', () => {
  test('one request, one answer', async () => {
    await using server = await loopback((request, response) => {
      response.writeHead(418, {'x-kind': 'teapot', 'set-cookie': ['a=1', 'b=2']})
      response.end(JSON.stringify([request.method, request.url, request.headers.accept, request.headers['user-agent']]))
    })
    using http = httpClient(running, {})
    const {status, headers, body} = await http.send(get(server, {accept: 'text/plain'}))
    expect({status, kind: headers['x-kind'], cookies: headers['set-cookie'], body: body.toString()}).toEqual({
      status: 418,
      kind: 'teapot',
      cookies: 'a=1, b=2',
      body: '["GET","/path?x=1","text/plain","tagboat"]',
    })
  })

  test('a redirect is an answer', async () => {
    await using server = await loopback((_, response) => {
      response.writeHead(307, {location: 'https://elsewhere.example/'}).end()
    })
    using http = httpClient(running, {})
    expect((await http.send(get(server))).status).toBe(307)
  })

  test('a connection is used again', async () => {
    await using server = await loopback((_, response) => response.end('x'))
    using http = httpClient(running, {})
    for (let round = 0; round < 3; round += 1) await http.send(get(server))
    expect(server.connections()).toBe(1)
  })

  test.each([
    {name: 'four MiB are taken', given: 4 * 1024 * 1024, expected: undefined},
    {name: 'a byte more is not', given: 4 * 1024 * 1024 + 1, expected: 'a response of more than 4194304 bytes'},
  ])('$name', async ({given, expected}) => {
    await using server = await loopback((_, response) => response.end(Buffer.alloc(given)))
    using http = httpClient(running, {})
    const answer = http.send(get(server)).then(
      ({body}) => (body.length === given ? undefined : 'cut'),
      (error: unknown) => (error as Error).message,
    )
    expect(await answer).toBe(expected)
  })

  test('a body that is cut is an error, not a short body', async () => {
    await using server = await loopback((_, response) => {
      response.writeHead(200, {'content-length': '100'})
      response.write('half', () => response.destroy())
    })
    using http = httpClient(running, {})
    await expect(http.send(get(server))).rejects.toMatchObject({code: 'ECONNRESET'})
  })

  test('a limit of the request is its own', async () => {
    await using server = await loopback((_, response) => response.end('12345'))
    using http = httpClient(running, {})
    expect((await http.send({...get(server), maxBytes: 5})).body.toString()).toBe('12345')
    await expect(http.send({...get(server), maxBytes: 4})).rejects.toMatchObject({code: 'EMSGSIZE'})
  })

  test('an answer that changes the protocol is none', async () => {
    await using server = await loopback((_, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')
    })
    using http = httpClient(running, {})
    await expect(http.send(get(server))).rejects.toMatchObject({code: 'ECONNRESET'})
  })

  test('a closed port', async () => {
    const server = await loopback((_, response) => response.end())
    await server[Symbol.asyncDispose]()
    using http = httpClient(running, {})
    await expect(http.send(get(server))).rejects.toMatchObject({code: 'ECONNREFUSED'})
  })

  test.each([
    {name: 'the variable of lower case', given: (proxy: string) => ({http_proxy: `http://${proxy}`})},
    {name: 'a proxy without a scheme', given: (proxy: string) => ({http_proxy: '', HTTP_PROXY: proxy})},
  ])('other hosts are requested through the proxy: $name', async ({given}) => {
    await using proxy = await loopback((request, response) => response.end(request.url))
    using http = httpClient(running, given(proxy.host))
    const {body} = await http.send({method: 'GET', url: new URL('http://registry.invalid/v2/'), headers: {}})
    expect(body.toString()).toBe('http://registry.invalid/v2/')
  })

  test.each([
    {name: 'this machine', given: {}},
    {name: 'this machine, beside those that the user exempts', given: {NO_PROXY: 'in.house'}},
    {name: 'any host, whose proxy has no valid address', given: {HTTP_PROXY: 'http://a b'}},
  ])('no proxy is used for $name', async ({given}) => {
    await using proxy = await loopback((_, response) => response.end('of the proxy'))
    await using server = await loopback((_, response) => response.end('of the server'))
    using http = httpClient(running, {HTTP_PROXY: `http://${proxy.host}`, ...given})
    expect((await http.send(get(server))).body.toString()).toBe('of the server')
  })

  test.each([
    {name: 'a network', list: '0.0.0.0/8', expected: 'of the server'},
    {name: 'another network', list: '10.0.0.0/8', expected: 'of the proxy'},
  ])('NO_PROXY is heeded as Docker’s tools heed it: $name', async ({list, expected}) => {
    await using proxy = await loopback((_, response) => response.end('of the proxy'))
    await using server = await loopback((_, response) => response.end('of the server'))
    using http = httpClient(running, {HTTP_PROXY: `http://${proxy.host}`, NO_PROXY: list})
    // An address that leads to this machine, and is none of those that are never asked through a proxy.
    const url = new URL(`http://0.0.0.0:${server.host.split(':')[1] ?? ''}/`)
    expect((await http.send({method: 'GET', url, headers: {}})).body.toString()).toBe(expected)
  })

  test('a request ends with the run', async () => {
    const abort = new AbortController()
    await using server = await loopback(() => {
      abort.abort()
    })
    using http = httpClient(abort.signal, {})
    await expect(http.send(get(server))).rejects.toMatchObject({code: 'ABORT_ERR'})
  })
})

describe('a body that is sent', () => {
  async function* pieces(count: number, size = 65_536): AsyncGenerator<Uint8Array, void, undefined> {
    for (let number = 0; number < count; number += 1) yield await Promise.resolve(Buffer.alloc(size, number))
  }

  function put({host}: Loopback, body: NonNullable<HttpRequest['body']>, length?: number): HttpRequest {
    const headers = length === undefined ? {} : {'content-length': String(length)}
    return {method: 'PUT', url: new URL(`http://${host}/`), headers, body}
  }

  async function echo(): Promise<Loopback> {
    return loopback((request, response) => {
      let size = 0
      request.on('data', (chunk: Buffer) => (size += chunk.length))
      request.on('end', () => response.end(JSON.stringify([request.method, request.headers['content-length'], size])))
    })
  }

  test.each([
    {name: 'bytes', body: () => Buffer.from('abc'), length: undefined, expected: ['PUT', '3', 3]},
    {name: 'no bytes', body: () => Buffer.alloc(0), length: undefined, expected: ['PUT', '0', 0]},
    {name: 'a stream', body: () => pieces(50), length: 50 * 65_536, expected: ['PUT', '3276800', 3_276_800]},
  ])('$name, with its length', async ({body, length, expected}) => {
    await using server = await echo()
    using http = httpClient(running, {})
    const answer = await http.send(put(server, body(), length))
    expect(JSON.parse(answer.body.toString())).toEqual(expected)
  })

  test('a stream that fails is the error, and no request is completed', async () => {
    let ended = false
    await using server = await loopback((request) => {
      request.on('error', () => undefined)
      request.on('data', () => undefined).on('end', () => (ended = true))
    })
    using http = httpClient(running, {})
    const failure = new Error('the source broke')
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield* pieces(2)
      throw failure
    }
    await expect(http.send(put(server, failing(), 10_000_000))).rejects.toBe(failure)
    expect(ended).toBe(false)
  })

  test('an early answer is returned, and the rest of the body is not sent', async () => {
    await using server = await loopback((request, response) => {
      request.resume()
      response.writeHead(403).end('no')
    })
    using http = httpClient(running, {})
    let stop = (): void => undefined
    const stopped = new Promise<void>((resolve) => (stop = resolve))
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* pieces(Number.MAX_SAFE_INTEGER)
      } finally {
        stop()
      }
    }
    const {status, body} = await http.send(put(server, endless(), Number.MAX_SAFE_INTEGER))
    expect(status).toBe(403)
    expect(body.toString()).toBe('no')
    await stopped
  })

  test('a chunk is no longer used when the next one is requested', async () => {
    await using server = await loopback((request, response) => {
      const hash = createHash('sha256')
      request.on('data', (chunk: Buffer) => hash.update(chunk)).on('end', () => response.end(hash.digest('hex')))
    })
    using http = httpClient(running, {})
    const pieces = Array.from({length: 40}, () => randomBytes(256 * 1024))
    const buffer = Buffer.alloc(256 * 1024)
    async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
      for (const piece of pieces) {
        piece.copy(buffer)
        yield await Promise.resolve(buffer)
      }
    }
    const headers = {'content-length': String(40 * 256 * 1024)}
    const answer = await http.send({...get(server, headers), method: 'PUT', body: body()})
    expect(answer.body.toString()).toBe(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'))
  })
})

describe('open', () => {
  test('content of any size, as it comes', async () => {
    await using server = await loopback((_, response) => response.end(Buffer.alloc(5 * 1024 * 1024)))
    using http = httpClient(running, {})
    let size = 0
    for await (const chunk of (await http.open(get(server))).body) size += chunk.byteLength
    expect(size).toBe(5 * 1024 * 1024)
  })

  test.each([
    {name: 'the memory of a chunk is freed when the next one is requested', freesChunks: true},
    {name: 'chunks may be kept', freesChunks: false},
  ])('$name', async ({freesChunks}) => {
    const sent = randomBytes(1024 * 1024)
    await using server = await loopback((_, response) => response.end(sent))
    using http = httpClient(running, {})
    const {body} = await http.open({...get(server), freesChunks})
    const [kept, copied]: [Uint8Array[], Buffer[]] = [[], []]
    for await (const chunk of body) {
      kept.push(chunk)
      copied.push(Buffer.from(chunk))
    }
    expect(Buffer.concat(copied).equals(sent)).toBe(true)
    expect(kept.some(({byteLength}) => byteLength > 0)).toBe(!freesChunks)
  })

  test('what several connections receive at once is not mixed', async () => {
    await using server = await loopback((request, response) => {
      response.end(Buffer.alloc(3 * 1024 * 1024, String(request.headers['x-fill'])))
    })
    using http = httpClient(running, {})
    const fills = ['a', 'b', 'c', 'd']
    const bodies = await Promise.all(fills.map(async (fill) => http.send(get(server, {'x-fill': fill}))))
    expect(bodies.map(({body}, index) => body.equals(Buffer.alloc(3 * 1024 * 1024, fills[index])))).toEqual(
      fills.map(() => true),
    )
  })

  test('a line that falls silent in the middle is an error', async () => {
    await using server = await loopback((_, response) => response.writeHead(200, {'content-length': '9'}).write('half'))
    using http = httpClient(running, {})
    const read = http.send({...get(server), timeoutMs: 20, deadlineFactor: 1000})
    await expect(read).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: `no response from ${server.host} within 0.02 s`,
    })
  })

  test('so is a server that sends nothing', async () => {
    await using server = await loopback(() => undefined)
    using http = httpClient(running, {})
    const answer = http.open({...get(server), timeoutMs: 20, deadlineFactor: 1000})
    await expect(answer).rejects.toMatchObject({code: 'ETIMEDOUT'})
  })

  test('a reader that takes its time is none', async () => {
    await using server = await loopback((_, response) => response.end(Buffer.alloc(1024 * 1024)))
    using http = httpClient(running, {})
    let size = 0
    for await (const chunk of (await http.open({...get(server), timeoutMs: 250})).body) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 300))
      size += chunk.byteLength
    }
    expect(size).toBe(1024 * 1024)
  })

  test('a connection is used again after a body that was read, and not after one that was left', async () => {
    await using server = await loopback((_, response) => response.end(Buffer.alloc(1024 * 1024)))
    using http = httpClient(running, {})
    const read = async (all: boolean): Promise<void> => {
      const {body} = await http.open(get(server))
      for await (const chunk of body) if (!all && chunk.byteLength > 0) break
    }
    await read(true)
    await read(true)
    expect(server.connections()).toBe(1)
    await read(false)
    await read(true)
    expect(server.connections()).toBe(2)
  })
})

describe('a server that keeps an exchange just alive', () => {
  /** The deadline is 75 ms, while the server may be silent for 15 seconds. */
  const deadlineFactor = 0.005

  /** Sends the head, then the piece again and again. */
  async function dribbling(head: string, piece: string): Promise<Loopback> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.write(head)
      const timer = setInterval(() => socket.write(piece), 20)
      socket.on('close', () => {
        clearInterval(timer)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return {
      host: `127.0.0.1:${port}`,
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

  test.each([
    {name: 'a body', head: 'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n', piece: 'x'},
    {name: 'a body in chunks', head: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', piece: '1\r\nx\r\n'},
    {name: 'a body up to the end of the line', head: 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', piece: 'x'},
    {name: 'an error', head: 'HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n', piece: 'x'},
    {name: 'a header', head: 'HTTP/1.1 200 OK\r\nX-A: ', piece: 'x'},
    {name: 'headers', head: 'HTTP/1.1 200 OK\r\n', piece: 'X: x\r\n'},
    {name: 'a status', head: 'HTTP/1.1 200 ', piece: 'x'},
    {name: 'early hints', head: '', piece: 'HTTP/1.1 103 Early Hints\r\n\r\n'},
    {name: 'promises', head: 'HTTP/1.1 100 Continue\r\n\r\n', piece: 'HTTP/1.1 102 Processing\r\n\r\n'},
  ])('has a deadline: $name', async ({head, piece}) => {
    await using server = await dribbling(head, piece)
    using http = httpClient(running, {})
    const answer = http.send({...get(server), deadlineFactor})
    await expect(answer).rejects.toMatchObject({code: 'ETOOSLOW', message: expect.stringContaining(server.host)})
  })

  test('of trailers, nothing is heard: that is silence', async () => {
    await using server = await dribbling('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: ', 'x')
    using http = httpClient(running, {})
    await expect(http.send({...get(server), timeoutMs: 100, deadlineFactor: 1000})).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    })
  })

  test('and one that hardly reads what it is sent has one too', async () => {
    await using server = await loopback((request) => {
      request.on('error', () => undefined)
      const timer = setInterval(() => void request.read(1), 20)
      request.on('close', () => {
        clearInterval(timer)
      })
    })
    async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        yield Buffer.alloc(1)
      }
    }
    using http = httpClient(running, {})
    const headers = {'content-length': '1000000'}
    const sent = http.send({...get(server, headers), method: 'PUT', body: endless(), deadlineFactor})
    await expect(sent).rejects.toMatchObject({code: 'ETOOSLOW'})
  })

  test('a line that is slow and moves something is none', async () => {
    // It takes 800 ms, of which a piece allows more than one second. Without them, the deadline is 600 ms.
    await using server = await dribbling('HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n', 'x'.repeat(5000))
    using http = httpClient(running, {})
    expect((await http.send({...get(server), deadlineFactor: 0.04})).body).toHaveLength(200_000)
  })

  test('a cancelled run ends it at once', async () => {
    await using server = await dribbling('HTTP/1.1 200 OK\r\nX-A: ', 'x')
    const abort = new AbortController()
    using http = httpClient(abort.signal, {})
    const answer = http.send({...get(server), timeoutMs: 60_000})
    setTimeout(() => {
      abort.abort()
    }, 50)
    await expect(answer).rejects.toMatchObject({code: 'ABORT_ERR'})
  })
})
