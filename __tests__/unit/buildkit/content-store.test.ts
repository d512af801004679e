import {describe, expect, test} from '@jest/globals'
import {readContent} from '../../../src/buildkit/content-store.ts'
import {GrpcError} from '../../../src/buildkit/grpc.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import {
  contentAnswer,
  grpcFrame,
  protobufField,
  readRequest,
  startGrpcServer,
  type GrpcAnswer,
} from '../../../testing/content-server.ts'

const bytes = Buffer.from(Array.from({length: 300_000}, (_, index) => index % 251))
const digest = digestOf(bytes)
const message = grpcFrame(Buffer.concat([protobufField(1, 0), protobufField(2, bytes)]))

async function read(answer: GrpcAnswer, offset = 0): Promise<Buffer> {
  await using server = await startGrpcServer(() => answer)
  using connection = await server.connect()
  const chunks: Uint8Array[] = []
  for await (const chunk of readContent(connection, digest, offset)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('readContent', () => {
  test('asks the content service for the digest', async () => {
    await using server = await startGrpcServer(contentAnswer(new Map([[digest, bytes]])))
    using connection = await server.connect()
    const chunks: Uint8Array[] = []
    for await (const chunk of readContent(connection, digest, 0)) chunks.push(chunk)
    expect(Buffer.concat(chunks)).toEqual(bytes)
    expect(server.calls.map(({path}) => path)).toEqual(['/containerd.services.content.v1.Content/Read'])
    expect(server.calls.map(({body}) => readRequest(body))).toEqual([{digest, offset: 0}])
  })

  test('reads from an offset', async () => {
    await using server = await startGrpcServer(contentAnswer(new Map([[digest, bytes]]), 1000))
    using connection = await server.connect()
    const chunks: Uint8Array[] = []
    for await (const chunk of readContent(connection, digest, 200_001)) chunks.push(chunk)
    expect(Buffer.concat(chunks)).toEqual(bytes.subarray(200_001))
    expect(readRequest(server.calls[0]?.body ?? Buffer.alloc(0)).offset).toBe(200_001)
  })

  test.each([
    {name: 'one byte', size: 1, total: 40},
    {name: 'three bytes', size: 3, total: 200},
    {name: 'many kilobytes', size: 70_000, total: message.byteLength},
  ])('joins frames of $name', async ({size, total}) => {
    const data = bytes.subarray(0, Math.min(bytes.byteLength, total))
    const half = Math.floor(data.byteLength / 2)
    const whole = Buffer.concat([
      grpcFrame(protobufField(2, data.subarray(0, half))),
      grpcFrame(Buffer.concat([protobufField(1, half), protobufField(2, data.subarray(half))])),
    ])
    const pieces = Array.from({length: Math.ceil(whole.byteLength / size)}, (_, index) =>
      whole.subarray(index * size, (index + 1) * size),
    )
    expect(await read({pieces})).toEqual(data)
  })

  test('reads several messages of one frame', async () => {
    const two = Buffer.concat([
      grpcFrame(protobufField(2, Buffer.from('one'))),
      grpcFrame(Buffer.concat([protobufField(1, 3), protobufField(2, Buffer.from('two'))])),
    ])
    expect((await read({pieces: [two]})).toString()).toBe('onetwo')
  })

  test.each([
    {name: 'without a body', pieces: []},
    {name: 'after a message', pieces: [message]},
  ])('reports the status of the server $name', async ({pieces}) => {
    await expect(read({pieces, status: 5, message: 'not found, "ä"'})).rejects.toMatchObject({
      status: 5,
      message: 'not found, "ä"',
    })
  })

  test.each<{readonly name: string; readonly answer: GrpcAnswer}>([
    {name: 'a compressed message', answer: {pieces: [grpcFrame(protobufField(1, 0), 1)]}},
    {name: 'a message of 4 GB', answer: {pieces: [Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])]}},
    {name: 'content of another offset', answer: {pieces: [grpcFrame(protobufField(1, 7))]}},
  ])('rejects $name', async ({answer}) => {
    await expect(read(answer)).rejects.toMatchObject({name: 'GrpcError', status: 2})
  })

  test('rejects a message that is not valid', async () => {
    await expect(read({pieces: [grpcFrame(Buffer.from([0x12, 0x7f]))]})).rejects.toThrow(RangeError)
  })

  // They are repeated, unlike what a server answers.
  test.each<{readonly name: string; readonly answer: GrpcAnswer}>([
    {name: 'in a message', answer: {pieces: [message.subarray(0, 100)], breaks: true}},
    {name: 'after a message', answer: {pieces: [message], breaks: true}},
    {name: 'before a message', answer: {breaks: true}},
    {name: 'in a message, without an error', answer: {pieces: [message.subarray(0, 100)]}},
    {name: 'in a prefix, without an error', answer: {pieces: [message, message.subarray(0, 3)]}},
    {name: 'before the status, without an error', answer: {pieces: [message], status: undefined}},
  ])('reports a connection that ends $name', async ({answer}) => {
    const failure: unknown = await read(answer).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Error)
    expect(failure).not.toBeInstanceOf(GrpcError)
  })
})
