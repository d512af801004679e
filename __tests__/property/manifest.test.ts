import {describe, expect, test} from '@jest/globals'
import {compressedSize, images, parseManifest, type Manifest} from '../../src/oci/manifest.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`)
const size = fc.nat()
const descriptor = fc.record({mediaType: fc.string(), digest, size})
const platform = fc.constantFrom(
  {os: 'linux', architecture: 'amd64'},
  {os: 'linux', architecture: 'arm', variant: 'v7'},
  {os: 'windows', architecture: 'amd64', 'os.version': '10.0.1'},
  {os: 'unknown', architecture: 'unknown'},
)

describe('parseManifest', () => {
  test('never throws for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({maxLength: 200}), (bytes) => void parseManifest(bytes)),
      {numRuns: times(300)},
    )
  })

  test('never throws for any JSON', () => {
    const likely = fc.record(
      {
        manifests: fc.oneof(fc.array(fc.oneof(descriptor, fc.jsonValue())), fc.jsonValue()),
        config: fc.oneof(descriptor, fc.jsonValue()),
        layers: fc.oneof(fc.array(fc.oneof(descriptor, fc.jsonValue())), fc.jsonValue()),
      },
      {requiredKeys: []},
    )
    fc.assert(
      fc.property(fc.oneof(likely, fc.jsonValue()), (value) => {
        const parsed = parseManifest(encode(value))
        if (parsed?.kind === 'manifest') expect(Number.isNaN(compressedSize(parsed))).toBe(false)
        if (parsed?.kind === 'index') images(parsed)
      }),
      {numRuns: times(300)},
    )
  })

  test('a manifest has the size of its configuration and layers', () => {
    fc.assert(
      fc.property(descriptor, fc.array(descriptor), (config, layers) => {
        const parsed = parseManifest(encode({schemaVersion: 2, config, layers}))
        expect(parsed?.kind).toBe('manifest')
        const expected = [config, ...layers].reduce((sum, one) => sum + one.size, 0)
        expect(compressedSize(parsed as Manifest)).toBe(expected)
      }),
      {numRuns: times(300)},
    )
  })

  test('an index lists its images, but no attestations', () => {
    fc.assert(
      fc.property(fc.array(fc.record({mediaType: fc.string(), digest, size, platform})), (manifests) => {
        const parsed = parseManifest(encode({schemaVersion: 2, manifests}))
        if (parsed?.kind !== 'index') throw new Error('no index')
        expect(parsed.manifests).toHaveLength(manifests.length)
        const expected = manifests.filter((one) => one.platform.os !== 'unknown').map((one) => one.digest)
        expect(images(parsed).map((one) => one.digest)).toEqual(expected)
      }),
      {numRuns: times(300)},
    )
  })
})
