import {digestOf, isDigest} from '../../src/oci/digest.ts'
import {answer, problem} from './answers.ts'
import {located, type Question} from './question.ts'
import {storeBlob, type Upload} from './store.ts'
import type {Answer} from './types.ts'

/** `/v2/NAME/blobs/uploads/` and `/v2/NAME/blobs/uploads/ID` */
export function uploads(question: Question, id: string): Answer {
  const {request, store, name} = question
  if (id === '') return request.method === 'POST' ? begin(question) : answer(405, {allow: 'POST'})
  const upload = store.uploads.get(id)
  if (upload?.repository !== name) return problem(404, 'BLOB_UPLOAD_UNKNOWN')
  // What the registry put into the address has to come back with it.
  if (request.query.get('_state') !== stateOf(id)) return problem(404, 'BLOB_UPLOAD_INVALID')
  switch (request.method) {
    case 'PATCH':
      return append(question, id, upload)
    case 'PUT':
      return finish(question, id, upload)
    case 'GET':
    case 'HEAD':
      return answer(204, progress(question, id, upload))
    case 'DELETE':
      store.uploads.delete(id)
      return answer(204, {'docker-upload-uuid': id})
    default:
      return answer(405, {allow: 'DELETE, GET, HEAD, PATCH, PUT'})
  }
}

function begin(question: Question): Answer {
  const {request, store, name, options} = question
  const mounted = request.query.get('mount')
  const from = store.repositories.get(request.query.get('from') ?? '')
  if (mounted !== null && isDigest(mounted) && options.mounts !== false) {
    const bytes = from?.blobs.get(mounted)
    if (bytes !== undefined) return stored(question, bytes)
  }
  const digest = request.query.get('digest')
  if (digest !== null && options.singlePost !== false)
    return digestOf(request.body) === digest ? stored(question, request.body) : wrongDigest()
  store.uploadCount += 1
  const id = `upload-${store.uploadCount}`
  const upload: Upload = {repository: name, bytes: Buffer.alloc(0), hadSmallChunk: false}
  store.uploads.set(id, upload)
  const least = options.minimumChunkBytes
  const minimum = least === undefined ? undefined : {'oci-chunk-min-length': String(least)}
  return answer(202, {...progress(question, id, upload), ...minimum})
}

/** Content-Range of a chunk: `START-END`, both inclusive. */
function append(question: Question, id: string, upload: Upload): Answer {
  const {body, headers} = question.request
  const range = headers['content-range']
  if (range !== undefined && range !== `${upload.bytes.length}-${upload.bytes.length + body.length - 1}`) {
    return answer(416, progress(question, id, upload))
  }
  if (upload.hadSmallChunk) return problem(400, 'SIZE_INVALID')
  upload.hadSmallChunk = body.length < (question.options.minimumChunkBytes ?? 0)
  upload.bytes = Buffer.concat([upload.bytes, body])
  return answer(202, progress(question, id, upload))
}

function finish(question: Question, id: string, upload: Upload): Answer {
  const {request, store} = question
  const digest = request.query.get('digest') ?? ''
  const range = request.headers['content-range']
  if (range !== undefined && !range.startsWith(`${upload.bytes.length}-`)) {
    return answer(416, progress(question, id, upload))
  }
  const bytes = Buffer.concat([upload.bytes, request.body])
  if (digestOf(bytes) !== digest) return wrongDigest()
  store.uploads.delete(id)
  return stored(question, bytes)
}

function wrongDigest(): Answer {
  return problem(400, 'DIGEST_INVALID')
}

function stored(question: Question, bytes: Buffer): Answer {
  const digest = storeBlob(question.store, question.name, bytes)
  return answer(201, {
    location: located(question, `/v2/${question.name}/blobs/${digest}`),
    'docker-content-digest': digest,
  })
}

/** `Range` of an upload without a byte is `0-0`, as distribution has it. */
function progress(question: Question, id: string, {bytes}: Upload): Readonly<Record<string, string>> {
  return {
    location: located(question, `/v2/${question.name}/blobs/uploads/${id}?_state=${stateOf(id)}`),
    range: `0-${Math.max(bytes.length - 1, 0)}`,
    'docker-upload-uuid': id,
  }
}

function stateOf(id: string): string {
  return Buffer.from(`state of ${id}`).toString('base64url')
}
