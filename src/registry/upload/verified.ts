import {createHash} from 'node:crypto'
import type {Digest} from '../../oci/digest.ts'
import type {BlobDescriptor} from '../repository-client.ts'
import {corrupt} from '../../errors/corrupt.ts'

/** Computation of the digest of bytes that come in parts. */
interface Digester extends Disposable {
  add(bytes: Uint8Array): Promise<void>
  end(): Promise<Digest>
}

/** Checks size and digest of bytes against a blob. */
class BlobCheck {
  readonly #blob: BlobDescriptor
  readonly #where: string
  readonly #digester: Digester
  #bytes = 0

  /** `where` is the repository of the blob, for errors. */
  constructor(blob: BlobDescriptor, where: string, digester: Digester) {
    this.#blob = blob
    this.#where = where
    this.#digester = digester
  }

  /** @throws TagboatError `content-corrupt` if there are more bytes than the blob has, or all, but with another digest. */
  async add(chunk: Uint8Array): Promise<void> {
    if (chunk.byteLength === 0) return
    const {sizeBytes} = this.#blob
    this.#bytes += chunk.byteLength
    if (this.#bytes > sizeBytes) throw this.#corrupt(`more than ${sizeBytes} bytes`)
    await this.#digester.add(chunk)
    if (this.#bytes === sizeBytes) await this.#verifyDigest()
  }

  /** @throws TagboatError `content-corrupt` if bytes are missing. */
  async end(): Promise<void> {
    const {sizeBytes} = this.#blob
    if (this.#bytes !== sizeBytes) throw this.#corrupt(`${this.#bytes} bytes instead of ${sizeBytes}`)
    if (sizeBytes === 0) await this.#verifyDigest()
  }

  async #verifyDigest(): Promise<void> {
    const found = await this.#digester.end()
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
  // Every run loads this file, and `using` would add a kilobyte to it.
  const digester = await digesterFor(blob)
  try {
    const check = new BlobCheck(blob, where, digester)
    for await (const chunk of source) {
      await check.add(chunk)
      yield chunk
    }
    await check.end()
  } finally {
    digester[Symbol.dispose]()
  }
}

/** Size from which a blob is hashed on a thread of its own, whose start takes as long as hashing some megabytes. */
const threadBytes = 32 * 1024 ** 2

async function digesterFor({sizeBytes}: BlobDescriptor): Promise<Digester> {
  if (sizeBytes < threadBytes) return digester()
  const {ThreadDigester} = await import('./hash-thread.ts')
  try {
    return new ThreadDigester()
  } catch {
    // The system allows no further thread.
    return digester()
  }
}

function digester(): Digester {
  const hash = createHash('sha256')
  return {
    add: async (bytes) => {
      hash.update(bytes)
      return Promise.resolve()
    },
    end: async () => Promise.resolve(`sha256:${hash.digest('hex')}` as const),
    [Symbol.dispose]: () => undefined,
  }
}
