import {describe, expect, test} from '@jest/globals'
import type {Digest} from '../../src/oci/digest.ts'
import {parseErrorBody} from '../../src/registry/error-body.ts'
import {insecureRegistries} from '../../src/registry/insecure.ts'
import {uploadLocation, withDigest} from '../../src/registry/upload/location.ts'
import {nextPage} from '../../src/registry/pages.ts'
import {redactText, redactUrl} from '../../src/registry/redact.ts'
import {headersFor, redirectTarget} from '../../src/registry/redirect.ts'
import {defaultPolicy, parseRetryAfter, waitMs} from '../../src/registry/retry.ts'
import {ByteReader} from '../../src/registry/upload/byte-reader.ts'
import {parseToken} from '../../src/registry/auth/token.ts'
import {memoryRegistry, type Fault} from '../../testing/memory-registry.ts'
import {bytesOf, inChunks, testBlob, testClients} from '../../testing/registry-client.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const anyHeader = fc.oneof(fc.string({unit: 'binary'}), fc.webUrl(), fc.stringMatching(/^<[^>]*>;? ?[relnxt="; ,]*$/))
const now = new Date('2026-01-02T03:04:05Z')
const digest: Digest = `sha256:${'a'.repeat(64)}`

const shown = (text: string): string => text

describe('values from a server', () => {
  test('cannot redirect pages to another origin', () => {
    const page = new URL('https://r.example/v2/a/tags/list')
    fc.assert(
      fc.property(anyHeader, (header) => {
        const next = nextPage(header, page)
        if (next instanceof URL) expect(next.origin).toBe(page.origin)
      }),
      {numRuns: times(300)},
    )
  })

  test('cannot redirect from HTTPS to HTTP, or to this machine', () => {
    const from = new URL('https://r.example/v2/a')
    const address = fc.oneof(fc.webUrl({validSchemes: ['http', 'https', 'ftp']}), anyHeader)
    fc.assert(
      fc.property(address, (location) => {
        for (const url of [redirectTarget(location, from), uploadLocation(location, from)]) {
          expect(url?.protocol ?? 'https:').toBe('https:')
          expect(url?.hostname ?? '').not.toMatch(/^(?:(?:.*\.)?localhost\.?|(?:127|0)\.\d+\.\d+\.\d+|\[::1?\])$/)
        }
      }),
      {numRuns: times(300)},
    )
  })

  test('cannot redirect a login to another origin', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.webUrl(), (one, other) => {
        const [from, to] = [new URL(one), new URL(other)]
        const headers = headersFor(to, {from, headers: {authorization: 'Bearer canary', accept: 'a'}})
        expect('authorization' in headers).toBe(from.origin === to.origin)
      }),
      {numRuns: times(300)},
    )
  })

  test('never throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({unit: 'binary'}), fc.json()), (text) => {
        parseErrorBody(Buffer.from(text), shown)
        parseRetryAfter(text, now)
        insecureRegistries(text)('r.example')
        const token = parseToken(Buffer.from(text), now)
        if (token !== undefined) expect(token.lifetimeMs).toBeGreaterThan(0)
      }),
      {numRuns: times(300)},
    )
  })

  test('are shown in one line, without signatures', () => {
    const secret = fc.stringMatching(/^canary[a-zA-Z0-9%=+/]{0,20}$/)
    fc.assert(
      fc.property(
        fc.webUrl(),
        fc.constantFrom('X-Amz-Signature', 'sig', 'token', '_state'),
        secret,
        (base, key, value) => {
          const url = new URL(base)
          url.searchParams.set(key, value)
          url.password = value
          expect(redactUrl(url, shown)).not.toContain('canary')
          expect(redactText(`at ${url.href}, line\r\nbroken`, shown)).not.toMatch(/canary|[\r\n]/)
        },
      ),
      {numRuns: times(300)},
    )
  })
})

describe('withDigest', () => {
  test('keeps the query of the address unchanged', () => {
    fc.assert(
      fc.property(fc.webUrl({withQueryParameters: true}), (address) => {
        const location = new URL(address)
        const url = withDigest(location, digest)
        expect(url.href.startsWith(location.href.replace(/\?$/, ''))).toBe(true)
        expect(url.searchParams.getAll('digest').at(-1)).toBe(digest)
      }),
      {numRuns: times(300)},
    )
  })
})

describe('waitMs', () => {
  test('is at most a minute and a second, and at least the requested time up to this limit', () => {
    const after = fc.option(fc.nat(10_000_000), {nil: undefined})
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 1000}),
        fc.double({min: 0, max: 0.999, noNaN: true}),
        after,
        (tried, random, ms) => {
          const wait = waitMs(defaultPolicy, tried, {random, retryAfterMs: ms})
          expect(wait).toBeLessThanOrEqual(61_000)
          expect(wait).toBeGreaterThanOrEqual(Math.min(ms ?? 0, 60_000))
        },
      ),
      {numRuns: times(300)},
    )
  })
})

describe('insecureRegistries', () => {
  test('a network contains addresses with its prefix', () => {
    const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
    const bits = (parts: readonly number[]): string => parts.map((part) => part.toString(2).padStart(8, '0')).join('')
    fc.assert(
      fc.property(octets, octets, fc.nat(32), fc.boolean(), (network, other, prefix, near) => {
        const host = near ? [...network.slice(0, 3), other[3]] : other
        const text = JSON.stringify({'insecure-registries': [`${network.join('.')}/${prefix}`]})
        const expected = bits(network).slice(0, prefix) === bits(host).slice(0, prefix)
        expect(insecureRegistries(text)(`${host.join('.')}:5000`)).toBe(expected)
      }),
      {numRuns: times(300)},
    )
  })

  test('IPv6 in any notation', () => {
    const groups = fc.array(fc.nat(0xffff), {minLength: 8, maxLength: 8})
    fc.assert(
      fc.property(groups, fc.integer({min: 0, max: 128}), fc.nat(127), (network, prefix, flipped) => {
        const value = network.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n) ^ (1n << BigInt(127 - flipped))
        const hex = value
          .toString(16)
          .padStart(32, '0')
          .replace(/(.{4})(?!$)/g, '$1:')
        const written = network.map((group) => group.toString(16)).join(':')
        const text = JSON.stringify({'insecure-registries': [`${written}/${prefix}`]})
        expect(insecureRegistries(text)(`[${hex}]`)).toBe(flipped >= prefix)
      }),
      {numRuns: times(300)},
    )
  })
})

describe('Source', () => {
  test('returns every byte once, for any chunks', async () => {
    const pieces = fc.array(fc.integer({min: 1, max: 50}), {maxLength: 40})
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({maxLength: 500}),
        fc.integer({min: 1, max: 60}),
        pieces,
        async (bytes, size, lengths) => {
          const source = new ByteReader(inChunks(Buffer.from(bytes), size))
          const taken: Buffer[] = []
          for (const length of [...lengths, 500]) {
            const piece = await bytesOf(source.take(length))
            expect(piece.length).toBe(Math.min(length, bytes.length - Buffer.concat(taken).length))
            taken.push(piece)
          }
          expect(Buffer.concat(taken).equals(Buffer.from(bytes))).toBe(true)
          expect(source.position).toBe(bytes.length)
        },
      ),
      {numRuns: times(300)},
    )
  })
})

const transient: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom<Fault[]>(
    {kind: 'answer', status: 429, headers: {'retry-after': '1'}},
    {kind: 'answer', status: 503},
    {kind: 'answer', status: 502, when: 'after'},
    {kind: 'reset'},
    {kind: 'reset', when: 'after'},
    {kind: 'timeout'},
    {kind: 'timeout', when: 'after'},
  ),
  fc.record({kind: fc.constant('broken-body' as const), bytes: fc.nat(3000)}),
  fc.record({kind: fc.constant('cut-body' as const), bytes: fc.nat(3000)}),
)

/** At most two failures per request, which is less than the retry policy allows. */
const script = fc.array(fc.tuple(fc.integer({min: 0, max: 40}), transient), {maxLength: 4})

describe('blobs', () => {
  test('are complete after uploads and downloads with faults', async () => {
    const size = fc.integer({min: 0, max: 5000})
    const chunk = fc.integer({min: 500, max: 3000})
    await fc.assert(
      fc.asyncProperty(size, chunk, script, async (sizeBytes, chunkBytes, faults) => {
        const left = new Map(faults)
        let number = -1
        const fault = (): Fault | undefined => left.get((number += 1))
        const registry = memoryRegistry({fault})
        const clients = testClients(registry.http(), {sizes: {monolithicBytes: 2000, chunkBytes}})
        const client = clients.of('registry.example', 'o/app')
        const blob = testBlob(Buffer.from(Array.from({length: sizeBytes}, (_, index) => (index * 7) % 256)))
        await client.uploadBlob(blob, () => inChunks(blob.bytes, 700))
        expect(registry.blob('o/app', blob.digest)?.equals(blob.bytes)).toBe(true)
        expect((await bytesOf(client.readBlob(blob))).equals(blob.bytes)).toBe(true)
      }),
      {numRuns: times(30)},
    )
  })
})
