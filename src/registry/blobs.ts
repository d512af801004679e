import {TagboatError} from '../errors/error.ts'
import {corrupt} from '../errors/corrupt.ts'
import type {BlobDescriptor, ReadOptions} from './repository-client.ts'
import {redactText} from './redact.ts'
import {pauseAfterBreak} from './retry.ts'
import {reading} from './auth/scope.ts'
import type {HostClient} from './host-client.ts'
import type {RegistryResponse, RegistryRequest} from './registry-request.ts'
import {verified} from './upload/verified.ts'

/**
 * Reports whether a blob exists:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry
 */
export async function hasBlob(client: HostClient, path: string, {digest, sizeBytes}: BlobDescriptor): Promise<boolean> {
  const request: RegistryRequest = {
    method: 'HEAD',
    target: `${path}/blobs/${digest}`,
    label: `blobs/${digest}`,
    scopes: [reading(path)],
  }
  const response = await client.call(request)
  if (response.status === 404) return false
  if (response.status !== 200) throw await client.failure(request, response, 'pull')
  const length = response.headers['content-length']
  if (length !== undefined && Number(length) !== sizeBytes) {
    throw corrupt(
      `${client.host}/${path}@${digest}`,
      `${redactText(length, client.hide)} bytes instead of ${sizeBytes}`,
    )
  }
  return true
}

/**
 * Streams a blob. An interrupted response is continued at its position (`Range`, which registries SHOULD support), up
 * to the retries of the policy without progress. The last chunk is withheld until the digest is verified. With
 * `freesChunks`, a chunk is valid only until the next one is requested.
 * @throws TagboatError `content-corrupt` in place of the last chunk.
 */
export function readBlob(
  client: HostClient,
  path: string,
  blob: BlobDescriptor & ReadOptions,
): AsyncIterable<Uint8Array> {
  return verified(resumable(client, path, blob), blob, `${client.host}/${path}`)
}

/** Bytes of a blob, not verified, which continue after an interruption. */
async function* resumable(
  client: HostClient,
  path: string,
  blob: BlobDescriptor & ReadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const name = {host: client.host, subject: `GET blobs/${blob.digest}`}
  let position = 0
  let checkpoint = 0
  for (let attempt = 1; ; attempt += 1) {
    const {response, skip} = await openFrom(client, {path, blob, from: position})
    try {
      const stream = response.stream ?? []
      for await (const chunk of skip === 0 ? stream : skipBytes(stream, skip)) {
        position += chunk.byteLength
        yield chunk
      }
      if (position < blob.sizeBytes) throw cut(blob.sizeBytes - position)
      return
    } catch (error) {
      if (error instanceof TagboatError) throw error
      if (position === blob.sizeBytes) return
      if (position - checkpoint >= Math.min(leastProgress, blob.sizeBytes / 100)) {
        checkpoint = position
        attempt = 1
      }
      if (!(await pauseAfterBreak(client.retrier, name, attempt, error))) {
        const {unreachable} = await import('./failure.ts')
        throw unreachable({host: client.host, method: 'GET', url: response.url, hide: client.hide}, error)
      }
    }
  }
}

/** Progress that resets the number of attempts. Otherwise a server could cause an attempt per byte. */
const leastProgress = 1024 * 1024

function cut(missing: number): Error {
  return Object.assign(new Error(`the response ended ${missing} bytes early`), {code: 'ECONNRESET'})
}

interface BlobRange {
  readonly path: string
  readonly blob: BlobDescriptor & ReadOptions
  readonly from: number
}

async function openFrom(
  client: HostClient,
  {path, blob, from}: BlobRange,
): Promise<{response: RegistryResponse; skip: number}> {
  const request: RegistryRequest = {
    method: 'GET',
    target: `${path}/blobs/${blob.digest}`,
    label: `blobs/${blob.digest}`,
    scopes: [reading(path)],
    freesChunks: blob.freesChunks,
    ...(from === 0 ? {} : {headers: {range: `bytes=${from}-`}}),
  }
  const response = await client.open(request)
  if (response.status === 200) return {response, skip: from}
  const begins = Number(/^bytes (\d{1,15})-/.exec(response.headers['content-range'] ?? '')?.[1] ?? Infinity)
  if (response.status === 206 && begins <= from) return {response, skip: from - begins}
  await discard(response)
  throw await client.failure(request, response, 'pull')
}

/** Closes a stream. It must be started first to release the connection. */
async function discard({stream}: RegistryResponse): Promise<void> {
  const chunks = stream?.[Symbol.asyncIterator]()
  await chunks?.next().catch(() => undefined)
  await chunks?.return?.()
}

/** Bytes after the first `skip`. */
async function* skipBytes(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  skip: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let remaining = skip
  for await (const chunk of stream) {
    const dropped = Math.min(remaining, chunk.byteLength)
    remaining -= dropped
    if (dropped < chunk.byteLength) yield chunk.subarray(dropped)
  }
}
