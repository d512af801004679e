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

  get bytes(): number {
    return this.#bytes
  }

  /** @throws TagboatError `content-corrupt` if there are more bytes than the blob has. */
  add(chunk: Uint8Array): void {
    this.#digester.add(chunk)
    this.#bytes += chunk.byteLength
    if (this.#bytes > this.#blob.sizeBytes) throw this.#corrupt(`more than ${this.#blob.sizeBytes} bytes`)
  }

  /** @throws TagboatError `content-corrupt` */
  end(): void {
    const {digest, sizeBytes} = this.#blob
    if (this.#bytes !== sizeBytes) throw this.#corrupt(`${this.#bytes} bytes instead of ${sizeBytes}`)
    const found = this.#digester.end()
    if (found !== digest) throw this.#corrupt(found)
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
 * Verifies bytes as they pass. The last chunk is withheld until digest and length are verified, so that a consumer that
 * forwards them never completes a corrupt blob.
 * @throws TagboatError `content-corrupt` in place of the last chunk.
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  blob: BlobDescriptor,
  where: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  if ('verifiedDigest' in source && source.verifiedDigest === blob.digest) {
    yield* source
    return
  }
  const check = new BlobCheck(blob, where)
  let lastChunk: Uint8Array | undefined
  for await (const chunk of source) {
    check.add(chunk)
    if (lastChunk !== undefined) yield lastChunk
    lastChunk = chunk
  }
  check.end()
  if (lastChunk !== undefined) yield lastChunk
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
