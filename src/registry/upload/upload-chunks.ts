import {hasBlob} from '../blobs.ts'
import {uploadLocation, uploadedBytes, withDigest} from './location.ts'
import {withRetries} from '../retry.ts'
import {writing} from '../auth/scope.ts'
import type {HostClient} from '../host-client.ts'
import type {RegistryResponse} from '../registry-request.ts'
import {ByteReader} from './byte-reader.ts'
import {
  counted,
  isSuccess,
  requireSame,
  startUpload,
  storeFactor,
  uploadFailure,
  type Upload,
} from './upload-session.ts'
import {verified} from './verified.ts'

/**
 * Uploads a blob by POST, PATCH for each chunk, and PUT:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks. An interrupted chunk
 * is continued at the position that the registry reports. False if the registry does not support chunks.
 */
export async function uploadInChunks(upload: Upload, chunkBytes: number): Promise<boolean> {
  const {location, minimumBytes} = (await upload.started()) ?? (await startUpload(upload))
  const chunks = new ChunkedUpload(upload, location)
  try {
    while (chunks.remainingBytes > 0) {
      const response = await chunks.send(Math.max(chunkBytes, minimumBytes))
      if (isSuccess(response)) continue
      if (refusesChunks.has(response.status)) return false
      throw await uploadFailure(upload, response)
    }
  } finally {
    await chunks.close()
  }
  return complete(upload, chunks.location)
}

/** Statuses of registries that do not support a PATCH or its range. Others, such as refused credentials, are errors. */
const refusesChunks = new Set([400, 404, 405, 411, 413, 416, 501])

async function complete(upload: Upload, location: URL): Promise<boolean> {
  const {client, path, blob} = upload
  const response = await client.call({
    method: 'PUT',
    target: withDigest(location, blob.digest),
    label: `blobs/${blob.digest}`,
    scopes: [writing(path)],
    headers: {'content-length': '0'},
    timeoutMs: client.timeoutMs * storeFactor,
  })
  if (isSuccess(response)) {
    requireSame(upload, response)
    return true
  }
  // All bytes were correct when sent: the registry has lost some, or has stored all and its response was lost.
  if ([400, 404, 416].includes(response.status)) return hasBlob(client, path, blob)
  throw await uploadFailure(upload, response)
}

/** State of an upload in chunks. */
class ChunkedUpload {
  readonly #upload: Upload
  readonly #client: HostClient
  #reader: ByteReader
  #sent = 0
  #location: URL

  constructor(upload: Upload, location: URL) {
    this.#upload = upload
    this.#client = upload.client
    this.#location = location
    this.#reader = this.#fromBeginning()
  }

  get location(): URL {
    return this.#location
  }

  get remainingBytes(): number {
    return this.#upload.blob.sizeBytes - this.#sent
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }

  async send(chunkBytes: number): Promise<RegistryResponse> {
    const {client, blob, path} = this.#upload
    const name = {host: client.host, subject: `PATCH blobs/${blob.digest}`}
    let isRetry = false
    const outcome = await withRetries(client.retrier, name, async () => {
      if (isRetry) {
        const state = await this.#resume()
        // The registry has all bytes, and only the response was lost. An empty range is not possible.
        if (this.remainingBytes === 0) return state
      }
      isRetry = true
      return this.#patch(Math.min(chunkBytes, this.remainingBytes))
    })
    const target = `${path}/blobs/uploads/`
    return client.responseOf({method: 'PATCH', target}, outcome)
  }

  async #patch(length: number): Promise<RegistryResponse> {
    const {client, path, blob} = this.#upload
    const from = this.#sent
    const response = await client.callOnce({
      method: 'PATCH',
      target: this.#location,
      label: `blobs/${blob.digest}`,
      scopes: [writing(path)],
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${from}-${from + length - 1}`,
        'content-length': String(length),
      },
      timeoutMs: client.timeoutMs * storeFactor,
      // Within one attempt it is opened again only after a token renewal, when the first bytes may have been read.
      body: () => counted(this.#chunk(from, length), this.#upload, from),
    })
    if (isSuccess(response)) this.#advance(from + length, response)
    return response
  }

  #advance(sent: number, response: RegistryResponse): void {
    this.#sent = sent
    this.#location = uploadLocation(response.headers['location'], response.url) ?? this.#location
  }

  async *#chunk(from: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#reader.position !== from) await this.#restartAt(from)
    yield* this.#reader.take(length)
  }

  /** Continues after the bytes that the registry has received. An unknown upload is started again. */
  async #resume(): Promise<RegistryResponse> {
    const {path, blob} = this.#upload
    const response = await this.#client.call({
      method: 'GET',
      target: this.#location,
      label: 'blobs/uploads/',
      scopes: [writing(path)],
    })
    const received = uploadedBytes(response.headers['range'])
    // A position after the end is not valid.
    if (isSuccess(response) && received <= blob.sizeBytes) {
      this.#advance(received, response)
      return response
    }
    this.#advance(0, response)
    this.#location = (await startUpload(this.#upload)).location
    return response
  }

  async #restartAt(position: number): Promise<void> {
    await this.#reader.close()
    this.#reader = this.#fromBeginning()
    await this.#reader.skip(position)
  }

  #fromBeginning(): ByteReader {
    const {client, path, blob, open} = this.#upload
    return new ByteReader(verified(open(), blob, `${client.host}/${path}`))
  }
}
