import {digestOf} from '../oci/digest.ts'
import {field, parseJson, type ManifestContent} from '../oci/manifest.ts'
import {sha256} from '../oci/sha256.ts'

/**
 * Copies that remove one tag of several where a registry deletes only by digest. The tag is moved to a whole copy of its
 * image with another digest, and that digest is deleted. A run that is stopped in between leaves the tag on the copy,
 * which still works. A later run recognises the copy by its mark, and deletes it.
 */

/** Annotation of a copy, with the tag that it removes. */
export const untagAnnotation = 'io.github.tagboat.untag'

/**
 * Mark of a copy: the annotation or, in the types of Docker, which have no annotations, the number of newlines after the
 * document.
 */
export type UntagMark =
  {readonly kind: 'annotation'; readonly tag: string} | {readonly kind: 'newlines'; readonly count: number}

const ociTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
])

/**
 * Copies a manifest or index to remove a tag. The copy has everything but the `subject`, which would make it a referrer.
 * Undefined if it is not a JSON document, or a signed manifest of schema 1, which cannot be changed.
 */
export function untagCopy({mediaType, bytes}: ManifestContent, tag: string): ManifestContent | undefined {
  const document = parseJson(bytes)
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return undefined
  if ('signatures' in document) return undefined
  const isAnnotated = ociTypes.has(mediaType) || 'subject' in document
  const copy = isAnnotated ? annotated(document, tag) : withNewlines(bytes, newlinesFor(tag))
  return {digest: digestOf(copy), mediaType, bytes: copy}
}

function annotated(document: object, tag: string): Uint8Array {
  const rest = Object.entries(document).filter(([name]) => name !== 'subject')
  const annotations = {...recordOf(field(document, 'annotations')), [untagAnnotation]: tag}
  return new TextEncoder().encode(JSON.stringify({...Object.fromEntries(rest), annotations}))
}

function recordOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function withNewlines(bytes: Uint8Array, count: number): Uint8Array {
  const copy = new Uint8Array(bytes.byteLength + count).fill(newline)
  copy.set(bytes)
  return copy
}

const newline = 0x0a
/** Minimum number of newlines: no program writes as many after a manifest. */
const minNewlines = 64
/** Newlines that the image may have had itself. */
const maxOwnNewlines = 8

/** Number of newlines that the copy for a tag has after the document: copies for two tags rarely have the same. */
function newlinesFor(tag: string): number {
  return minNewlines + Number.parseInt(sha256(new TextEncoder().encode(tag)).slice(0, 3), 16)
}

/** Mark of a manifest or index. Undefined if it is not a copy. */
export function untagMarkOf(bytes: Uint8Array): UntagMark | undefined {
  const tag = field(field(parseJson(bytes), 'annotations'), untagAnnotation)
  if (typeof tag === 'string') return {kind: 'annotation', tag}
  const end = bytes.findLastIndex((byte) => byte !== newline)
  const count = bytes.byteLength - 1 - end
  return count < minNewlines ? undefined : {kind: 'newlines', count}
}

/** Reports whether a copy was made to remove this tag. */
export function removes(mark: UntagMark, tag: string): boolean {
  if (mark.kind === 'annotation') return mark.tag === tag
  const own = mark.count - newlinesFor(tag)
  return own >= 0 && own <= maxOwnNewlines
}
