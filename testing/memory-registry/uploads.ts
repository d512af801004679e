import {digestOf, isDigest} from '../../src/oci/digest.ts'
import {answer, problem} from './answers.ts'
import {addressOf, type RequestContext} from './request-context.ts'
import {storeBlob, type Upload} from './store.ts'
import type {Answer} from './types.ts'

/** Answers `/v2/NAME/blobs/uploads/` and `/v2/NAME/blobs/uploads/ID`. */
export function uploads(context: RequestContext, id: string): Answer {
  const {request, store, name} = context
  if (id === '') return request.method === 'POST' ? begin(context) : answer(405, {allow: 'POST'})
  const upload = store.uploads.get(id)
  if (upload?.repository !== name) return problem(404, 'BLOB_UPLOAD_UNKNOWN')
  // Clients must preserve the query of the address.
  if (request.query.get('_state') !== stateOf(id)) return problem(404, 'BLOB_UPLOAD_INVALID')
  switch (request.method) {
    case 'PATCH':
      return append(context, id, upload)
    case 'PUT':
      return finish(context, id, upload)
    case 'GET':
    case 'HEAD':
      return answer(204, progress(context, id, upload))
    case 'DELETE':
      store.uploads.delete(id)
      return answer(204, {'docker-upload-uuid': id})
    default:
      return answer(405, {allow: 'DELETE, GET, HEAD, PATCH, PUT'})
  }
}

function begin(context: RequestContext): Answer {
  const {request, store, name, options} = context
  const mounted = request.query.get('mount')
  const from = store.repositories.get(request.query.get('from') ?? '')
  if (mounted !== null && isDigest(mounted) && options.mounts !== false) {
    const bytes = from?.blobs.get(mounted)
    if (bytes !== undefined) return stored(context, bytes)
  }
  const digest = request.query.get('digest')
  if (digest !== null && options.singlePost !== false)
    return digestOf(request.body) === digest ? stored(context, request.body) : wrongDigest()
  store.uploadCount += 1
  const id = `upload-${store.uploadCount}`
  const upload: Upload = {repository: name, bytes: Buffer.alloc(0), hadSmallChunk: false}
  store.uploads.set(id, upload)
  const minimum = options.minimumChunkBytes
  const header = minimum === undefined ? undefined : {'oci-chunk-min-length': String(minimum)}
  return answer(202, {...progress(context, id, upload), ...header})
}

/** Appends a chunk. Its Content-Range is `START-END`, both inclusive. */
function append(context: RequestContext, id: string, upload: Upload): Answer {
  const {body, headers} = context.request
  const range = headers['content-range']
  if (range !== undefined && range !== `${upload.bytes.length}-${upload.bytes.length + body.length - 1}`) {
    return answer(416, progress(context, id, upload))
  }
  if (upload.hadSmallChunk) return problem(400, 'SIZE_INVALID')
  upload.hadSmallChunk = body.length < (context.options.minimumChunkBytes ?? 0)
  upload.bytes = Buffer.concat([upload.bytes, body])
  return answer(202, progress(context, id, upload))
}

function finish(context: RequestContext, id: string, upload: Upload): Answer {
  const {request, store} = context
  const digest = request.query.get('digest') ?? ''
  const range = request.headers['content-range']
  if (range !== undefined && !range.startsWith(`${upload.bytes.length}-`)) {
    return answer(416, progress(context, id, upload))
  }
  const bytes = Buffer.concat([upload.bytes, request.body])
  if (digestOf(bytes) !== digest) return wrongDigest()
  store.uploads.delete(id)
  return stored(context, bytes)
}

function wrongDigest(): Answer {
  return problem(400, 'DIGEST_INVALID')
}

function stored(context: RequestContext, bytes: Buffer): Answer {
  const digest = storeBlob(context.store, context.name, bytes)
  return answer(201, {
    location: addressOf(context, `/v2/${context.name}/blobs/${digest}`),
    'docker-content-digest': digest,
  })
}

/** Headers of an upload. As in distribution, `Range` of an empty upload is `0-0`. */
function progress(context: RequestContext, id: string, {bytes}: Upload): Readonly<Record<string, string>> {
  return {
    location: addressOf(context, `/v2/${context.name}/blobs/uploads/${id}?_state=${stateOf(id)}`),
    range: `0-${Math.max(bytes.length - 1, 0)}`,
    'docker-upload-uuid': id,
  }
}

function stateOf(id: string): string {
  return Buffer.from(`state of ${id}`).toString('base64url')
}
