import {expect, test} from '@jest/globals'
import {formatPlatform, parsePlatform} from '../../src/oci/platform.ts'
import {
  formatRepository,
  formatTagRef,
  isTag,
  parseRepository,
  parseTag,
  parseTagRef,
  type Parsed,
  writtenRepository,
  writtenTagRef,
} from '../../src/oci/reference.ts'
import fc from '../../testing/properties.ts'
import {times} from '../../testing/rounds.ts'

/** Texts that are similar to references, and random texts. */
const text = fc.oneof(
  fc.string(),
  fc.string({unit: 'binary'}),
  fc.string({unit: fc.constantFrom('a', 'Z', '0', '.', '-', '_', '/', ':', '@', ' ', 'ä', 'İ', '\u212a', '[', ']')}),
  fc
    .array(fc.constantFrom('docker.io', 'library', 'localhost', 'ghcr.io', 'App', 'a__b', 'x:5', '-', ''), {
      maxLength: 5,
    })
    .map((parts) => parts.join('/')),
)

function columnIsWithin(parsed: Parsed<unknown>, text: string): boolean {
  return parsed.ok || (parsed.column >= 1 && parsed.column <= text.length + 1)
}

test('a formatted repository is parsed to the same repository', () => {
  fc.assert(
    fc.property(text, (text) => {
      const parsed = parseRepository(text)
      fc.pre(parsed.ok)
      const {host, path} = parsed.value
      expect(parseRepository(formatRepository(parsed.value))).toEqual({ok: true, value: {host, path}})
      expect(parseRepository(writtenRepository(parsed.value))).toEqual(parsed)
    }),
    {numRuns: times(300)},
  )
})

test('a formatted reference is parsed to the same reference', () => {
  fc.assert(
    fc.property(text, fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/), (name, tag) => {
      const parsed = parseTagRef(`${name}:${tag}`)
      fc.pre(parsed.ok)
      expect(parsed.value.tag).toBe(tag)
      const {host, path} = parsed.value.repository
      expect(parseTagRef(formatTagRef(parsed.value))).toEqual({ok: true, value: {repository: {host, path}, tag}})
      expect(parseTagRef(writtenTagRef(parsed.value))).toEqual(parsed)
    }),
    {numRuns: times(300)},
  )
})

test('parsers do not throw, and columns are within the text', () => {
  fc.assert(
    fc.property(text, (text) => {
      expect(columnIsWithin(parseRepository(text), text)).toBe(true)
      expect(columnIsWithin(parseTagRef(text), text)).toBe(true)
      expect(columnIsWithin(parseTag(text), text)).toBe(true)
      expect(parseTag(text).ok).toBe(isTag(text))
    }),
    {numRuns: times(300)},
  )
})

test('a formatted platform is parsed to the same platform', () => {
  const name = fc.oneof(
    fc.constantFrom('linux', 'amd64', 'ARM64', 'arm', 'armhf', 'v7', '8', 'constructor', '__proto__', 'hasOwnProperty'),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(name, {maxLength: 4}), (parts) => {
      const platform = parsePlatform(parts.join('/'))
      fc.pre(platform !== undefined)
      expect(parsePlatform(formatPlatform(platform))).toEqual(platform)
    }),
    {numRuns: times(300)},
  )
})
