import {describe, expect, test} from '@jest/globals'
import {markVerified, verified} from '../../../../src/registry/upload/verified.ts'
import {memoryRegistry} from '../../../../testing/memory-registry.ts'
import {inChunks, randomBlob, testBlob, testClients} from '../../../../testing/registry-client.ts'

const where = 'registry.example/app'

/** Bytes of a stream, and the error that ended it. */
async function taken(source: AsyncIterable<Uint8Array>): Promise<{readonly bytes: Buffer; readonly error: unknown}> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of source) chunks.push(chunk)
  } catch (error) {
    return {bytes: Buffer.concat(chunks), error}
  }
  return {bytes: Buffer.concat(chunks), error: undefined}
}

describe('verified bytes', () => {
  const blob = testBlob(Buffer.from('some bytes'))
  const wrong = Buffer.from('xxxx bytes')

  test('are the same', async () => {
    expect(await taken(verified(inChunks(blob.bytes, 3), blob, where))).toEqual({bytes: blob.bytes, error: undefined})
  })

  test.each([
    {name: 'others', bytes: wrong},
    {name: 'less', bytes: blob.bytes.subarray(1)},
    {name: 'more', bytes: Buffer.concat([blob.bytes, Buffer.from('x')])},
  ])('that are $name end before the last of them', async ({bytes}) => {
    const result = await taken(verified(inChunks(bytes, 3), blob, where))
    expect(result.error).toMatchObject({code: 'content-corrupt'})
    expect(result.bytes.length).toBeLessThan(blob.sizeBytes)
  })

  test('are not checked again where they check themselves for this blob, and for no other', async () => {
    const other = testBlob(Buffer.from('other byte'))
    const source = markVerified(inChunks(wrong, 3), blob)
    expect((await taken(verified(source, blob, where))).bytes).toEqual(wrong)
    const again = markVerified(inChunks(wrong, 3), blob)
    expect((await taken(verified(again, other, where))).error).toMatchObject({code: 'content-corrupt'})
  })
})

describe('bytes of a large blob, which are hashed on a thread', () => {
  const large = randomBlob(33 * 1024 ** 2 + 1)
  const where = 'registry.example/large'

  test('pass unchanged', async () => {
    const result = await taken(verified(inChunks(large.bytes, 700_001), large, where))
    expect(result.error).toBeUndefined()
    expect(result.bytes.equals(large.bytes)).toBe(true)
  })

  test('are refused before the last of them if one differs', async () => {
    const bytes = Buffer.from(large.bytes)
    bytes[5] = 255 - (bytes[5] ?? 0)
    const result = await taken(verified(inChunks(bytes, 2_000_000), large, where))
    expect(result.error).toMatchObject({code: 'content-corrupt'})
    expect(result.bytes.length).toBeLessThan(large.sizeBytes)
  })

  test('of several blobs pass together; a wrong one is refused', async () => {
    const others = Array.from({length: 3}, () => randomBlob(33 * 1024 ** 2))
    const [first, second, third] = others
    if (first === undefined || second === undefined || third === undefined) throw new Error('no blobs')
    const results = await Promise.all([
      taken(verified(inChunks(first.bytes, 900_000), first, where)),
      taken(verified(inChunks(first.bytes, 300_000), second, where)),
      taken(verified(inChunks(third.bytes, 500_000), third, where)),
    ])
    expect(results.map(({error}) => error)).toEqual([
      undefined,
      expect.objectContaining({code: 'content-corrupt'}),
      undefined,
    ])
  })

  test('may have a consumer that stops early', async () => {
    for await (const chunk of verified(inChunks(large.bytes, 100_000), large, where)) {
      expect(chunk).toHaveLength(100_000)
      break
    }
  })
})

describe('a blob that is read from a registry', () => {
  test('a corrupt stream does not end, so that a consumer that forwards it does not complete a blob', async () => {
    const registry = memoryRegistry()
    const [blob, damaged] = [randomBlob(200_000), randomBlob(200_000)]
    using clients = testClients(registry.http(), {retries: 0})
    const [source, destination] = [clients.of(registry.host, 'app'), clients.of(registry.host, 'copy')]
    await source.uploadBlob(blob, blob.open)
    registry.endpoint.core.store.repositories.get('app')?.blobs.set(blob.digest, damaged.bytes)
    const result = await taken(source.readBlob(blob))
    expect(result.error).toMatchObject({code: 'content-corrupt'})
    expect(result.bytes.length).toBeLessThan(blob.sizeBytes)
    await expect(destination.uploadBlob(blob, () => source.readBlob(blob))).rejects.toMatchObject({
      code: 'content-corrupt',
    })
    expect(await destination.hasBlob(blob)).toBe(false)
  })
})
