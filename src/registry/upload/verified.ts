import {createHash} from 'node:crypto'
import type {Digest} from '../../oci/digest.ts'
import type {BlobDescriptor} from '../repository-client.ts'
import {corrupt} from '../../errors/corrupt.ts'

/** Checks size and digest of bytes against a blob. */
class BlobCheck {
  readonly #blob: BlobDescriptor
  readonly #where: string
  readonly #digester = digester()
  #bytes = 0

  /** `where` is the repository of the blob, for errors. */
  constructor(blob: BlobDescriptor, where: string) {
    this.#blob = blob
    this.#where = where
  }

  /** @throws TagboatError `content-corrupt` if there are more bytes than the blob has, or all, but with another digest. */
  add(chunk: Uint8Array): void {
    if (chunk.byteLength === 0) return
    const {sizeBytes} = this.#blob
    this.#bytes += chunk.byteLength
    if (this.#bytes > sizeBytes) throw this.#corrupt(`more than ${sizeBytes} bytes`)
    this.#digester.add(chunk)
    if (this.#bytes === sizeBytes) this.#verifyDigest()
  }

  /** @throws TagboatError `content-corrupt` if bytes are missing. */
  end(): void {
    const {sizeBytes} = this.#blob
    if (this.#bytes !== sizeBytes) throw this.#corrupt(`${this.#bytes} bytes instead of ${sizeBytes}`)
    if (sizeBytes === 0) this.#verifyDigest()
  }

  #verifyDigest(): void {
    const found = this.#digester.end()
    if (found !== this.#blob.digest) throw this.#corrupt(found)
  }

  #corrupt(found: string): Error {
    return corrupt(`${this.#where}@${this.#blob.digest}`, found)
  }
}

/** Bytes that were verified by their source. */
interface VerifiedBytes extends AsyncIterable<Uint8Array> {
  readonly verifiedDigest: Digest
}

/** Marks bytes as verified by their source, since a second check takes as long as the transfer. */
export function markVerified(source: AsyncIterable<Uint8Array>, {digest}: BlobDescriptor): VerifiedBytes {
  return {verifiedDigest: digest, [Symbol.asyncIterator]: () => source[Symbol.asyncIterator]()}
}

/**
 * Verifies bytes as they pass. The chunk that completes the blob is withheld until the digest is verified, so that a
 * consumer that forwards them never completes a corrupt blob. A chunk is passed on before the next one is requested.
 * @throws TagboatError `content-corrupt` in place of the last chunk, and after it if there are more bytes.
 */
export function verified(
  source: AsyncIterable<Uint8Array>,
  blob: BlobDescriptor,
  where: string,
): AsyncIterable<Uint8Array> {
  return 'verifiedDigest' in source && source.verifiedDigest === blob.digest ? source : checked(source, blob, where)
}

async function* checked(
  source: AsyncIterable<Uint8Array>,
  blob: BlobDescriptor,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const check = new BlobCheck(blob, where)
  for await (const chunk of source) {
    check.add(chunk)
    yield chunk
  }
  check.end()
}

/** Computes the digest of bytes that come in parts. */
export function digester(): {add(bytes: Uint8Array): void; end(): Digest} {
  const hash = createHash('sha256')
  return {
    add: (bytes) => {
      hash.update(bytes)
    },
    end: () => `sha256:${hash.digest('hex')}`,
  }
}
