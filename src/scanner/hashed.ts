import {createHash} from 'node:crypto'

/** Passes on bytes, and reports their SHA-256 in hexadecimal digits at the end. */
export async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  onEnd: (sha256: string) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  onEnd(hash.digest('hex'))
}

/** SHA-256 of bytes, in hexadecimal digits. */
export async function sha256Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}
