import {field, parseJson} from '../../oci/manifest.ts'
import type {Repository} from '../../oci/reference.ts'
import type {RegistryResponse} from '../../registry/registry-request.ts'
import type {ListedImage} from '../../retention/repository-content.ts'
import type {StoreResources} from '../store-opener.ts'
import {parseTime} from '../../retention/parse-configuration.ts'
import {latestOf} from '../times.ts'
import {WebApi} from '../web-api.ts'

/** Maximum of the API. */
const pageSize = 100
const maxPages = 10_000
/** Pages without an artifact in a row: Harbor leaves signatures out after it has cut the pages. */
const maxEmptyPages = 10

/** Artifacts of a repository of Harbor: https://github.com/goharbor/harbor/blob/main/api/v2.0/swagger.yaml */
export class HarborApi {
  readonly #api: WebApi
  readonly #path: string

  constructor(repository: Repository, resources: Pick<StoreResources, 'clients' | 'services'>) {
    const [project = '', ...rest] = repository.path.split('/')
    this.#api = new WebApi(repository, resources)
    // Harbor decodes the name once more than the path: unescapePathParams in src/server/v2.0/handler.
    const name = encodeURIComponent(encodeURIComponent(rest.join('/')))
    this.#path = `/api/v2.0/projects/${project}/repositories/${name}/artifacts`
  }

  /**
   * Lists the artifacts that have a tag, or that no other artifact contains. Signatures and other accessories are left out;
   * they are deleted with their subject. The total is that of the last page; `Link` is not used, since it is computed from
   * this total, in which accessories do not count.
   * @throws TagboatError `prune-list-cut` if an artifact is missing.
   */
  async list(): Promise<readonly ListedImage[]> {
    const images = new Map<string, ListedImage>()
    let empty = 0
    for (let page = 1; ; page += 1) {
      const query = `page=${page}&page_size=${pageSize}&with_tag=true&with_immutable_status=true&sort=push_time`
      const {value, response} = await this.#api.read(`${this.#path}?${query}`)
      const total = totalOf(response)
      if (!Array.isArray(value) || total === undefined)
        throw this.#api.cut(response, 'is not a page of the list of artifacts')
      const found = value.map(imageOf)
      for (const image of found) if (image !== undefined) images.set(image.digest, image)
      if (images.size >= total) return [...images.values()]
      empty = found.length === 0 ? empty + 1 : 0
      if (page === maxPages || empty > maxEmptyPages)
        throw this.#api.cut(response, `shows ${images.size} of ${total} artifacts`)
    }
  }

  /** Reads an artifact. Undefined if it does not exist. */
  async image(digest: string): Promise<Pick<ListedImage, 'tags' | 'pushedAt'> | undefined> {
    const response = await this.#api.get(`${this.#path}/${digest}?with_tag=true`)
    if (response.status === 404) return undefined
    if (response.status !== 200) throw await this.#api.failure('GET', response)
    return imageOf(parseJson(response.body)) ?? {tags: [], pushedAt: undefined}
  }

  async deleteArtifact(digest: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    return this.#api.delete(`${this.#path}/${digest}`, proceed)
  }

  /** Deletes a tag of an artifact: 404 if it has another one. */
  async deleteTag(digest: string, tag: string, proceed: () => Promise<boolean>): Promise<RegistryResponse | undefined> {
    return this.#api.delete(`${this.#path}/${digest}/tags/${tag}`, proceed)
  }
}

function totalOf({headers}: RegistryResponse): number | undefined {
  const total = headers['x-total-count'] ?? ''
  return /^\d{1,9}$/.test(total) ? Number(total) : undefined
}

function imageOf(artifact: unknown): ListedImage | undefined {
  const digest = field(artifact, 'digest')
  if (typeof digest !== 'string') return undefined
  const listed = field(artifact, 'tags')
  const tags = (Array.isArray(listed) ? listed : []).flatMap((tag) => {
    const name = field(tag, 'name')
    return typeof name === 'string'
      ? [{name, pushed: parseTime(field(tag, 'push_time')), isLocked: field(tag, 'immutable') === true}]
      : []
  })
  const pushedAt = latestOf([parseTime(field(artifact, 'push_time')), ...tags.map(({pushed}) => pushed)])
  const isLocked = tags.some((tag) => tag.isLocked)
  return {digest, tags: tags.map(({name}) => name), pushedAt, ...(isLocked && {isLocked: true})}
}
