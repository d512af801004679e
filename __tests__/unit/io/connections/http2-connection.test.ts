import {connect, createServer, type AddressInfo, type Socket} from 'node:net'
import {describe, expect, test} from '@jest/globals'
import {http2Connection} from '../../../../src/io/connections/http2-connection.ts'

/** Server that accepts connections, and never sends a byte. */
async function silentServer(): Promise<AsyncDisposable & {readonly open: () => Promise<Socket>}> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).resume()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    async open() {
      const socket = connect(port, '127.0.0.1')
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return socket
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('http2Connection', () => {
  test('gives up a server that never speaks HTTP/2, and closes the stream', async () => {
    await using server = await silentServer()
    const socket = await server.open()
    await expect(http2Connection(socket, () => undefined, 20)).rejects.toMatchObject({code: 'ETIMEDOUT'})
    expect(socket.destroyed).toBe(true)
  })

  test('reports the reason of a stream that ends before', async () => {
    await using server = await silentServer()
    const socket = await server.open()
    const reason = new Error('the program ended')
    const connecting = http2Connection(socket, () => reason)
    socket.destroy()
    await expect(connecting).rejects.toBe(reason)
  })
})
