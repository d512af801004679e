import {field} from '../../oci/manifest.ts'
import type {Repository} from '../../oci/reference.ts'
import type {RegistryResponse} from '../../registry/registry-request.ts'
import type {StoreResources} from '../store-opener.ts'
import {parseTime} from '../../retention/parse-configuration.ts'
import {WebApi} from '../web-api.ts'

/** Version of a package: a tag, or the digest of a manifest that was pushed without one. */
export interface PackageVersion {
  readonly version: string
  readonly createdAt: Date | undefined
}

/** Maximum of the API, unless the server is configured otherwise. */
const pageSize = 50
const maxPages = 20_000
const maxReads = 4

/** Packages of Gitea and Forgejo: https://docs.gitea.com/api/, https://forgejo.org/docs/latest/user/api-usage/ */
export class GiteaApi {
  readonly #api: WebApi
  readonly #owner: string
  readonly #name: string

  constructor(repository: Repository, resources: Pick<StoreResources, 'clients' | 'services'>) {
    const [owner = '', ...rest] = repository.path.split('/')
    this.#api = new WebApi(repository, resources)
    this.#owner = owner
    this.#name = rest.join('/')
  }

  /**
   * Lists the versions of the package. The list of all packages whose name contains a text exists in every release, and
   * in Forgejo. Its order is that of creation, newest first, so a push can only repeat a version. A deletion moves versions
   * to pages that were read before, so the list is read again.
   * @throws TagboatError `prune-list-cut` if a version is missing.
   */
  async list(): Promise<readonly PackageVersion[]> {
    for (let read = 1; ; read += 1) {
      const versions = await this.#listOnce(read === maxReads)
      if (versions !== undefined) return versions
    }
  }

  /** Reads all pages. Undefined if the number of versions became smaller meanwhile, unless this is the last read. */
  async #listOnce(isLast: boolean): Promise<readonly PackageVersion[] | undefined> {
    const seen = new Set<unknown>()
    const versions = new Map<string, PackageVersion>()
    let before = 0
    for (let page = 1; ; page += 1) {
      const query = new URLSearchParams({type: 'container', q: this.#name, page: String(page), limit: String(pageSize)})
      const {value, response} = await this.#api.read(`/api/v1/packages/${this.#owner}?${query.toString()}`)
      if (!Array.isArray(value)) throw this.#api.cut(response, 'is not a list of packages')
      for (const one of value) {
        seen.add(field(one, 'id'))
        this.#add(versions, one)
      }
      const total = Number(response.headers['x-total-count'] ?? Number.NaN)
      if (total < before) {
        if (!isLast) return undefined
        throw this.#api.cut(response, `shows ${total} of ${before} versions`)
      }
      before = total
      if (seen.size >= total) return [...versions.values()]
      if (value.length === 0 || page === maxPages)
        throw this.#api.cut(response, `shows ${seen.size} of ${total} versions`)
    }
  }

  #add(versions: Map<string, PackageVersion>, one: unknown): void {
    const [name, version] = [field(one, 'name'), field(one, 'version')]
    if (name !== this.#name || typeof version !== 'string') return
    versions.set(version, {version, createdAt: parseTime(field(one, 'created_at'))})
  }

  /** Deletes one version. Others with the same manifest stay. */
  async deleteVersion(version: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    const parts = [this.#owner, 'container', this.#name, version].map((part) => encodeURIComponent(part))
    return this.#api.delete(`/api/v1/packages/${parts.join('/')}`, proceed)
  }
}
