import {afterEach, beforeEach, expect, test} from '@jest/globals'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createServer, type Server} from 'node:http'
import {connect, type AddressInfo, type Socket} from 'node:net'
import path from 'node:path'
import {startUpgradeRelay} from '../../../../src/io/connections/upgrade-relay.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../../../testing/fake-io.ts'

let directory: TemporaryDirectory
let server: Server
let upgraded: Socket[]
let socketPath: string
let relay: AsyncDisposable

beforeEach(async () => {
  directory = await temporaryDirectory()
  upgraded = []
  // Greets the client, and repeats what it says.
  server = createServer((_, response) => response.writeHead(400).end())
  server.on('upgrade', ({url, headers}, socket: Socket) => {
    upgraded.push(socket)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
    socket.write(`${url ?? ''} ${headers.upgrade ?? ''};`)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  const address = {at: {host: '127.0.0.1', port}, upgrade: '/grpc'}
  socketPath = path.join(directory.path, 'engine.sock')
  relay = await startUpgradeRelay(address, socketPath)
})

afterEach(async () => {
  await relay[Symbol.asyncDispose]()
  for (const socket of upgraded) socket.destroy()
  server.close()
  await directory[Symbol.asyncDispose]()
})

function client(): Socket {
  return connect(socketPath)
}

test('connects a client after the upgrade, in both directions', async () => {
  const socket = client()
  socket.write('hello')
  let text = ''
  for await (const chunk of socket.setEncoding('utf8')) {
    text += String(chunk)
    if (text.length === '/grpc h2c;hello'.length) break
  }
  expect(text).toBe('/grpc h2c;hello')
})

test('closes the connection of a client if the server closes', async () => {
  const socket = client()
  await once(socket, 'data')
  upgraded[0]?.destroy()
  await once(socket, 'close')
  expect(socket.destroyed).toBe(true)
})

test('closes the connection of a client that cannot be upgraded', async () => {
  server.removeAllListeners('upgrade')
  const socket = client()
  socket.resume()
  await once(socket, 'close')
  expect(socket.destroyed).toBe(true)
})

test('ends open connections when it is disposed of', async () => {
  const socket = client()
  await once(socket, 'data')
  const closed = Promise.all([once(socket, 'close'), once(upgraded[0] ?? socket, 'close')])
  await relay[Symbol.asyncDispose]()
  await closed
  expect(socket.destroyed).toBe(true)
})

test('refuses a path that is too long', async () => {
  const address = {at: {path: '/nowhere'}, upgrade: '/grpc'}
  await expect(startUpgradeRelay(address, path.join(directory.path, 'x'.repeat(200)))).rejects.toThrow()
})

test('does not keep the program running', async () => {
  const file = new URL('../../../../src/io/connections/upgrade-relay.ts', import.meta.url)
  const args = [{at: {path: '/nowhere'}, upgrade: '/grpc'}, path.join(directory.path, 'other.sock')]
  const program = `const {startUpgradeRelay} = await import(${JSON.stringify(file.href)})
    await startUpgradeRelay(...${JSON.stringify(args)})
    process.stdout.write('started')`
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  expect(await once(child, 'close')).toEqual([0, null])
  expect(output).toBe('started')
})
