import {TagboatError} from '../errors/error.ts'
import {errorCode} from '../errors/node-error.ts'
import type {Repository} from '../oci/reference.ts'
import {corrupt, unreachable} from './failure.ts'
import {apiHost} from './hosts.ts'
import {uploadLocation} from './upload/location.ts'
import type {BlobDescriptor} from './repository-client.ts'
import {redactText} from './redact.ts'
import {pauseAfterBreak} from './retry.ts'
import {reading, writing} from './auth/scope.ts'
import type {RegistryResponse, RegistryRequest, HostClient} from './host-client.ts'
import {BlobCheck} from './upload/verified.ts'

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry */
export async function hasBlob(client: HostClient, path: string, {digest, sizeBytes}: BlobDescriptor): Promise<boolean> {
  const call: RegistryRequest = {
    method: 'HEAD',
    target: `${path}/blobs/${digest}`,
    label: `blobs/${digest}`,
    scopes: [reading(path)],
  }
  const response = await client.call(call)
  if (response.status === 404) return false
  if (response.status !== 200) throw await client.failure(call, response, 'pull')
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
 * The blob as it comes. A line that breaks in its middle is taken up where it broke (`Range`; registries SHOULD support it), as
 * often as the policy allows with hardly anything more in between. Its last bytes come when all are known to be right.
 * @throws TagboatError `content-corrupt` at the end when it was not the blob.
 */
export async function* readBlob(
  client: HostClient,
  path: string,
  blob: BlobDescriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const check = new BlobCheck(blob, `${client.host}/${path}`)
  const label = `blobs/${blob.digest}`
  let lastChunk: Uint8Array | undefined
  let progress = 0
  for (let tried = 1; ; tried += 1) {
    const from = check.bytes
    const {response, skip} = await openFrom(client, {path, blob, from})
    try {
      for await (const chunk of skipBytes(response.stream ?? [], skip)) {
        check.add(chunk)
        if (lastChunk !== undefined) yield lastChunk
        lastChunk = chunk
      }
      if (check.bytes < blob.sizeBytes) throw cut(blob.sizeBytes - check.bytes)
      break
    } catch (error) {
      if (error instanceof TagboatError) throw error
      if (check.bytes === blob.sizeBytes) break
      if (check.bytes - progress >= Math.min(leastProgress, blob.sizeBytes / 100)) {
        progress = check.bytes
        tried = 1
      }
      const named = {host: client.host, subject: `GET ${label}`}
      if (!(await pauseAfterBreak(client.retrier, named, tried, error))) {
        throw unreachable({host: client.host, method: 'GET', url: response.url, hide: client.hide}, error)
      }
    }
  }
  check.end()
  if (lastChunk !== undefined) yield lastChunk
}

/** A server that gives a byte for each try would else be asked as often as a blob has bytes. */
const leastProgress = 1024 * 1024

function cut(missing: number): Error {
  return Object.assign(new Error(`the response ended ${missing} bytes early`), {code: 'ECONNRESET'})
}

interface BlobRange {
  readonly path: string
  readonly blob: BlobDescriptor
  readonly from: number
}

async function openFrom(
  client: HostClient,
  {path, blob, from}: BlobRange,
): Promise<{response: RegistryResponse; skip: number}> {
  const call: RegistryRequest = {
    method: 'GET',
    target: `${path}/blobs/${blob.digest}`,
    label: `blobs/${blob.digest}`,
    scopes: [reading(path)],
    ...(from === 0 ? {} : {headers: {range: `bytes=${from}-`}}),
  }
  const response = await client.open(call)
  if (response.status === 200) return {response, skip: from}
  const begins = Number(/^bytes (\d{1,15})-/.exec(response.headers['content-range'] ?? '')?.[1] ?? Infinity)
  if (response.status === 206 && begins <= from) return {response, skip: from - begins}
  await discard(response)
  throw await client.failure(call, response, 'pull')
}

/** Ends a stream that nobody wants: only one that was begun lets go of its connection. */
async function discard({stream}: RegistryResponse): Promise<void> {
  const chunks = stream?.[Symbol.asyncIterator]()
  await chunks?.next().catch(() => undefined)
  await chunks?.return?.()
}

/** What follows the first `skip` bytes. */
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

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository */
export async function mountBlob(
  client: HostClient,
  path: string,
  {blob, from}: {readonly blob: BlobDescriptor; readonly from: Repository},
): Promise<boolean> {
  if (apiHost(from.host) !== apiHost(client.host)) return false
  const query = new URLSearchParams({mount: blob.digest, from: from.path})
  const call: RegistryRequest = {
    method: 'POST',
    target: `${path}/blobs/uploads/?${query.toString()}`,
    label: `blobs/uploads/?mount=${blob.digest}`,
    scopes: [writing(path), reading(from.path)],
    headers: {'content-length': '0'},
  }
  const response = await mountResponse(client, call)
  if (response === undefined) return false
  if (response.status === 201) {
    const stated = response.headers['docker-content-digest']
    if (stated !== undefined && stated !== blob.digest)
      throw corrupt(`${client.host}/${path}@${blob.digest}`, redactText(stated, client.hide))
    return true
  }
  // 202 is the beginning of an upload that nobody asked for; other refusals only say that it has to be uploaded.
  if (response.status === 202)
    await cancelUpload(client, path, uploadLocation(response.headers['location'], response.url))
  else if (![400, 401, 403, 404, 405].includes(response.status)) throw await client.failure(call, response, 'push')
  return false
}

/** Undefined: the token server gives no login for both repositories. Whether one may be written shows when it is. */
async function mountResponse(client: HostClient, call: RegistryRequest): Promise<RegistryResponse | undefined> {
  try {
    return await client.call(call)
  } catch (error) {
    const isRefusal = error instanceof TagboatError && /denied|^login-refused$/.test(error.code)
    if (isRefusal) return undefined
    throw error
  }
}

/** Best effort: registries forget uploads by themselves after some days. */
export async function cancelUpload(client: HostClient, path: string, location: URL | undefined): Promise<void> {
  if (location === undefined) return
  try {
    await client.callOnce({method: 'DELETE', target: location, label: 'blobs/uploads', scopes: [writing(path)]})
  } catch (error) {
    client.retrier.signal.throwIfAborted()
    client.retrier.onRetry(`${client.host} did not take back an upload (${errorCode(error) ?? 'no response'})`)
  }
}
