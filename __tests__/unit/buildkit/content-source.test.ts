import {describe, expect, test} from '@jest/globals'
import {ContentUnavailable, contentSource} from '../../../src/buildkit/content-source.ts'
import type {Http2Connection} from '../../../src/io/connections/http2-connection.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {
  contentAnswer,
  readRequest,
  startGrpcServer,
  type GrpcAnswer,
  type GrpcCall,
} from '../../../testing/content-server.ts'

const bytes = Buffer.from(Array.from({length: 100_000}, (_, index) => index % 251))
const digest = digestOf(bytes)
const {signal} = new AbortController()
const answer = contentAnswer(new Map([[digest, bytes]]), 10_000)

/** Answers of which the first ones break after some messages. */
function breaking(times: number, messages: number): (call: GrpcCall) => GrpcAnswer {
  let count = 0
  return (call) => {
    const whole = answer(call)
    count += 1
    return count > times ? whole : {pieces: whole.pieces?.slice(0, messages) ?? [], breaks: true}
  }
}

describe('contentSource', () => {
  test('continues a blob at its offset when the connection breaks', async () => {
    await using server = await startGrpcServer(breaking(2, 3))
    using source = contentSource(async () => server.connect(), signal)
    expect(await source.read(digest)).toEqual(bytes)
    const offsets = server.calls.map(({body}) => readRequest(body).offset)
    expect(offsets).toHaveLength(3)
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
    expect(offsets[2]).toBeGreaterThan(0)
  })

  test('gives up after four connections', async () => {
    await using server = await startGrpcServer(breaking(Infinity, 1))
    using source = contentSource(async () => server.connect(), signal)
    const failure = await source.read(digest).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ContentUnavailable)
    expect(failure).toMatchObject({isMissing: false})
    expect(server.calls).toHaveLength(4)
  })

  test('does not repeat a read that the server refuses', async () => {
    await using server = await startGrpcServer(answer)
    using source = contentSource(async () => server.connect(), signal)
    const other = digestOf(Buffer.from('other'))
    await expect(source.read(other)).rejects.toMatchObject({isMissing: true})
    expect(server.calls).toHaveLength(1)
  })

  test('connects once for concurrent blobs', async () => {
    await using server = await startGrpcServer(answer)
    let connected = 0
    using source = contentSource(async () => {
      connected += 1
      return server.connect()
    }, signal)
    await source.connected()
    const all = await Promise.all([1, 2, 3].map(async () => source.read(digest)))
    expect(all.every((one) => one.equals(bytes))).toBe(true)
    expect(connected).toBe(1)
  })

  test('reports a connection that is refused', async () => {
    using source = contentSource(async () => Promise.reject(new Error('refused')), signal)
    await expect(source.connected()).rejects.toBeInstanceOf(ContentUnavailable)
    await expect(source.read(digest)).rejects.toBeInstanceOf(ContentUnavailable)
  })

  test('opens no connection after it was closed', async () => {
    await using server = await startGrpcServer(answer)
    const opened: Http2Connection[] = []
    const source = contentSource(async () => {
      opened.push(await server.connect())
      return server.connect()
    }, signal)
    await source.connected()
    source[Symbol.dispose]()
    await expect(source.read(digest)).rejects.toBeInstanceOf(ContentUnavailable)
    expect(opened).toHaveLength(1)
  })

  test('throws the reason of a cancellation', async () => {
    const stop = new AbortController()
    const reason = new Error('cancelled by the test')
    using source = contentSource(async () => {
      stop.abort(reason)
      return Promise.reject(new Error('refused'))
    }, stop.signal)
    await expect(source.read(digest)).rejects.toBe(reason)
  })
})
