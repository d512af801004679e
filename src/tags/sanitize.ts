import {digestOf} from '../oci/digest.ts'

/** A valid tag made from a text. */
interface Sanitized {
  readonly tag: string
  /** The tag lost characters of the text: another text could become the same tag. */
  readonly lossy: boolean
  /** The tag ends in a hash of the whole text, which makes it unique. */
  readonly hashed: boolean
}

const hashLength = 7

/**
 * Makes a valid tag from any text (OCI distribution spec: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`). Other characters become
 * dashes, one for several, as in docker/metadata-action. Characters that cannot begin a tag are removed. A text that is
 * longer than `maxLength` (at least 8) is shortened and ends in a hash of the whole text, so that it stays unique.
 * Idempotent.
 */
export function sanitizeTag(text: string, maxLength: number): Sanitized {
  const replaced = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '')
  if (replaced !== '' && replaced.length <= maxLength) return {tag: replaced, lossy: replaced !== text, hashed: false}
  const named = replaced === '' ? `ref-${shortHash(text)}` : replaced
  return {tag: named.length <= maxLength ? named : cut(named, text, maxLength), lossy: false, hashed: true}
}

/** First hex digits of the SHA-256 of a text: the same in every run. */
export function shortHash(text: string): string {
  return digestOf(new TextEncoder().encode(text)).slice('sha256:'.length).slice(0, hashLength)
}

function cut(named: string, text: string, maxLength: number): string {
  const kept = named.slice(0, maxLength - hashLength - 1).replace(/(?<![._-])[._-]+$/, '')
  return kept === '' ? shortHash(text) : `${kept}-${shortHash(text)}`
}

/**
 * Reports whether a text begins or ends in a separator because an expression is empty: `-1.2.3`, `dev-`. With its empty
 * expressions filled, the text has no separator there. The separator of a name itself, as in the branch `_int`, does not count.
 */
export function hasDanglingSeparator(text: string, filled: string): boolean {
  return [/^[._/-]/, /[._/-]$/].some((place) => place.test(text) && !place.test(filled))
}
