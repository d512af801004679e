import {EventEmitter} from 'node:events'
import type {Duplex} from 'node:stream'
import {constants, createDeflate, createInflate, type Deflate, type Inflate} from 'node:zlib'
import {headerDictionary} from './spdy-dictionary.ts'

/*
 * Server side of SPDY/3.1, the framing of `exec` in Kubernetes: streams that a client opens on one connection. Limited to
 * what a client of Kubernetes sends; anything else ends the connection. Specification:
 * https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
 */

/** Stream that the client has opened. Events: `data` (Buffer), and `end` when the client has nothing more to send. */
export interface SpdyStream extends EventEmitter<{data: [Buffer]; end: []}> {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  /** Returns false if the connection accepts no more for now; it then emits `drain`. */
  write(chunk: Buffer): boolean
  end(): void
}

const control = {synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 9}
const fin = 1
const frameHead = 8
const longestFrame = 0xff_ff_ff

/** SPDY connection on an upgraded socket. Events: `stream` for each stream that the client opens. */
export class SpdyConnection extends EventEmitter<{stream: [SpdyStream]}> {
  readonly #socket: Duplex
  readonly #inflate: Inflate = createInflate({dictionary: headerDictionary(), finishFlush: constants.Z_SYNC_FLUSH})
  readonly #deflate: Deflate = createDeflate({dictionary: headerDictionary()})
  readonly #streams = new Map<number, SpdyStream>()
  #received: Buffer = Buffer.alloc(0)
  #work: Promise<void> = Promise.resolve()

  constructor(socket: Duplex, head: Buffer) {
    super()
    this.#socket = socket
    // Frames are handled one after another, because all header blocks share one compression context.
    const take = (chunk: Buffer): void => {
      this.#work = this.#work
        .then(async () => this.#take(chunk))
        .catch(() => {
          socket.destroy()
        })
    }
    if (head.length > 0) take(head)
    socket.on('data', take)
  }

  /** Connection below, for flow control and its end. */
  get socket(): Duplex {
    return this.#socket
  }

  async #take(chunk: Buffer): Promise<void> {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      if (this.#received.length < frameHead) return
      const length = this.#received.readUIntBE(5, 3)
      if (this.#received.length < frameHead + length) return
      const frame = this.#received.subarray(0, frameHead + length)
      this.#received = this.#received.subarray(frameHead + length)
      await this.#handle(frame)
    }
  }

  async #handle(frame: Buffer): Promise<void> {
    const body = frame.subarray(frameHead)
    const flags = frame.readUInt8(4)
    if (frame.readUInt8(0) < 0x80) {
      this.#data(frame.readUInt32BE(0), flags, body)
      return
    }
    if (frame.readUInt16BE(0) !== 0x80_03) throw new Error('not version 3 of SPDY')
    switch (frame.readUInt16BE(2)) {
      case control.synStream:
        await this.#open(body, flags)
        return
      case control.ping:
        this.#socket.write(frame)
        return
      case control.rstStream:
        this.#streams.get(body.readUInt32BE(0))?.emit('end')
        return
      case control.settings:
      case control.windowUpdate:
        return
      case control.goAway:
        this.#socket.end()
        return
      default:
        throw new Error(`unknown frame ${frame.readUInt16BE(2)}`)
    }
  }

  #data(id: number, flags: number, body: Buffer): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) throw new Error(`no stream ${id}`)
    if (body.length > 0) stream.emit('data', Buffer.from(body))
    if ((flags & fin) !== 0) stream.emit('end')
  }

  async #open(body: Buffer, flags: number): Promise<void> {
    const id = body.readUInt32BE(0)
    const headers = parseHeaders(await this.#inflated(body.subarray(10)))
    const stream = this.#stream(id, headers)
    this.#streams.set(id, stream)
    const idBytes = Buffer.alloc(4)
    idBytes.writeUInt32BE(id)
    const noHeaders = await this.#deflated(Buffer.alloc(4))
    this.#writeControl(control.synReply, Buffer.concat([idBytes, noHeaders]))
    this.emit('stream', stream)
    if ((flags & fin) !== 0) stream.emit('end')
  }

  #stream(id: number, headers: ReadonlyMap<string, string>): SpdyStream {
    let hasEnded = false
    const write = (chunk: Buffer, flags: number): boolean => {
      if (hasEnded || this.#socket.destroyed) return true
      hasEnded = (flags & fin) !== 0
      const head = Buffer.alloc(frameHead)
      head.writeUInt32BE(id)
      head.writeUInt8(flags, 4)
      head.writeUIntBE(chunk.length, 5, 3)
      return this.#socket.write(Buffer.concat([head, chunk]))
    }
    return Object.assign(new EventEmitter<{data: [Buffer]; end: []}>(), {
      headers,
      write: (chunk: Buffer) => {
        if (chunk.length > longestFrame) throw new Error('the chunk does not fit into a frame')
        return write(chunk, 0)
      },
      end: () => {
        write(Buffer.alloc(0), fin)
      },
    })
  }

  #writeControl(type: number, body: Buffer): void {
    const head = Buffer.alloc(frameHead)
    head.writeUInt16BE(0x80_03)
    head.writeUInt16BE(type, 2)
    head.writeUIntBE(body.length, 5, 3)
    this.#socket.write(Buffer.concat([head, body]))
  }

  async #inflated(block: Buffer): Promise<Buffer> {
    return transformed(this.#inflate, block)
  }

  async #deflated(block: Buffer): Promise<Buffer> {
    return transformed(this.#deflate, block)
  }
}

/** Passes a block through a compressor that all blocks share. */
async function transformed(through: Inflate | Deflate, block: Buffer): Promise<Buffer> {
  const parts: Buffer[] = []
  const collect = (part: Buffer): void => {
    parts.push(part)
  }
  through.on('data', collect)
  try {
    await new Promise<void>((resolve, reject) => {
      through.once('error', reject)
      through.write(block)
      through.flush(constants.Z_SYNC_FLUSH, () => {
        through.off('error', reject)
        resolve()
      })
    })
  } finally {
    through.off('data', collect)
  }
  return Buffer.concat(parts)
}

/** Parses a block of names and values, each after its length in four bytes; their number precedes them. */
function parseHeaders(block: Buffer): ReadonlyMap<string, string> {
  let offset = 4
  const text = (): string => {
    const start = offset + 4
    offset = start + block.readUInt32BE(offset)
    return block.toString('utf8', start, offset)
  }
  return new Map(Array.from({length: block.readUInt32BE(0)}, () => [text().toLowerCase(), text()] as const))
}
