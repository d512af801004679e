import {errorMessage, TagboatError} from '../errors/error.ts'
import type {Http2Connection} from '../io/connections/http2-connection.ts'
import type {Digest} from '../oci/digest.ts'
import {readContent} from './content-store.ts'
import {GrpcError, grpcStatus} from './grpc.ts'

/** Content of a BuildKit, by digest. Not verified. */
export interface ContentSource extends Disposable {
  /** Waits for the connection. @throws ContentUnavailable */
  connected(): Promise<void>
  /** Reads a document to its end. @throws ContentUnavailable */
  read(digest: Digest): Promise<Buffer>
  /** Streams a blob from its start. A broken connection is continued at its offset. @throws ContentUnavailable */
  open(digest: Digest): AsyncIterable<Uint8Array>
}

/** The builder does not have the content, or cannot be read. The image has to be published in another way. */
export class ContentUnavailable extends TagboatError {
  /** Whether the builder can be read, and states that it does not have the content. */
  readonly isMissing: boolean

  constructor(what: string, cause: unknown) {
    super('unexpected', {message: `${what}: ${errorMessage(cause)}`, cause})
    this.isMissing = cause instanceof GrpcError && cause.status === grpcStatus.notFound
  }
}

/** Connections that are opened for one blob at most. */
const maxConnections = 4

/**
 * Opens the content of a BuildKit. It is connected at once, since that takes as long as a short build, and again if the
 * connection breaks.
 */
export function contentSource(connect: () => Promise<Http2Connection>, signal: AbortSignal): ContentSource {
  const connections = new Connections(connect)
  const open = (digest: Digest): AsyncGenerator<Uint8Array, void, undefined> => resumed(digest, connections, signal)
  return {
    async connected() {
      try {
        await connections.current
      } catch (error) {
        signal.throwIfAborted()
        throw new ContentUnavailable('the connection', error)
      }
    },
    open,
    async read(digest) {
      const chunks: Uint8Array[] = []
      for await (const chunk of open(digest)) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    [Symbol.dispose]() {
      connections[Symbol.dispose]()
    },
  }
}

async function* resumed(
  digest: Digest,
  connections: Connections,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let position = 0
  for (let opened = 1; ; opened += 1) {
    const used = connections.current
    try {
      for await (const chunk of readContent(await used, digest, position)) {
        position += chunk.byteLength
        yield chunk
      }
      return
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof GrpcError || opened === maxConnections) throw new ContentUnavailable(digest, error)
      connections.drop(used)
    }
  }
}

/** One connection at a time. */
class Connections implements Disposable {
  readonly #connect: () => Promise<Http2Connection>
  #current: Promise<Http2Connection> | undefined
  #isClosed = false

  constructor(connect: () => Promise<Http2Connection>) {
    this.#connect = connect
    void this.current
  }

  get current(): Promise<Http2Connection> {
    this.#current ??= this.#open()
    // Each reader receives the error.
    this.#current.catch(() => undefined)
    return this.#current
  }

  /** Closes the connection, unless `used` is an earlier one. */
  drop(used = this.#current): void {
    if (used !== this.#current) return
    this.#current = undefined
    used?.then(
      (connection) => {
        connection[Symbol.dispose]()
      },
      () => undefined,
    )
  }

  [Symbol.dispose](): void {
    this.drop()
    this.#isClosed = true
  }

  async #open(): Promise<Http2Connection> {
    if (this.#isClosed) throw new Error('the connection was closed')
    return this.#connect()
  }
}
