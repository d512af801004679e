import type {Hide} from '../../errors/known-secrets.ts'
import {hasBlob} from '../blobs.ts'
import {parseErrorBody} from '../error-body.ts'
import {withDigest} from './location.ts'
import {isTransientStatus, withRetries} from '../retry.ts'
import {writing} from '../auth/scope.ts'
import type {RegistryResponse, RegistryRequest} from '../registry-request.ts'
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

/** Sizes of uploads. */
export interface UploadSizes {
  /** Maximum size of a monolithic upload. */
  readonly monolithicBytes: number
  readonly chunkBytes: number
}

/**
 * Default sizes. Monolithic uploads are what containerd and BuildKit use with all registries. Chunks are less well
 * supported: ghcr.io accepts at most 4 MiB per chunk, ECR does not report the position. They are used for very large
 * blobs, and for registries behind a proxy that limits the request size (413); 64 MiB is below the 100 MB that such
 * proxies allow.
 */
export const defaultSizes: UploadSizes = {monolithicBytes: 1024 ** 3, chunkBytes: 64 * 1024 ** 2}

/**
 * Uploads a blob.
 * @throws TagboatError `content-corrupt` if the bytes do not match the blob; nothing is stored then.
 */
export async function uploadBlob(upload: Upload, sizes: UploadSizes): Promise<void> {
  if (upload.blob.sizeBytes > sizes.monolithicBytes && (await inChunks(upload, sizes))) return
  const response = await uploadWhole(upload)
  if (isSuccess(response)) {
    requireSame(upload, response)
    return
  }
  const isTooLarge = response.status === 413 && upload.blob.sizeBytes <= sizes.monolithicBytes
  if (isTooLarge && (await inChunks(upload, sizes))) return
  throw await uploadFailure(upload, response)
}

async function inChunks(upload: Upload, {chunkBytes}: UploadSizes): Promise<boolean> {
  const {uploadInChunks} = await import('./upload-chunks.ts')
  return uploadInChunks(upload, chunkBytes)
}

/**
 * Uploads all bytes by POST, then PUT:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#post-then-put
 */
async function uploadWhole(upload: Upload): Promise<RegistryResponse> {
  const {client, path, blob} = upload
  const name = {host: client.host, subject: `PUT blobs/${blob.digest}`}
  let isRetry = false
  const attempt = async (): Promise<RegistryResponse> => {
    // The response to the previous attempt may have been lost after it took effect.
    if (isRetry && (await hasBlob(client, path, blob))) return storedResponse(upload)
    const before = isRetry ? undefined : await upload.started()
    isRetry = true
    const response = before && (await client.callOnce(putRequest(upload, before.location)))
    if (response !== undefined && !mayHaveEnded.has(response.status)) return response
    const {location} = await startUpload(upload)
    return client.callOnce(putRequest(upload, location))
  }
  const isRetryable = (response: RegistryResponse): boolean =>
    isTransientStatus(response.status) || isUploadUnknown(response, client.hide)
  const outcome = await withRetries(client.retrier, name, attempt, isRetryable)
  return client.responseOf({method: 'PUT', target: `${path}/blobs/uploads/`}, outcome)
}

/** Statuses for an upload that was started some time ago, and that the registry has ended. */
const mayHaveEnded = new Set([400, 403, 404, 410, 416])

/** Reports whether the registry has lost the upload, which may be started again. */
function isUploadUnknown({status, body}: RegistryResponse, hide: Hide): boolean {
  return status === 404 && parseErrorBody(body, hide).some(({code}) => code === 'BLOB_UPLOAD_UNKNOWN')
}

function storedResponse({client}: Upload): RegistryResponse {
  return {status: 201, headers: {}, body: Buffer.alloc(0), url: new URL(`https://${client.host}/`)}
}

function putRequest({client, path, blob, open, onSent}: Upload, location: URL): RegistryRequest {
  return {
    method: 'PUT',
    target: withDigest(location, blob.digest),
    label: `blobs/${blob.digest}`,
    scopes: [writing(path)],
    headers: {'content-type': 'application/octet-stream', 'content-length': String(blob.sizeBytes)},
    body: () => counted(verified(open(), blob, `${client.host}/${path}`), {onSent}),
    timeoutMs: client.timeoutMs * storeFactor,
  }
}
