import {createConnection, createServer, type AddressInfo, type Server, type Socket} from 'node:net'
import {randomBytes} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {startDistance, type DelayTimer} from '../../../testing/distance.ts'

interface Echo extends AsyncDisposable {
  readonly host: string
}

/** Starts a server that returns all bytes, and ends the connection after its client. */
async function startEcho(): Promise<Echo> {
  const sockets = new Set<Socket>()
  const server = createServer({allowHalfOpen: true}, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await listening(server)
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listening(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
}

function connect(host: string): Socket {
  return createConnection({host: '127.0.0.1', port: Number(host.split(':')[1])})
}

async function answerTo(host: string, pieces: readonly Buffer[]): Promise<Buffer> {
  const socket = connect(host)
  for (const piece of pieces) socket.write(piece)
  socket.end()
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe('a proxy with latency', () => {
  test.each([0, 6])('of %d ms preserves bytes and order', async (roundTripMs) => {
    await using echo = await startEcho()
    await using distance = await startDistance(echo.host, roundTripMs)
    const pieces = Array.from({length: 20}, (_, index) => randomBytes(1 + index * 7_000))
    expect((await answerTo(distance.host, pieces)).equals(Buffer.concat(pieces))).toBe(true)
  })

  test('delays an answer by the time of handshake and request', async () => {
    await using echo = await startEcho()
    let time = 0
    const timer: DelayTimer = {
      now: () => time,
      schedule: (work, ms) => {
        const due = time + ms
        setImmediate(() => {
          time = Math.max(time, due)
          work()
        })
      },
    }
    await using distance = await startDistance(echo.host, 40, {timer})
    const socket = connect(distance.host)
    socket.write('x')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    // One round trip each.
    expect(time).toBe(80)
  })

  test('reports the bytes of each connection', async () => {
    await using echo = await startEcho()
    const seen: string[] = []
    await using distance = await startDistance(echo.host, 0, {
      watch: ({connection, from, bytes}) => {
        seen.push(`${connection} ${from} ${bytes.toString()}`)
      },
    })
    await answerTo(distance.host, [Buffer.from('one')])
    await answerTo(distance.host, [Buffer.from('two')])
    expect(seen).toEqual(['1 client one', '1 server one', '2 client two', '2 server two'])
  })

  test('ends the connection if the target does not exist', async () => {
    const echo = await startEcho()
    const {host} = echo
    await echo[Symbol.asyncDispose]()
    await using distance = await startDistance(host, 2)
    const socket = connect(distance.host)
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('close', resolve))
    expect(socket.bytesRead).toBe(0)
  })

  test('ends all connections when it is disposed', async () => {
    await using echo = await startEcho()
    const distance = await startDistance(echo.host, 2)
    const socket = connect(distance.host)
    socket.on('error', () => undefined)
    socket.write('x')
    await new Promise((resolve) => socket.once('data', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await distance[Symbol.asyncDispose]()
    await closed
    expect(socket.destroyed).toBe(true)
  })
})
