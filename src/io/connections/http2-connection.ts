import http2, {type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders} from 'node:http2'
import type {Duplex} from 'node:stream'

/** Response of an HTTP/2 server, which may arrive in part. */
export interface Http2Response {
  readonly headers: IncomingHttpHeaders
  /** Ends with an error if the connection breaks. */
  readonly body: AsyncIterable<Uint8Array>
  /** Headers after the body. Empty before its end. */
  readonly trailers: () => IncomingHttpHeaders
}

/** Connection to one HTTP/2 server, without TLS. */
export interface Http2Connection extends Disposable {
  /** Sends a POST request. @throws Error if the connection breaks before the response. */
  post(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<Http2Response>
}

/**
 * Bytes that the server may send ahead on one stream and on the connection. The default of 64 KiB costs a round trip for
 * each 64 KiB.
 */
const streamWindow = 4 * 1024 * 1024
const connectionWindow = 24 * 1024 * 1024

/** Time without a byte after which a server counts as silent. */
const silenceMs = 60_000

/** Time that a server may take until it speaks HTTP/2. A program that connects to it starts in that time. */
const settingsMs = 10_000

/**
 * Speaks HTTP/2 on a stream, when the server does so too. `reasonOf` returns the reason why the stream ended.
 * @throws Error if the stream ends before; with the code `ETIMEDOUT` if the server is silent for `limitMs`.
 */
export async function http2Connection(
  stream: Duplex,
  reasonOf: () => Error | undefined,
  limitMs = settingsMs,
): Promise<Http2Connection> {
  const session = http2.connect('http://localhost', {
    createConnection: () => stream,
    settings: {initialWindowSize: streamWindow, enablePush: false},
  })
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(silent(limitMs))
      session.destroy()
      stream.destroy()
    }, limitMs)
    // Later, each request reports the error.
    session.on('error', (error: Error) => {
      reject(reasonOf() ?? error)
    })
    session.once('close', () => {
      clearTimeout(timer)
      reject(reasonOf() ?? closed())
    })
    session.once('remoteSettings', () => {
      clearTimeout(timer)
      resolve(undefined)
    })
  })
  session.setLocalWindowSize(connectionWindow)
  return {
    post: async (path, headers, body) =>
      post(session, {':method': 'POST', ':path': path, ...headers}, {body, reasonOf}),
    [Symbol.dispose]() {
      session.destroy()
      stream.destroy()
    },
  }
}

interface Sent {
  readonly body: Uint8Array
  readonly reasonOf: () => Error | undefined
}

async function post(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  {body, reasonOf}: Sent,
): Promise<Http2Response> {
  if (session.destroyed) throw reasonOf() ?? closed()
  const request = session.request(headers)
  let trailers: IncomingHttpHeaders = {}
  request.on('trailers', (found: IncomingHttpHeaders) => {
    trailers = found
  })
  const response = new Promise<IncomingHttpHeaders>((resolve, reject) => {
    request.once('response', resolve)
    request.on('error', (error: Error) => {
      reject(reasonOf() ?? error)
    })
    request.once('close', () => {
      reject(reasonOf() ?? closed())
    })
  })
  request.end(body)
  return {headers: await beforeSilence(response, request), body: chunksOf(request, reasonOf), trailers: () => trailers}
}

async function* chunksOf(
  request: ClientHttp2Stream,
  reasonOf: () => Error | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    const chunks: AsyncIterator<unknown> = request[Symbol.asyncIterator]()
    for (;;) {
      const next = await beforeSilence(chunks.next(), request)
      if (next.done === true) return
      if (next.value instanceof Uint8Array) yield next.value
    }
  } catch (error) {
    throw reasonOf() ?? error
  } finally {
    request.destroy()
  }
}

/** Ends the request if the promise takes longer than a server may be silent. */
async function beforeSilence<T>(promise: Promise<T>, request: ClientHttp2Stream): Promise<T> {
  const timer = setTimeout(() => {
    request.destroy(silent(silenceMs))
  }, silenceMs)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

function silent(ms: number): Error {
  return Object.assign(new Error(`no response within ${ms / 1000} s`), {code: 'ETIMEDOUT'})
}

function closed(): Error {
  return Object.assign(new Error('the connection was closed'), {code: 'ECONNRESET'})
}
