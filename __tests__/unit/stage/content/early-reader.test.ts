import {describe, expect, test} from '@jest/globals'
import {ContentUnavailable} from '../../../../src/buildkit/content-source.ts'
import {GrpcError} from '../../../../src/buildkit/grpc.ts'
import {digestOf} from '../../../../src/oci/digest.ts'
import {earlyReader} from '../../../../src/stage/content/early-reader.ts'

const digest = digestOf(Buffer.from('an index'))
const other = digestOf(Buffer.from('another index'))
const missing = new ContentUnavailable(digest, new GrpcError(5, 'not found'))

/** Reader that finds the content at the given read; at no read for Infinity. */
function readerWith(foundAt: number): {
  readonly early: ReturnType<typeof earlyReader<string>>
  readonly reads: string[]
  readonly used: string[]
} {
  const reads: string[] = []
  const used: string[] = []
  const early = earlyReader({
    use: async (image: string) => {
      used.push(image)
      return Promise.resolve()
    },
    read: async (wanted: string) => {
      reads.push(wanted)
      return reads.length < foundAt ? Promise.reject(missing) : Promise.resolve(`content of ${wanted}`)
    },
    pause: async () => new Promise((resolve) => setImmediate(resolve)),
  })
  return {early, reads, used}
}

describe('earlyReader', () => {
  test.each([
    {name: 'a record', text: `{"statuses":[{"id":"exporting manifest list ${digest}","vertex":"sha256:0"}]}\n`},
    {name: 'a line of plain progress', text: `#9 exporting manifest list ${digest} 0.0s done\n`},
  ])('reads an index that the progress names in $name, once', async ({text}) => {
    const {early, reads} = readerWith(1)
    for (const half of [text.slice(0, 40), text.slice(40)]) early.take(half)
    early.take(text)
    expect(reads).toEqual([digest])
    expect(await early.read(digest)).toBe(`content of ${digest}`)
    expect(reads).toEqual([digest])
  })

  test('repeats the read until the content is written', async () => {
    const {early, reads} = readerWith(4)
    early.take(`exporting manifest list ${digest}`)
    while (reads.length < 4) await new Promise((resolve) => setImmediate(resolve))
    expect(await early.read(digest)).toBe(`content of ${digest}`)
    expect(reads).toHaveLength(4)
  })

  test('repeats a read that began too early', async () => {
    const first = Promise.withResolvers<string>()
    const results = [first.promise, Promise.resolve('written now'), Promise.reject(missing)]
    results[2]?.catch(() => undefined)
    const early = earlyReader<string>({
      use: async () => Promise.resolve(),
      read: async () => results.shift() ?? Promise.reject(missing),
      pause: async () => Promise.resolve(),
    })
    early.take(`exporting manifest list ${digest}`)
    const reading = early.read(digest)
    first.reject(missing)
    expect(await reading).toBe('written now')
  })

  test('gives up afterwards', async () => {
    const {early} = readerWith(Infinity)
    early.take(`exporting manifest list ${digest}`)
    await expect(early.read(digest)).rejects.toBe(missing)
  })

  test('reads the reported image, whatever the progress names', async () => {
    const {early, reads, used} = readerWith(1)
    early.take(`exporting manifest list ${other}`)
    expect(await early.read(digest)).toBe(`content of ${digest}`)
    expect(reads).toEqual([other, digest])
    expect(used).toEqual([`content of ${other}`, `content of ${digest}`])
  })

  test('uses an image before the build has ended, once', async () => {
    const {early, used} = readerWith(1)
    early.take(`exporting manifest list ${digest}`)
    while (used.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await early.read(digest)
    expect(used).toEqual([`content of ${digest}`])
  })

  test('fails for the image whose use has failed, but not for another one', async () => {
    const broken = new Error('broken')
    const early = earlyReader<string>({
      read: async (wanted) => Promise.resolve(wanted),
      use: async (image) => (image === digest ? Promise.reject(broken) : Promise.resolve()),
      pause: async () => Promise.resolve(),
    })
    early.take(`exporting manifest list ${digest}`)
    expect(await early.read(other)).toBe(other)
    await expect(early.read(digest)).rejects.toBe(broken)
  })

  test('waits after a failed build until nothing is used any more', async () => {
    const using = Promise.withResolvers<undefined>()
    const ends: string[] = []
    const early = earlyReader<string>({
      read: async (wanted) => Promise.resolve(wanted),
      use: async () => {
        await using.promise
        ends.push('use')
      },
      pause: async () => Promise.resolve(),
    })
    early.take(`exporting manifest list ${digest}`)
    const settling = early.settle().then(() => ends.push('settle'))
    using.resolve(undefined)
    await settling
    expect(ends).toEqual(['use', 'settle'])
  })
})
