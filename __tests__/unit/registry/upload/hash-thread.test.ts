import {randomBytes} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../../../src/oci/digest.ts'
import {ThreadDigester} from '../../../../src/registry/upload/hash-thread.ts'

/** Number of threads that this process has started and not ended. */
function threads(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length
}

describe('ThreadDigester', () => {
  test.each([0, 1, 1024 ** 2, 3 * 1024 ** 2 + 5])('returns the digest of %d bytes', async (length) => {
    const bytes = randomBytes(length)
    using digester = new ThreadDigester()
    for (let at = 0; at < length; at += 700_000) await digester.add(bytes.subarray(at, at + 700_000))
    expect(await digester.end()).toBe(digestOf(bytes))
  })

  test('takes the bytes of several blobs by turns', async () => {
    const [one, other] = [randomBytes(6_000_000), randomBytes(6_000_000)]
    using first = new ThreadDigester()
    using second = new ThreadDigester()
    for (let at = 0; at < one.length; at += 500_000) {
      await first.add(one.subarray(at, at + 500_000))
      await second.add(other.subarray(at, at + 500_000))
    }
    expect(await Promise.all([first.end(), second.end()])).toEqual([digestOf(one), digestOf(other)])
  })

  test('has one thread for all blobs, which ends with the last of them', async () => {
    const before = threads()
    const digesters = Array.from({length: 4}, () => new ThreadDigester())
    for (const digester of digesters) await digester.add(randomBytes(2_000_000))
    const during = threads()
    for (const digester of digesters) digester[Symbol.dispose]()
    for (let waited = 0; threads() > before && waited < 500; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    // A thread of another test may have ended meanwhile.
    expect(during - before).toBeLessThanOrEqual(1)
    expect(threads() - before).toBeLessThanOrEqual(0)
    using next = new ThreadDigester()
    expect(await next.end()).toBe(digestOf(Buffer.alloc(0)))
  })
})
