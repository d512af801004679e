import {createServer, type Http2Server, type ServerHttp2Stream} from 'node:http2'
import {connect, type AddressInfo, type Socket} from 'node:net'
import {http2Connection, type Http2Connection} from '../src/io/connections/http2-connection.ts'

/** Response to one call. */
export interface GrpcAnswer {
  /** Pieces of the body, each sent in a frame of its own. */
  readonly pieces?: readonly Uint8Array[]
  /** Default: 0. Undefined ends the response without a status. */
  readonly status?: number | undefined
  readonly message?: string
  /** Closes the connection after the pieces. */
  readonly breaks?: boolean
}

/** Call that a server received. */
export interface GrpcCall {
  readonly path: string
  readonly body: Buffer
}

/** HTTP/2 server on a loopback address that answers gRPC calls. */
export interface GrpcServer extends AsyncDisposable {
  readonly calls: readonly GrpcCall[]
  readonly port: number
  /** Opens a connection of the client. */
  connect(): Promise<Http2Connection>
}

export async function startGrpcServer(answer: (call: GrpcCall) => GrpcAnswer): Promise<GrpcServer> {
  const calls: GrpcCall[] = []
  const sockets = new Set<Socket>()
  const server: Http2Server = createServer()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => undefined)
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const call = {path: headers[':path'] ?? '', body: Buffer.concat(chunks)}
      calls.push(call)
      send(stream, answer(call))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    calls,
    port,
    async connect() {
      const socket = connect(port, '127.0.0.1')
      await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
      return await http2Connection(socket, () => undefined)
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(stream: ServerHttp2Stream, answer: GrpcAnswer): void {
  const {pieces = [], message, breaks = false} = answer
  const status = 'status' in answer ? answer.status : 0
  const ending = {
    ...(status !== undefined && {'grpc-status': String(status)}),
    ...(message !== undefined && {'grpc-message': encodeURIComponent(message)}),
  }
  if (pieces.length === 0 && !breaks) {
    stream.respond({':status': 200, 'content-type': 'application/grpc', ...ending}, {endStream: true})
    return
  }
  stream.respond({':status': 200, 'content-type': 'application/grpc'}, {waitForTrailers: !breaks})
  stream.once('wantTrailers', () => {
    stream.sendTrailers(ending)
  })
  const next = ([piece, ...others]: readonly Uint8Array[]): void => {
    if (piece !== undefined) stream.write(piece, () => setImmediate(next, others))
    else if (breaks) stream.session?.destroy()
    else stream.end()
  }
  next(pieces)
}

/** A message with the prefix of gRPC. */
export function grpcFrame(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5)
  prefix[0] = flag
  prefix.writeUInt32BE(message.byteLength, 1)
  return Buffer.concat([prefix, message])
}

/** Field of a Protocol Buffers message: a number, or bytes of any length. */
export function protobufField(number: number, value: number | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.from([number * 8, ...base128(value)])
  return Buffer.concat([Buffer.from([number * 8 + 2, ...base128(value.byteLength)]), value])
}

function base128(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...base128(Math.floor(value / 0x80))]
}

/** Digest and offset of a request to read content. */
export function readRequest(body: Uint8Array): {readonly digest: string; readonly offset: number} {
  const text = Buffer.from(body).subarray(5)
  const digest = text.subarray(2, 2 + (text[1] ?? 0)).toString()
  const rest = text.subarray(2 + (text[1] ?? 0) + 1)
  return {digest, offset: rest.reduceRight((sum, byte) => sum * 0x80 + (byte % 0x80), 0)}
}

/** Content server of these blobs, in messages of this size. */
export function contentAnswer(
  blobs: ReadonlyMap<string, Uint8Array>,
  messageBytes = 1024 * 1024,
): (call: GrpcCall) => GrpcAnswer {
  return ({body}) => {
    const {digest, offset} = readRequest(body)
    const bytes = blobs.get(digest)
    if (bytes === undefined) return {status: 5, message: `content digest ${digest}: not found`}
    const pieces: Buffer[] = []
    for (let at = offset; at < bytes.byteLength; at += messageBytes) {
      const data = bytes.subarray(at, at + messageBytes)
      pieces.push(grpcFrame(Buffer.concat([protobufField(1, at), protobufField(2, data)])))
    }
    return {pieces}
  }
}

/** Connection to blobs in memory, without a network. */
export function memoryContent(blobs: ReadonlyMap<string, Uint8Array>): Http2Connection {
  const answer = contentAnswer(blobs)
  return {
    post: async (path, _, body) => {
      const {pieces = [], status = 0, message = ''} = answer({path, body: Buffer.from(body)})
      const ending = {'grpc-status': String(status), 'grpc-message': encodeURIComponent(message)}
      const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        for (const piece of pieces) yield await Promise.resolve(piece)
      }
      return Promise.resolve({
        headers: pieces.length === 0 ? {':status': '200', ...ending} : {':status': '200'},
        body: chunks(),
        trailers: () => ending,
      })
    },
    [Symbol.dispose]: () => undefined,
  }
}

/** Worker of a BuildKit, as a server describes it. */
export interface ServedWorker {
  readonly labels?: readonly string[]
  /** Architecture, system and variant of each platform. */
  readonly platforms?: readonly (readonly string[])[]
}

/** Control server of a BuildKit with these workers, and this version; without one, it is as before BuildKit 0.11. */
export function controlAnswer(
  workers: readonly ServedWorker[],
  version: string | undefined,
): (call: GrpcCall) => GrpcAnswer {
  const text = (number: number, value: string): Buffer => protobufField(number, Buffer.from(value))
  const texts = (values: readonly string[]): Buffer =>
    Buffer.concat(values.map((value, index) => text(index + 1, value)))
  const worker = ({labels = [], platforms = []}: ServedWorker): Buffer =>
    Buffer.concat([
      text(1, 'id'),
      ...labels.map((name) => protobufField(2, texts([name, 'value']))),
      ...platforms.map((platform) => protobufField(3, texts(platform))),
    ])
  return ({path}) => {
    if (path.endsWith('/ListWorkers')) {
      return {pieces: [grpcFrame(Buffer.concat(workers.map((one) => protobufField(1, worker(one)))))]}
    }
    if (version === undefined || !path.endsWith('/Info')) return {status: 12, message: `unknown method ${path}`}
    return {pieces: [grpcFrame(protobufField(1, texts(['github.com/moby/buildkit', version])))]}
  }
}
