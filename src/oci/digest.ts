import {createHash} from 'node:crypto'

/** `sha256:` and 64 lower-case hex digits (OCI image spec, descriptor, digests). */
export type Digest = `sha256:${string}`

const digestPattern = /^sha256:[0-9a-f]{64}$/

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text)
}

/** The digest of these bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** The digest of bytes that come in parts. */
export function digester(): {add(bytes: Uint8Array): void; end(): Digest} {
  const hash = createHash('sha256')
  return {
    add: (bytes) => {
      hash.update(bytes)
    },
    end: () => `sha256:${hash.digest('hex')}`,
  }
}
