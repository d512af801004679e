import {retentionError} from '../../errors/retention-error.ts'
import type {TagboatError} from '../../errors/error.ts'
import {field} from '../../oci/manifest.ts'
import {packageOf} from '../../oci/ghcr.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import {evidenceOf, unexpected, type GitHubApi, type GitHubResponse, type OwnerKind} from './github-api.ts'
import {pageIn} from './page-link.ts'
import {parseVersion, parseVersions, type PackageVersion} from './package-version.ts'

/** Page of the list of versions. */
export interface VersionPage {
  readonly versions: readonly PackageVersion[]
  /** Number of the last page, if the response states it. */
  readonly last: number | undefined
  readonly hasNext: boolean
}

/** Largest page of the API. */
const perPage = 100

/** Versions of one package over the REST API: https://docs.github.com/rest/packages/packages */
export class PackageVersions {
  readonly api: GitHubApi
  readonly #repository: Repository
  #base: Promise<string> | undefined

  constructor(api: GitHubApi, repository: Repository) {
    this.api = api
    this.#repository = repository
  }

  /**
   * Reads a page of the versions that are not deleted, newest first. Undefined if GitHub does not show the package.
   * @throws TagboatError `prune-denied-ghcr` if the token may not read it.
   */
  async page(number: number): Promise<VersionPage | undefined> {
    const response = await this.#send('GET', `?state=active&per_page=${perPage}&page=${number}`)
    if (response.status === 404 && number === 1) return undefined
    if (response.status === 401 || response.status === 403) throw this.#denied(response)
    const versions = response.status === 200 ? parseVersions(response.json) : undefined
    if (versions === undefined) throw unexpected(response)
    const link = response.headers['link']
    // Each page has the header, except the only one.
    const hasNext = link === undefined ? versions.length >= perPage : pageIn(link, 'next') !== undefined
    return {versions, last: pageIn(link, 'last'), hasNext}
  }

  /** Reads a version. Undefined if it does not exist any more. */
  async version(id: string): Promise<PackageVersion | undefined> {
    const response = await this.#send('GET', `/${id}`)
    if (response.status === 404) return undefined
    const version = response.status === 200 ? parseVersion(response.json) : undefined
    if (version === undefined) throw unexpected(response)
    return version
  }

  /**
   * Deletes a version with all its tags, if `proceed` allows it before each attempt. Returns the response, of any status,
   * or undefined if it does not.
   */
  async delete(id: string, proceed: () => Promise<boolean>): Promise<GitHubResponse | undefined> {
    this.#base ??= this.#findBase()
    return this.api.sendWhile('DELETE', `${await this.#base}/versions/${id}`, proceed)
  }

  /** Restores a deleted version. Returns the response, of any status. */
  async restore(id: string): Promise<GitHubResponse> {
    return this.#send('POST', `/${id}/restore`)
  }

  async #send(method: 'GET' | 'POST', path: string): Promise<GitHubResponse> {
    this.#base ??= this.#findBase()
    return this.api.send(method, `${await this.#base}/versions${path}`)
  }

  /** Path of the package below that of its owner. An owner that is the user of the token may need `/user`. */
  async #findBase(): Promise<string> {
    const {owner, name} = packageOf(this.#repository)
    const below = (of: string): string => `${of}/packages/container/${encodeURIComponent(name)}`
    const kind = this.api.knownKind(owner) ?? (await this.#requestKind(owner))
    const base = below(`/${kind}/${encodeURIComponent(owner)}`)
    if (kind === 'orgs' || (await this.api.send('GET', base)).status !== 404) return base
    const {status, json} = await this.api.send('GET', '/user')
    const login = status === 200 ? field(json, 'login') : undefined
    return typeof login === 'string' && login.toLowerCase() === owner.toLowerCase() ? below('/user') : base
  }

  async #requestKind(owner: string): Promise<OwnerKind> {
    const response = await this.api.send('GET', `/users/${encodeURIComponent(owner)}`)
    // An owner that does not exist has no packages of any kind.
    if (response.status === 404) return 'users'
    const type = response.status === 200 ? field(response.json, 'type') : undefined
    if (type === 'Organization') return 'orgs'
    if (type === 'User') return 'users'
    throw unexpected(response)
  }

  #denied(response: GitHubResponse): TagboatError {
    return retentionError('prune-denied-ghcr', {
      message: `GitHub does not let this token read the versions of ${formatRepository(this.#repository)}.`,
      evidence: [evidenceOf(response)],
    })
  }
}
