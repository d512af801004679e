import type {Http2Connection, Http2Response} from '../io/connections/http2-connection.ts'

/** Status codes of gRPC (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
export const grpcStatus = {ok: 0, unknown: 2, notFound: 5} as const

/** Failed call. */
export class GrpcError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'GrpcError'
    this.status = status
  }
}

/** Size of a message that a server sends at most: that of gRPC for containerd. */
const maxMessageBytes = 16 * 1024 * 1024

/**
 * Calls a method with one message, and returns the messages of the response
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 * @throws GrpcError with the status of the server; any other Error if the connection breaks.
 */
export async function* call(
  connection: Http2Connection,
  method: string,
  message: Uint8Array,
): AsyncGenerator<Uint8Array, void, undefined> {
  const headers = {'content-type': 'application/grpc', te: 'trailers'}
  const response = await connection.post(method, headers, framed(message))
  requireOk(response.headers, method)
  yield* messagesOf(response.body)
  const ended = {...response.headers, ...response.trailers()}
  if (ended['grpc-status'] === undefined) throw new Error(`${method} ended without a status`)
  requireOk(ended, method)
}

/** A message with its prefix: not compressed, and its length. */
function framed(message: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(prefixBytes)
  prefix.writeUInt32BE(message.byteLength, 1)
  return Buffer.concat([prefix, message])
}

const prefixBytes = 5

function requireOk(headers: Http2Response['headers'], method: string): void {
  const http = headers[':status']
  if (http !== undefined && Number(http) !== 200)
    throw new GrpcError(grpcStatus.unknown, `${method}: HTTP status ${String(http)}`)
  const status = headers['grpc-status']
  if (status === undefined || Number(status) === grpcStatus.ok) return
  throw new GrpcError(
    Number(status),
    decodeURIComponent(String(headers['grpc-message'] ?? `${method}: ${String(status)}`)),
  )
}

/** Splits a body into its messages, which may begin and end anywhere in its chunks. */
async function* messagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let chunks: Uint8Array[] = []
  let available = 0
  let needed = prefixBytes
  let isPrefix = true
  for await (const chunk of body) {
    chunks.push(chunk)
    available += chunk.byteLength
    while (available >= needed) {
      const whole = Buffer.concat(chunks)
      const part = whole.subarray(0, needed)
      chunks = [whole.subarray(needed)]
      available -= needed
      if (!isPrefix) yield part
      needed = isPrefix ? lengthIn(part) : prefixBytes
      isPrefix = !isPrefix
    }
  }
  if (available > 0 || !isPrefix) throw new Error('the last message is cut off')
}

function lengthIn(prefix: Buffer): number {
  if (prefix[0] !== 0) throw new GrpcError(grpcStatus.unknown, 'a compressed message')
  const length = prefix.readUInt32BE(1)
  if (length > maxMessageBytes) throw new GrpcError(grpcStatus.unknown, `a message of ${length} bytes`)
  return length
}
