import {digestOf, isDigest} from '../../src/oci/digest.ts'
import {answer, problem} from './answers.ts'
import type {RequestContext} from './request-context.ts'
import type {Answer} from './types.ts'

/** Answers `/v2/NAME/blobs/DIGEST`. */
export function blobs(context: RequestContext, reference: string): Answer {
  const {request, repository, options, name} = context
  if (!isDigest(reference)) return problem(404, 'BLOB_UNKNOWN')
  const bytes = repository?.blobs.get(reference)
  if (!['GET', 'HEAD', 'DELETE'].includes(request.method)) return answer(405, {allow: 'DELETE, GET, HEAD'})
  if (bytes === undefined) return problem(404, 'BLOB_UNKNOWN')
  if (request.method === 'DELETE') {
    repository?.blobs.delete(reference)
    return answer(202)
  }
  if (request.method === 'GET' && options.blobOrigin !== undefined) {
    const location = `${options.blobOrigin}${storagePath}${name}/${reference}?signature=${signature(reference)}`
    return answer(307, {location})
  }
  return content(reference, bytes)
}

function content(digest: string, bytes: Buffer): Answer {
  return answer(
    200,
    {'content-type': 'application/octet-stream', 'docker-content-digest': digest, etag: `"${digest}"`},
    bytes,
  )
}

const storagePath = '/storage/'

/** Signature in the address of a blob, which the storage checks. */
function signature(digest: string): string {
  return digestOf(Buffer.from(`signed ${digest}`)).slice('sha256:'.length, 'sha256:'.length + 16)
}

/** Answers a request to the storage. As in Amazon S3, an address is signed, and other credentials are refused. */
export function storage(request: RequestContext['request'], store: RequestContext['store']): Answer {
  const [, name = '', digest = ''] = /^\/storage\/(.+)\/([^/]+)$/.exec(request.path) ?? []
  if (request.headers['authorization'] !== undefined) return answer(400, {}, 'Only one auth mechanism allowed')
  const bytes = isDigest(digest) ? store.repositories.get(name)?.blobs.get(digest) : undefined
  if (bytes === undefined) return answer(404, {}, 'NoSuchKey')
  if (request.query.get('signature') !== signature(digest)) return answer(403, {}, 'SignatureDoesNotMatch')
  return content(digest, bytes)
}
