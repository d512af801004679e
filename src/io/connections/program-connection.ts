import type {ChildProcess} from 'node:child_process'
import {Socket} from 'node:net'
import {errorCode} from '../../errors/node-error.ts'
import {exitCodeOf, missingProgram, startChild} from '../child-processes/child.ts'
import {standaloneBuildx, type Command} from '../command.ts'
import {http2Connection, type Http2Connection} from './http2-connection.ts'

/** Characters of the error output that are kept. */
const keptCharacters = 4096
/** Exit code of a shell that does not find the program. */
const notFound = 127

/**
 * Starts a program that connects its standard streams to an HTTP/2 server. The program ends with the connection, and is
 * killed on cancellation.
 * @throws TagboatError `docker-missing`; Error with the last line of the program if it does not connect.
 */
export async function connectProgram(command: Command, signal: AbortSignal): Promise<Http2Connection> {
  for (const one of [command, ...standaloneBuildx(command)]) {
    const found = await connectOne(one, signal)
    if (found !== undefined) return found
  }
  throw missingProgram(command.file, undefined)
}

/**
 * Connects by one program; undefined if it does not exist. A shell makes both of its standard streams one socket: HTTP/2
 * of Node takes twice as long on a stream that is not a socket, and fails an assertion if that ends early.
 */
async function connectOne({file, args, env}: Command, signal: AbortSignal): Promise<Http2Connection | undefined> {
  signal.throwIfAborted()
  const shell = {file: 'sh', args: ['-c', 'exec "$@" <&3 >&3 3>&-', 'sh', file, ...args], env}
  const child = startChild(shell, false, () => undefined, ['ignore', 'ignore', 'pipe', 'pipe'])
  const stream = child.process.stdio[3]
  if (!(stream instanceof Socket)) throw new TypeError('a program without a socket')
  let reason: Error | undefined
  const end = (error: Error): void => {
    reason ??= error
    stream.destroy()
  }
  const kill = (): void => {
    end(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
    child.send('SIGKILL')
  }
  const printed = errorsOf(child.process)
  signal.addEventListener('abort', kill, {once: true})
  const exited = new Promise<number>((resolve) => {
    child.process.once('error', (error) => {
      end(error)
      resolve(notFound)
    })
    child.process.once('close', (code) => {
      signal.removeEventListener('abort', kill)
      end(ended(file, code, printed()))
      resolve(exitCodeOf(code))
    })
  })
  try {
    const connection = await http2Connection(stream, () => reason)
    return {
      ...connection,
      [Symbol.dispose]() {
        connection[Symbol.dispose]()
        child.send('SIGKILL')
      },
    }
  } catch (error) {
    if (error instanceof Error && errorCode(error) === 'ETIMEDOUT') end(error)
    child.send('SIGKILL')
    if ((await exited) === notFound) return undefined
    throw reason ?? error
  }
}

function errorsOf({stderr}: ChildProcess): () => string {
  let printed = ''
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    printed = (printed + chunk).slice(-keptCharacters)
  })
  return () => printed
}

function ended(file: string, code: number | null, printed: string): Error {
  const [last] = printed.trim().split('\n').slice(-1)
  const text = last === undefined || last === '' ? `${file} ended with code ${exitCodeOf(code)}` : last
  return Object.assign(new Error(text), {code: 'ECONNRESET'})
}
