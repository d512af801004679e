import type {Hide} from '../../errors/known-secrets.ts'
import {hasBlob} from '../blobs.ts'
import {parseErrorBody} from '../error-body.ts'
import {withDigest} from './location.ts'
import {withRetries} from '../retry.ts'
import {writing} from '../auth/scope.ts'
import type {RegistryResponse, RegistryRequest} from '../host-client.ts'
import {uploadInChunks} from './upload-chunks.ts'
import {isSuccess, requireSame, startUpload, storeFactor, uploadFailure, type Upload} from './upload-session.ts'
import {verified} from './verified.ts'

/** How blobs are cut. */
export interface UploadSizes {
  /** Blobs up to this go in one piece. */
  readonly monolithicBytes: number
  readonly chunkBytes: number
}

/**
 * One piece is what containerd, and so BuildKit, sends to every registry, and what all of them take. Chunks are the least evenly
 * supported part of the specification: ghcr.io takes none of more than 4 MiB, ECR does not say how far it got. So they are left
 * for blobs of which a broken line would cost too much, and for registries behind a proxy that limits a request (413); 64 MiB
 * is below the 100 MB that such proxies allow.
 */
export const defaultSizes: UploadSizes = {monolithicBytes: 1024 ** 3, chunkBytes: 64 * 1024 ** 2}

/** @throws TagboatError `content-corrupt` when the bytes are not the blob's; nothing is stored then. */
export async function uploadBlob(upload: Upload, sizes: UploadSizes): Promise<void> {
  if (upload.blob.sizeBytes > sizes.monolithicBytes && (await uploadInChunks(upload, sizes.chunkBytes))) return
  const response = await uploadWhole(upload)
  if (isSuccess(response)) {
    requireSame(upload, response)
    return
  }
  const isTooLarge = response.status === 413 && upload.blob.sizeBytes <= sizes.monolithicBytes
  if (isTooLarge && (await uploadInChunks(upload, sizes.chunkBytes))) return
  throw await uploadFailure(upload, response)
}

/** POST, then PUT of all bytes: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#post-then-put */
async function uploadWhole(upload: Upload): Promise<RegistryResponse> {
  const {client, path, blob} = upload
  const label = `blobs/${blob.digest}`
  let tried = 0
  const outcome = await withRetries(client.retrier, {host: client.host, subject: `PUT ${label}`}, async () => {
    tried += 1
    // The response to the try before may have been lost after it took effect.
    if (tried > 1 && (await hasBlob(client, path, blob))) return storedResponse(upload)
    const {location} = await startUpload(upload)
    const response = await client.callOnce(putRequest(upload, location))
    return isUploadUnknown(response, client.hide) ? {...response, status: restart} : response
  })
  return client.responseOf({method: 'PUT', target: `${path}/blobs/uploads/`}, outcome)
}

/** The registry lost the upload in between: as good as a broken line. */
const restart = 503

function isUploadUnknown({status, body}: RegistryResponse, hide: Hide): boolean {
  return status === 404 && parseErrorBody(body, hide).some(({code}) => code === 'BLOB_UPLOAD_UNKNOWN')
}

function storedResponse({client}: Upload): RegistryResponse {
  return {status: 201, headers: {}, body: Buffer.alloc(0), url: new URL(`https://${client.host}/`)}
}

function putRequest({client, path, blob, open}: Upload, location: URL): RegistryRequest {
  return {
    method: 'PUT',
    target: withDigest(location, blob.digest),
    label: `blobs/${blob.digest}`,
    scopes: [writing(path)],
    headers: {'content-type': 'application/octet-stream', 'content-length': String(blob.sizeBytes)},
    body: () => verified(open(), blob, `${client.host}/${path}`),
    timeoutMs: client.timeoutMs * storeFactor,
  }
}
