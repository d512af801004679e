import {digestOf} from '../oci/digest.ts'

export interface Sanitized {
  readonly tag: string
  /** The tag says less than the text did: another text could give the same tag. */
  readonly lossy: boolean
  /** The tag ends in a hash of the whole text, which tells it from those of other texts. */
  readonly hashed: boolean
}

const hashLength = 7

/**
 * Any text as a valid tag (OCI distribution spec: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`). Runs of other characters become
 * one dash, as in docker/metadata-action; what cannot begin a tag is left out; what is longer than `maxLength` (at
 * least 8) is cut and ends in a short hash of the whole text, so that it stays unique. Idempotent.
 */
export function sanitizeTag(text: string, maxLength: number): Sanitized {
  const replaced = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '')
  if (replaced !== '' && replaced.length <= maxLength) return {tag: replaced, lossy: replaced !== text, hashed: false}
  const named = replaced === '' ? `ref-${shortHash(text)}` : replaced
  return {tag: named.length <= maxLength ? named : cut(named, text, maxLength), lossy: false, hashed: true}
}

/** The first hex digits of the text's SHA-256: stable across runs, and different for different texts. */
export function shortHash(text: string): string {
  return digestOf(new TextEncoder().encode(text)).slice('sha256:'.length).slice(0, hashLength)
}

function cut(named: string, text: string, maxLength: number): string {
  const kept = named.slice(0, maxLength - hashLength - 1).replace(/(?<![._-])[._-]+$/, '')
  return kept === '' ? shortHash(text) : `${kept}-${shortHash(text)}`
}

/**
 * Whether a text begins or ends in a separator that it has not with its empty names filled, as `-1.2.3` and `dev-` do when
 * an expression came out empty. A name's own (the branch `_int`) is none of those.
 */
export function hasDanglingSeparator(text: string, filled: string): boolean {
  return [/^[._/-]/, /[._/-]$/].some((place) => place.test(text) && !place.test(filled))
}
