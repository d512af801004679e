import {hasBlob} from '../blobs.ts'
import {uploadLocation, uploadedBytes, withDigest} from './location.ts'
import {retried} from '../retry.ts'
import {writing} from '../auth/scope.ts'
import type {Answer, Session} from '../host-client.ts'
import {Source} from './byte-reader.ts'
import {isSuccess, requireSame, startUpload, storeFactor, uploadFailure, type Upload} from './upload-session.ts'
import {verified} from './verified.ts'

/**
 * POST, PATCH for each chunk, PUT: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-a-blob-in-chunks.
 * A chunk that broke off goes on where the registry says that it broke. False: this registry does not take it in chunks.
 */
export async function uploadInChunks(upload: Upload, chunkBytes: number): Promise<boolean> {
  const {location, minimumBytes} = await startUpload(upload)
  const chunks = new Chunks(upload, location)
  try {
    while (chunks.left > 0) {
      const answer = await chunks.send(Math.max(chunkBytes, minimumBytes))
      if (isSuccess(answer)) continue
      if (refusesChunks.has(answer.status)) return false
      throw await uploadFailure(upload, answer)
    }
  } finally {
    await chunks.close()
  }
  return complete(upload, chunks.location)
}

/** What registries answer to a PATCH, or to its range, that they do not take. A login that is refused, or a full disk, is told. */
const refusesChunks = new Set([400, 404, 405, 411, 413, 416, 501])

async function complete(upload: Upload, location: URL): Promise<boolean> {
  const {session, path, blob} = upload
  const answer = await session.call({
    method: 'PUT',
    target: withDigest(location, blob.digest),
    label: `blobs/${blob.digest}`,
    scopes: [writing(path)],
    headers: {'content-length': '0'},
    timeoutMs: session.timeoutMs * storeFactor,
  })
  if (isSuccess(answer)) {
    requireSame(upload, answer)
    return true
  }
  // Every byte was right when it was sent: the registry has lost some, or has stored all and its answer was lost.
  if ([400, 404, 416].includes(answer.status)) return hasBlob(session, path, blob)
  throw await uploadFailure(upload, answer)
}

/** The state of one upload in chunks. */
class Chunks {
  readonly #upload: Upload
  readonly #session: Session
  #source: Source
  #sent = 0
  #location: URL

  constructor(upload: Upload, location: URL) {
    this.#upload = upload
    this.#session = upload.session
    this.#location = location
    this.#source = this.#fromBeginning()
  }

  get location(): URL {
    return this.#location
  }

  get left(): number {
    return this.#upload.blob.sizeBytes - this.#sent
  }

  async close(): Promise<void> {
    await this.#source.close()
  }

  async send(chunkBytes: number): Promise<Answer> {
    const {session, blob, path} = this.#upload
    const named = {host: session.host, subject: `PATCH blobs/${blob.digest}`}
    let broken = false
    const outcome = await retried(session.retrier, named, async () => {
      if (broken) {
        const state = await this.#takeUp()
        // All of it arrived, and only the answer was lost: there is no range of no bytes.
        if (this.left === 0) return state
      }
      broken = true
      return this.#patch(Math.min(chunkBytes, this.left))
    })
    const target = `${path}/blobs/uploads/`
    return session.answered({method: 'PATCH', target}, outcome)
  }

  async #patch(length: number): Promise<Answer> {
    const {session, path, blob} = this.#upload
    const from = this.#sent
    const answer = await session.once({
      method: 'PATCH',
      target: this.#location,
      label: `blobs/${blob.digest}`,
      scopes: [writing(path)],
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `${from}-${from + length - 1}`,
        'content-length': String(length),
      },
      timeoutMs: session.timeoutMs * storeFactor,
      // Within one try it is opened again only when the login was renewed: the first bytes may be gone by then.
      body: () => this.#chunk(from, length),
    })
    if (isSuccess(answer)) this.#advance(from + length, answer)
    return answer
  }

  #advance(sent: number, answer: Answer): void {
    this.#sent = sent
    this.#location = uploadLocation(answer.headers['location'], answer.url) ?? this.#location
  }

  async *#chunk(from: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#source.position !== from) await this.#restartAt(from)
    yield* this.#source.take(length)
  }

  /** What arrived before it broke; of an upload that the registry does not tell of, nothing did. */
  async #takeUp(): Promise<Answer> {
    const {path, blob} = this.#upload
    const answer = await this.#session.call({
      method: 'GET',
      target: this.#location,
      label: 'blobs/uploads/',
      scopes: [writing(path)],
    })
    const arrived = uploadedBytes(answer.headers['range'])
    // More than there is cannot have arrived: that is no position to go on from.
    if (isSuccess(answer) && arrived <= blob.sizeBytes) {
      this.#advance(arrived, answer)
      return answer
    }
    this.#advance(0, answer)
    this.#location = (await startUpload(this.#upload)).location
    return answer
  }

  async #restartAt(position: number): Promise<void> {
    await this.#source.close()
    this.#source = this.#fromBeginning()
    await this.#source.skip(position)
  }

  #fromBeginning(): Source {
    const {session, path, blob, open} = this.#upload
    return new Source(verified(open(), blob, `${session.host}/${path}`))
  }
}
