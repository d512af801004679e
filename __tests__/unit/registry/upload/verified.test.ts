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
