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
import type {Answer, Call, Session} from './host-client.ts'
import {BlobCheck} from './upload/verified.ts'

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#checking-if-content-exists-in-the-registry */
export async function hasBlob(session: Session, path: string, {digest, sizeBytes}: BlobDescriptor): Promise<boolean> {
  const call: Call = {
    method: 'HEAD',
    target: `${path}/blobs/${digest}`,
    label: `blobs/${digest}`,
    scopes: [reading(path)],
  }
  const answer = await session.call(call)
  if (answer.status === 404) return false
  if (answer.status !== 200) throw await session.failure(call, answer, 'pull')
  const length = answer.headers['content-length']
  if (length !== undefined && Number(length) !== sizeBytes) {
    throw corrupt(
      `${session.host}/${path}@${digest}`,
      `${redactText(length, session.hide)} bytes instead of ${sizeBytes}`,
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
  session: Session,
  path: string,
  blob: BlobDescriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const check = new BlobCheck(blob, `${session.host}/${path}`)
  const label = `blobs/${blob.digest}`
  let held: Uint8Array | undefined
  let reached = 0
  for (let tried = 1; ; tried += 1) {
    const from = check.bytes
    const {answer, skip} = await openFrom(session, {path, blob, from})
    try {
      for await (const chunk of rest(answer.stream ?? [], skip)) {
        check.add(chunk)
        if (held !== undefined) yield held
        held = chunk
      }
      if (check.bytes < blob.sizeBytes) throw cut(blob.sizeBytes - check.bytes)
      break
    } catch (error) {
      if (error instanceof TagboatError) throw error
      if (check.bytes === blob.sizeBytes) break
      if (check.bytes - reached >= Math.min(leastProgress, blob.sizeBytes / 100)) {
        reached = check.bytes
        tried = 1
      }
      const named = {host: session.host, subject: `GET ${label}`}
      if (!(await pauseAfterBreak(session.retrier, named, tried, error))) {
        throw unreachable({host: session.host, method: 'GET', url: answer.url, hide: session.hide}, error)
      }
    }
  }
  check.end()
  if (held !== undefined) yield held
}

/** A server that gives a byte for each try would else be asked as often as a blob has bytes. */
const leastProgress = 1024 * 1024

function cut(missing: number): Error {
  return Object.assign(new Error(`the answer ended ${missing} bytes early`), {code: 'ECONNRESET'})
}

interface Wanted {
  readonly path: string
  readonly blob: BlobDescriptor
  readonly from: number
}

async function openFrom(session: Session, {path, blob, from}: Wanted): Promise<{answer: Answer; skip: number}> {
  const call: Call = {
    method: 'GET',
    target: `${path}/blobs/${blob.digest}`,
    label: `blobs/${blob.digest}`,
    scopes: [reading(path)],
    ...(from === 0 ? {} : {headers: {range: `bytes=${from}-`}}),
  }
  const answer = await session.open(call)
  if (answer.status === 200) return {answer, skip: from}
  const begins = Number(/^bytes (\d{1,15})-/.exec(answer.headers['content-range'] ?? '')?.[1] ?? Infinity)
  if (answer.status === 206 && begins <= from) return {answer, skip: from - begins}
  await leave(answer)
  throw await session.failure(call, answer, 'pull')
}

/** Ends a stream that nobody wants: only one that was begun lets go of its connection. */
async function leave({stream}: Answer): Promise<void> {
  const chunks = stream?.[Symbol.asyncIterator]()
  await chunks?.next().catch(() => undefined)
  await chunks?.return?.()
}

/** What follows the first `skip` bytes. */
async function* rest(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  skip: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = skip
  for await (const chunk of stream) {
    const dropped = Math.min(left, chunk.byteLength)
    left -= dropped
    if (dropped < chunk.byteLength) yield chunk.subarray(dropped)
  }
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository */
export async function mountBlob(
  session: Session,
  path: string,
  {blob, from}: {readonly blob: BlobDescriptor; readonly from: Repository},
): Promise<boolean> {
  if (apiHost(from.host) !== apiHost(session.host)) return false
  const query = new URLSearchParams({mount: blob.digest, from: from.path})
  const call: Call = {
    method: 'POST',
    target: `${path}/blobs/uploads/?${query.toString()}`,
    label: `blobs/uploads/?mount=${blob.digest}`,
    scopes: [writing(path), reading(from.path)],
    headers: {'content-length': '0'},
  }
  const answer = await mounted(session, call)
  if (answer === undefined) return false
  if (answer.status === 201) {
    const stated = answer.headers['docker-content-digest']
    if (stated !== undefined && stated !== blob.digest)
      throw corrupt(`${session.host}/${path}@${blob.digest}`, redactText(stated, session.hide))
    return true
  }
  // 202 is the beginning of an upload that nobody asked for; other refusals only say that it has to be uploaded.
  if (answer.status === 202) await cancelUpload(session, path, uploadLocation(answer.headers['location'], answer.url))
  else if (![400, 401, 403, 404, 405].includes(answer.status)) throw await session.failure(call, answer, 'push')
  return false
}

/** Undefined: the token server gives no login for both repositories. Whether one may be written shows when it is. */
async function mounted(session: Session, call: Call): Promise<Answer | undefined> {
  try {
    return await session.call(call)
  } catch (error) {
    const isRefusal = error instanceof TagboatError && /denied|^login-refused$/.test(error.code)
    if (isRefusal) return undefined
    throw error
  }
}

/** Best effort: registries forget uploads by themselves after some days. */
export async function cancelUpload(session: Session, path: string, location: URL | undefined): Promise<void> {
  if (location === undefined) return
  try {
    await session.once({method: 'DELETE', target: location, label: 'blobs/uploads', scopes: [writing(path)]})
  } catch (error) {
    session.retrier.signal.throwIfAborted()
    session.retrier.onRetry(`${session.host} did not take back an upload (${errorCode(error) ?? 'no answer'})`)
  }
}
