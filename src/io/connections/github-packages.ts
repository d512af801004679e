import {errorMessage} from '../../errors/error.ts'
import type {Hide} from '../../errors/known-secrets.ts'
import type {Secret} from '../../errors/secret.ts'
import type {Http} from '../http.ts'

/** Kind of the owner of a package, as in addresses. */
export type PackageOwners = 'orgs' | 'users'

interface PackageRequest {
  readonly http: Http
  readonly apiUrl: string
  readonly token: Secret
  readonly hide: Hide
}

/** Reads facts from the body of a response. Undefined if it has none. */
type ReadPackage<T> = (body: Buffer, owners: PackageOwners) => T | undefined

/**
 * Reads a package of GitHub's container registry (https://docs.github.com/rest/packages/packages), or returns the requests
 * that failed, with their statuses. Never rejects.
 */
export async function requestPackage<T>(
  {owner, name}: {readonly owner: string; readonly name: string},
  {http, apiUrl, token, hide}: PackageRequest,
  read: ReadPackage<T>,
): Promise<T | string> {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token.reveal()}`,
    'x-github-api-version': '2022-11-28',
  }
  const answers: string[] = []
  // The owner is an organization or a user, each with its own path.
  for (const owners of ['orgs', 'users'] as const) {
    const path = `/${owners}/${owner}/packages/container/${encodeURIComponent(name)}`
    try {
      const {status, body} = await http.send({method: 'GET', url: new URL(`${apiUrl}${path}`), headers})
      const found = status === 200 ? read(body, owners) : undefined
      if (found !== undefined) return found
      answers.push(`GET ${path}: ${status}`)
      if (status !== 404) break
    } catch (error) {
      answers.push(`GET ${path}: ${hide(errorMessage(error))}`)
      break
    }
  }
  return answers.join(', ')
}
