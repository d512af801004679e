import {TagboatError} from '../../errors/error.ts'
import type {Repository} from '../../oci/reference.ts'
import {reading, writing} from '../auth/scope.ts'
import {corrupt} from '../../errors/corrupt.ts'
import type {HostClient} from '../host-client.ts'
import type {RegistryRequest, RegistryResponse} from '../registry-request.ts'
import {apiHost} from '../hosts.ts'
import {redactText} from '../redact.ts'
import type {BlobDescriptor} from '../repository-client.ts'
import {startedUpload, type Started} from './upload-session.ts'

/**
 * Mounts a blob:
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository
 * If the registry starts an upload instead, returns the upload. Undefined if it does neither.
 */
export async function mountBlob(
  client: HostClient,
  path: string,
  {blob, from}: {readonly blob: BlobDescriptor; readonly from: Repository},
): Promise<'mounted' | Started | undefined> {
  if (apiHost(from.host) !== apiHost(client.host)) return undefined
  const query = new URLSearchParams({mount: blob.digest, from: from.path})
  const request: RegistryRequest = {
    method: 'POST',
    target: `${path}/blobs/uploads/?${query.toString()}`,
    label: `blobs/uploads/?mount=${blob.digest}`,
    scopes: [writing(path), reading(from.path)],
    headers: {'content-length': '0'},
  }
  const response = await mountResponse(client, request)
  if (response === undefined) return undefined
  if (response.status === 201) {
    const stated = response.headers['docker-content-digest']
    if (stated !== undefined && stated !== blob.digest)
      throw corrupt(`${client.host}/${path}@${blob.digest}`, redactText(stated, client.hide))
    return 'mounted'
  }
  if (response.status === 202) return startedUpload(response)
  // Other refusals mean that the blob must be uploaded.
  if (![400, 401, 403, 404, 405].includes(response.status)) throw await client.failure(request, response, 'push')
  return undefined
}

/**
 * Response to the mount request. Undefined if the token server denies access to both repositories. The upload shows
 * whether one is writable.
 */
async function mountResponse(client: HostClient, request: RegistryRequest): Promise<RegistryResponse | undefined> {
  try {
    return await client.call(request)
  } catch (error) {
    const isRefusal = error instanceof TagboatError && /denied|^login-refused$/.test(error.code)
    if (isRefusal) return undefined
    throw error
  }
}
