import {createHash} from 'node:crypto'
import type {Digest} from '../../oci/digest.ts'
import type {BlobDescriptor} from '../repository-client.ts'
import {corrupt} from '../failure.ts'

/** Adds up what passes, and says at the end whether it was the blob. */
export class BlobCheck {
  readonly #blob: BlobDescriptor
  readonly #where: string
  readonly #digester = digester()
  #bytes = 0

  /** `where` names the blob in an error: the repository it comes from. */
  constructor(blob: BlobDescriptor, where: string) {
    this.#blob = blob
    this.#where = where
  }

  get bytes(): number {
    return this.#bytes
  }

  /** @throws TagboatError `content-corrupt` when there is more than the blob has. */
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

/** The bytes of a blob, whose last ones come only when all are known to be right. */
interface VerifiedBytes extends AsyncIterable<Uint8Array> {
  readonly verifiedDigest: Digest
}

/** Says of bytes that they check themselves: to do it again takes as long as to send them. */
export function markVerified(source: AsyncIterable<Uint8Array>, {digest}: BlobDescriptor): VerifiedBytes {
  return {verifiedDigest: digest, [Symbol.asyncIterator]: () => source[Symbol.asyncIterator]()}
}

/**
 * The same bytes. The last of them are held back until digest and length are known to be right, so that whoever sends them on
 * never completes what is wrong.
 * @throws TagboatError `content-corrupt` in their place.
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
