import {digestOf} from '../oci/digest.ts'
import {field, parseJson, type ManifestContent} from '../oci/manifest.ts'
import {isTag, maxTagLength} from '../oci/reference.ts'

/** Annotation of a copy. Its value is the tag for which the copy was made. */
const copyAnnotation = 'io.github.tagboat.untag'

/**
 * Copies a manifest to remove one of its tags where a registry deletes only by digest: the copy is pushed under the tag,
 * and then deleted by its own digest. It is the whole manifest, so a tag on which a stopped run leaves it still works; a
 * later run recognises it (`copiedFor`) and deletes it. Copies for different tags differ, so that the deletion of one
 * does not remove another. Undefined for a type that cannot be changed.
 *
 * - OCI types get an annotation with the tag, and lose their `subject`: the copy is not another referrer.
 * - Docker types have no annotations. The tag is encoded in whitespace after the JSON.
 */
export function untagCopy({digest, bytes, mediaType}: ManifestContent, tag: string): ManifestContent | undefined {
  const copied = dockerTypes.has(mediaType) ? withCode(bytes, tag) : withAnnotation(bytes, mediaType, tag)
  if (copied === undefined) return undefined
  // A copy of a copy for the same tag would be the same manifest, with all its tags.
  const content = digestOf(copied) === digest ? concatenated([encoded('\n'), copied]) : copied
  return {digest: digestOf(content), mediaType, bytes: content}
}

/** Tag for which a manifest was copied. Undefined for a manifest that is not a copy. `parsed` is the parsed `bytes`. */
export function copiedFor(
  {bytes, mediaType}: Pick<ManifestContent, 'bytes' | 'mediaType'>,
  parsed?: unknown,
): string | undefined {
  const tag = dockerTypes.has(mediaType)
    ? decode(bytes)
    : field(field(parsed ?? parseJson(bytes), 'annotations'), copyAnnotation)
  return typeof tag === 'string' && isTag(tag) ? tag : undefined
}

const ociTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.artifact.manifest.v1+json',
])
const dockerTypes: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])

function withAnnotation(bytes: Uint8Array, mediaType: string, tag: string): Uint8Array | undefined {
  const manifest = parseJson(bytes)
  if (!ociTypes.has(mediaType) || typeof manifest !== 'object' || manifest === null) return undefined
  const fields = Object.entries(manifest).filter(([name]) => name !== 'subject' && name !== 'annotations')
  const annotations = {...annotationsIn(manifest), [copyAnnotation]: tag}
  return encoded(JSON.stringify(Object.fromEntries([...fields, ['annotations', annotations]])))
}

function annotationsIn(manifest: unknown): Readonly<Record<string, unknown>> {
  const annotations = field(manifest, 'annotations')
  return typeof annotations === 'object' && annotations !== null ? {...annotations} : {}
}

/** Whitespace of a tag: eight bits for each byte, a space for 0 and a tab for 1, between newlines. */
function withCode(bytes: Uint8Array, tag: string): Uint8Array {
  const bits = Array.from(encoded(tag), (byte) => byte.toString(2).padStart(8, '0')).join('')
  const end = bytes.findLastIndex((byte) => !whitespace.has(byte)) + 1
  return concatenated([bytes.subarray(0, end), encoded(`\n${bits.replaceAll('0', ' ').replaceAll('1', '\t')}\n`)])
}

/** Whitespace of JSON: https://www.rfc-editor.org/rfc/rfc8259#section-2 */
const whitespace: ReadonlySet<number> = new Set(encoded(' \t\n\r'))

function decode(bytes: Uint8Array): string | undefined {
  const end = new TextDecoder('latin1').decode(bytes.subarray(-maxCodeBytes))
  const bits = /\}\n((?:[ \t]{8})+)\n$/.exec(end)?.[1]?.replaceAll(' ', '0').replaceAll('\t', '1')
  if (bits === undefined) return undefined
  const codes = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))
  return new TextDecoder().decode(Uint8Array.from(codes))
}

/** Length of the whitespace of the longest tag, with the last byte before it. */
const maxCodeBytes = 1 + 1 + maxTagLength * 8 + 1

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, {byteLength}) => sum + byteLength, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.byteLength
  }
  return whole
}
