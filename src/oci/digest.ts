import {sha256} from './sha256.ts'

/** Digest: `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor, digests). */
export type Digest = `sha256:${string}`

const digestPattern = /^sha256:[0-9a-f]{64}$/

/** Reports whether a text is a SHA-256 digest. */
export function isDigest(text: string): text is Digest {
  return digestPattern.test(text)
}

/** Algorithm of a digest, such as `sha512`. Undefined if the text is not a digest. */
export function algorithmOf(text: string): string | undefined {
  return /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):[\w=-]+$/.exec(text)?.[1]
}

/** Digest of these bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${sha256(bytes)}`
}

/** First characters of a digest, for sentences: `sha256:0123456789ab`. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12)
}
