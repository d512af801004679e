import {sha256} from './sha256.ts'

/** `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor, digests). */
export type Digest = `sha256:${string}`

const digestPattern = /^sha256:[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text)
}

/** `sha512` of a digest of any algorithm, known here or not. Undefined when the text is no digest. */
export function algorithmOf(text: string): string | undefined {
  return /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):[\w=-]+$/.exec(text)?.[1]
}

/** The digest of these bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${sha256(bytes)}`
}

/** First characters of a digest, for sentences: `sha256:0123456789ab`. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 'sha256:'.length + 12)
}
