import {chmod} from 'node:fs/promises'
import type {Socket} from 'node:net'
import path from 'node:path'
import {startSocketServer} from './socket-server.ts'

/** Longest request, in characters. */
const longestRequest = 4096

/**
 * Answers requests of one line on a Unix socket that only this user can open, or on a named pipe of Windows. Each
 * connection has one request. The socket does not keep the program running.
 * @throws NodeJS.ErrnoException
 */
export async function serveLocally(address: string, answer: (request: string) => Promise<string>): Promise<Disposable> {
  const server = await startSocketServer(shortest(address), (socket) => {
    respond(socket, answer)
  })
  try {
    if (!isPipe(address)) await chmod(address, 0o600)
  } catch (error) {
    await server.close()
    throw error
  }
  return {
    [Symbol.dispose]() {
      void server.close()
    },
  }
}

function respond(socket: Socket, answer: (request: string) => Promise<string>): void {
  let received = ''
  // The program may have ended.
  socket.on('error', () => undefined)
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const isComplete = received.includes('\n')
    received += chunk
    if (isComplete) return
    if (received.length > longestRequest) socket.destroy()
    else if (received.includes('\n')) {
      answer(received.slice(0, received.indexOf('\n'))).then(
        (text) => socket.end(text),
        () => socket.destroy(),
      )
    }
  })
}

/** The path of a socket has at most 103 bytes; a path relative to the working directory may be shorter. */
function shortest(address: string): string {
  const relative = path.relative('', address)
  return isPipe(address) || address.length <= relative.length ? address : relative
}

function isPipe(address: string): boolean {
  return address.startsWith(String.raw`\\.\pipe` + '\\')
}
