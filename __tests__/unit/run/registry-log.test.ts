import {describe, expect, test} from '@jest/globals'
import type {Digest} from '../../../src/oci/digest.ts'
import type {Descriptor} from '../../../src/oci/manifest.ts'
import type {Retry} from '../../../src/registry/registry-request.ts'
import {RegistryLog} from '../../../src/run/registry-log.ts'
import {transferLine, waitLine} from '../../../src/run/transfer-lines.ts'

const place = {host: 'ghcr.io', path: 'o/app'}

function layer(digit: string, sizeBytes: number): Descriptor {
  const digest: Digest = `sha256:${digit.repeat(64)}`
  return {digest, sizeBytes, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', platform: undefined}
}

interface Clock {
  readonly log: RegistryLog
  readonly lines: string[]
  /** Lets time pass, in seconds; the log checks once a second. */
  readonly pass: (seconds: number) => Promise<void>
  readonly isWatching: () => boolean
}

function clock(): Clock {
  const lines: string[] = []
  let now = 0
  let work: (() => void) | undefined
  const log = new RegistryLog({
    write: (line) => lines.push(line),
    now: () => now,
    every: (_, check) => {
      work = check
      return () => {
        work = undefined
      }
    },
  })
  const pass = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1000
      work?.()
      // The text of the lines is loaded.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await import('../../../src/run/transfer-lines.ts')
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {log, lines, pass, isWatching: () => work !== undefined}
}

describe('the blobs of a registry', () => {
  test('have no line in the first ten seconds', async () => {
    const {log, lines, pass, isWatching} = clock()
    const end = log.request({host: 'ghcr.io', subject: 'PUT blobs/x'})
    log.transfers.sent(place, layer('a', 100), 0)
    await pass(9)
    log.transfers.has(place, layer('a', 100))
    end()
    await pass(20)
    expect(lines).toEqual([])
    expect(isWatching()).toBe(false)
  })

  test('have one every ten seconds, with those that are expected, and without those that exist', async () => {
    const {log, lines, pass} = clock()
    const [one, two, three] = [layer('a', 300e6), layer('b', 700e6), layer('c', 5e9)]
    log.transfers.expect(place, [one, two, three])
    log.transfers.has(place, three)
    log.transfers.sent(place, one, 0)
    log.transfers.sent(place, one, 100e6)
    await pass(10)
    log.transfers.sent(place, one, 300e6)
    log.transfers.has(place, one)
    log.transfers.sent(place, two, 700e6)
    await pass(19)
    log.transfers.has(place, two)
    await pass(20)
    expect(lines).toEqual([
      'ghcr.io: 100.0 MB of 1.00 GB sent, 10.0 MB/s, 0 of 2 layers stored',
      expect.stringMatching(/^ghcr\.io: 1\.00 GB of 1\.00 GB sent, waiting .*, 1 of 2 layers stored$/),
    ])
  })

  test.each([
    {name: 'of each registry', host: 'quay.io', expected: ['ghcr.io: 0 B of', 'quay.io: 0 B of']},
    {name: 'of the same registry together', host: 'ghcr.io', expected: ['ghcr.io: 0 B of']},
  ])('have a line $name', async ({host, expected}) => {
    const {log, lines, pass} = clock()
    log.transfers.sent(place, layer('a', 100), 0)
    log.transfers.sent({host, path: 'o/other'}, layer('a', 100), 0)
    await pass(10)
    expect(lines.map((line) => /^\S+ 0 B of/.exec(line)?.[0])).toEqual(expected)
  })

  test('have none after a failure', async () => {
    const {log, lines, pass} = clock()
    log.transfers.expect(place, [layer('a', 1), layer('b', 1)])
    log.transfers.failed(place)
    await pass(30)
    expect(lines).toEqual([])
  })

  test.each([
    {
      name: 'an attempt that starts again',
      blob: {sizeBytes: 1000, isLayer: false, sentBytes: 200, isStored: false},
      since: {bytes: 900, ms: 10_000},
      expected: 'r.example: 200 B of 1.00 kB sent, 0 B/s',
    },
    {
      name: 'a blob that waits',
      blob: {sizeBytes: 1000, isLayer: true, sentBytes: undefined, isStored: false},
      since: {bytes: 0, ms: 10_000},
      expected: 'r.example: 0 B of 1.00 kB sent, 0 B/s, 0 of 1 layers stored',
    },
  ])('$name', ({blob, since, expected}) => {
    expect(transferLine('r.example', [blob], since)).toBe(expected)
  })
})

describe('a slow request', () => {
  test('has a line every ten seconds: the oldest of its registry', async () => {
    const {log, lines, pass, isWatching} = clock()
    const end = log.request({host: 'ghcr.io', subject: 'GET tags/list'})
    await pass(3)
    const later = log.request({host: 'ghcr.io', subject: 'HEAD manifests/latest'})
    await pass(18)
    end()
    await pass(10)
    later()
    expect(lines).toEqual([
      waitLine({host: 'ghcr.io', subject: 'GET tags/list'}, 10_000),
      waitLine({host: 'ghcr.io', subject: 'GET tags/list'}, 20_000),
      waitLine({host: 'ghcr.io', subject: 'HEAD manifests/latest'}, 27_000),
    ])
    expect(isWatching()).toBe(false)
  })

  test('has none while blobs are sent to the same registry', async () => {
    const {log, lines, pass} = clock()
    log.request({host: 'ghcr.io', subject: 'PUT blobs/x'})
    log.transfers.sent(place, layer('a', 100), 0)
    await pass(10)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('PUT blobs/x')
  })
})

describe('retries', () => {
  const retry = (subject: string, reason = '429'): Retry => ({host: 'ghcr.io', subject, reason})

  test('of one target have a line, and a count every ten seconds and at the end', async () => {
    const {log, lines, pass} = clock()
    for (let tag = 0; tag < 40; tag += 1) log.retry(`first line ${tag}`, retry(`PUT manifests/${tag}`))
    await pass(10)
    log.retry('not shown', retry('PUT manifests/1', '503'))
    log[Symbol.dispose]()
    expect(lines).toEqual([
      'first line 0',
      'ghcr.io: PUT manifests: 39 more retries (429)',
      'ghcr.io: PUT manifests: 1 more retry (503)',
    ])
  })

  test('of several targets have a line each', () => {
    const {log, lines} = clock()
    log.retry('PUT', retry('PUT manifests/1'))
    log.retry('GET', retry('GET manifests/1'))
    log.retry('tags', retry('GET tags/list'))
    log.retry('other', {...retry('PUT manifests/1'), host: 'quay.io'})
    expect(lines).toEqual(['PUT', 'GET', 'tags', 'other'])
  })

  test('long after the others have a line again', async () => {
    const {log, lines, pass} = clock()
    log.retry('early', retry('PUT manifests/1'))
    await pass(10)
    log.retry('late', retry('PUT manifests/1'))
    expect(lines).toEqual(['early', 'late'])
  })
})
