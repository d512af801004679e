import {digestOf} from '../oci/digest.ts'
import {field, parseJson, type ManifestContent} from '../oci/manifest.ts'
import {isTag, maxTagLength} from '../oci/reference.ts'

/** Annotation of a copy. Its value is the tag for which the copy was made. */
const copyAnnotation = 'io.github.tagboat.untag'

/**
 * Copies a manifest for a registry that deletes images, but not a single tag: pushed under the tag, the copy can be
 * deleted by its digest, and the other tags stay. It is the whole manifest, so that the tag works until then. Copies for
 * different tags differ, so that the deletion of one does not remove another. Undefined for a type that cannot be changed.
 *
 * - OCI types get an annotation with the tag, and lose their `subject`: the copy is not another referrer.
 * - Docker types have no annotations. The tag is encoded in whitespace after the JSON.
 */
export function untagCopy({bytes, mediaType}: ManifestContent, tag: string): ManifestContent | undefined {
  const copied = dockerTypes.has(mediaType) ? withCode(bytes, tag) : withAnnotation(bytes, mediaType, tag)
  if (copied === undefined) return undefined
  // A copy of a copy for the same tag would be the same manifest, with all its tags.
  const content = Buffer.compare(copied, bytes) === 0 ? Buffer.concat([newline, copied]) : copied
  return {digest: digestOf(content), mediaType, bytes: content}
}

/** Tag for which a manifest was copied. Undefined for a manifest that is not a copy. */
export function copiedFor({bytes, mediaType}: Pick<ManifestContent, 'bytes' | 'mediaType'>): string | undefined {
  const tag = dockerTypes.has(mediaType) ? decode(bytes) : annotationsIn(parseJson(bytes))[copyAnnotation]
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

const newline = Buffer.from('\n')

function withAnnotation(bytes: Uint8Array, mediaType: string, tag: string): Uint8Array | undefined {
  const manifest = parseJson(bytes)
  if (!ociTypes.has(mediaType) || typeof manifest !== 'object' || manifest === null) return undefined
  const fields = Object.entries(manifest).filter(([name]) => name !== 'subject' && name !== 'annotations')
  const annotations = {...annotationsIn(manifest), [copyAnnotation]: tag}
  return Buffer.from(JSON.stringify(Object.fromEntries([...fields, ['annotations', annotations]])))
}

function annotationsIn(manifest: unknown): Readonly<Record<string, unknown>> {
  const annotations = field(manifest, 'annotations')
  return typeof annotations === 'object' && annotations !== null ? {...annotations} : {}
}

/** Whitespace of a tag: eight bits for each byte, a space for 0 and a tab for 1, between newlines. */
function withCode(bytes: Uint8Array, tag: string): Uint8Array {
  const bits = [...Buffer.from(tag)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const end = Buffer.from(bytes).toString('latin1').trimEnd().length
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(`\n${bits.replaceAll('0', ' ').replaceAll('1', '\t')}\n`)])
}

function decode(bytes: Uint8Array): string | undefined {
  const end = Buffer.from(bytes.subarray(-maxCodeBytes)).toString('latin1')
  const bits = /\}\n((?:[ \t]{8})+)\n$/.exec(end)?.[1]?.replaceAll(' ', '0').replaceAll('\t', '1')
  return bits && Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))).toString()
}

/** Length of the whitespace of the longest tag, with the last byte before it. */
const maxCodeBytes = 1 + 1 + maxTagLength * 8 + 1
