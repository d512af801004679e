import {deleting, type Access} from '../registry/auth/scope.ts'
import type {HostClient} from '../registry/host-client.ts'
import type {RegistryRequest, RegistryResponse} from '../registry/registry-request.ts'

/** Part of a repository, such as `manifests/1.2.3`. */
interface DeletedPart {
  readonly path: string
  readonly part: string
  /** Actions of the token. Default: those of distribution. */
  readonly access?: readonly Access[] | undefined
}

/**
 * Sends `DELETE` to a path of a repository in the OCI API, if `proceed` allows it right before each attempt. Returns the
 * last response, of any status but 429; undefined if `proceed` does not allow it.
 * @throws TagboatError `registry-unreachable` or `rate-limited`.
 */
export async function deleteInRepository(
  client: HostClient,
  {path, part, access}: DeletedPart,
  proceed: () => Promise<boolean>,
): Promise<RegistryResponse | undefined> {
  const request: RegistryRequest = {
    method: 'DELETE',
    target: `${path}/${part}`,
    label: part,
    scopes: [access === undefined ? deleting(path) : {path, access}],
  }
  const response = await client.callWhile(request, proceed)
  if (response?.status === 429) throw await client.failure(request, response, 'delete')
  return response
}
