import {deleting} from '../registry/auth/scope.ts'
import type {HostClient} from '../registry/host-client.ts'
import type {RegistryRequest, RegistryResponse} from '../registry/registry-request.ts'

/**
 * Sends `DELETE` to a path of a repository in the OCI API, if `proceed` allows it right before each attempt. Returns the
 * last response, of any status but 429; undefined if `proceed` does not allow it.
 * @throws TagboatError `registry-unreachable` or `rate-limited`.
 */
export async function deleteInRepository(
  client: HostClient,
  {path, part}: {readonly path: string; readonly part: string},
  proceed: () => Promise<boolean>,
): Promise<RegistryResponse | undefined> {
  const request: RegistryRequest = {method: 'DELETE', target: `${path}/${part}`, label: part, scopes: [deleting(path)]}
  const response = await client.callWhile(request, proceed)
  if (response?.status === 429) throw await client.failure(request, response, 'delete')
  return response
}
