import {hasBlob} from '../blobs.ts'
import {uploadLocation, uploadedBytes, withDigest} from './location.ts'
import {withRetries} from '../retry.ts'
import {writing} from '../auth/scope.ts'
import type {RegistryResponse, HostClient} from '../host-client.ts'
import {ByteReader} from './byte-reader.ts'
import {isSuccess, requireSame, startUpload, storeFactor, uploadFailure, type Upload} from './upload-session.ts'
import {verified} from './verified.ts'

/**
 * POST, PATCH for each chunk, PUT: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks.
 * A chunk that broke off goes on where the registry says that it broke. False: this registry does not take it in chunks.
 */
export async function uploadInChunks(upload: Upload, chunkBytes: number): Promise<boolean> {
  const {location, minimumBytes} = await startUpload(upload)
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

/** What registries response to a PATCH, or to its range, that they do not take. A login that is refused, or a full disk, is told. */
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
  // Every byte was right when it was sent: the registry has lost some, or has stored all and its response was lost.
  if ([400, 404, 416].includes(response.status)) return hasBlob(client, path, blob)
  throw await uploadFailure(upload, response)
}

/** The state of one upload in chunks. */
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
    const named = {host: client.host, subject: `PATCH blobs/${blob.digest}`}
    let broken = false
    const outcome = await withRetries(client.retrier, named, async () => {
      if (broken) {
        const state = await this.#resume()
        // All of it arrived, and only the response was lost: there is no range of no bytes.
        if (this.remainingBytes === 0) return state
      }
      broken = true
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
      // Within one try it is opened again only when the login was renewed: the first bytes may be gone by then.
      body: () => this.#chunk(from, length),
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

  /** What arrived before it broke; of an upload that the registry does not tell of, nothing did. */
  async #resume(): Promise<RegistryResponse> {
    const {path, blob} = this.#upload
    const response = await this.#client.call({
      method: 'GET',
      target: this.#location,
      label: 'blobs/uploads/',
      scopes: [writing(path)],
    })
    const arrived = uploadedBytes(response.headers['range'])
    // More than there is cannot have arrived: that is no position to go on from.
    if (isSuccess(response) && arrived <= blob.sizeBytes) {
      this.#advance(arrived, response)
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
