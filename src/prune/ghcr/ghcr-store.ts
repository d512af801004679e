import type {ErrorCode} from '../../errors/causes.ts'
import {TagboatError} from '../../errors/error.ts'
import {containerRegistryOf} from '../../oci/ghcr.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {Listing} from '../../retention/repository-content.ts'
import type {Deletion, DoomedImage, ImageStore} from '../image-store.ts'
import type {StoreOpener} from '../store-opener.ts'
import {agreeOnTags} from './agree-on-tags.ts'
import {deleteVersion, requestsPerDeletion, type DoomedVersion} from './delete-version.ts'
import type {GitHubApi} from './github-api.ts'
import {listVersions, reservedRequests} from './list-versions.ts'
import {PackageVersions} from './package-versions.ts'
import type {PackageVersion} from './package-version.ts'
import {removeTag} from './remove-tag.ts'
import {restoreVersion} from './restore-version.ts'

/**
 * Images of a package in the container registry of GitHub. It has no deletion in the OCI API (405) and no list of
 * manifests there: both are in the REST API, where an image with all its tags is a version of the package.
 */
export class GhcrStore implements ImageStore {
  readonly repository: Repository
  readonly denialCode = 'prune-denied-ghcr'
  /** An error must not hide which versions were deleted before it. */
  readonly batchSize = 1
  readonly #api: GitHubApi
  readonly #client: RepositoryClient
  readonly #versions: PackageVersions
  readonly #ids = new Map<string, string>()

  constructor(api: GitHubApi, client: RepositoryClient) {
    this.repository = client.repository
    this.#api = api
    this.#client = client
    this.#versions = new PackageVersions(api, client.repository)
  }

  async list(): Promise<Listing> {
    const versions = await this.#list()
    for (const {id, digest} of versions) this.#ids.set(digest, id)
    const images = versions.map(({id, digest, tags, changedAt}) => ({id, digest, tags, pushedAt: changedAt}))
    return {kind: 'images', images}
  }

  async #list(): Promise<readonly PackageVersion[]> {
    try {
      const listed = await listVersions(this.#versions)
      if (listed !== undefined) return await agreeOnTags(listed, {versions: this.#versions, client: this.#client})
    } catch (error) {
      throw listError(error, this.repository)
    }
    const tags = await this.#client.tags()
    if (tags.length === 0) return []
    throw new TagboatError('prune-denied-ghcr', {
      message: `GitHub does not show the package of ${formatRepository(this.repository)} to this token.`,
      evidence: [`the registry lists ${tags.length} tags, but the API answers 404`],
    })
  }

  async deleteImages(images: readonly DoomedImage[]): Promise<readonly Deletion[]> {
    const deletions: Deletion[] = []
    for (const image of images) {
      this.#api.requireLeft(reservedRequests + requestsPerDeletion)
      deletions.push(await orFailed(async () => deleteVersion(this.#versions, this.#versionOf(image))))
    }
    return deletions
  }

  async removeTag(tag: string, digest: string): Promise<Deletion> {
    const {id} = this.#versionOf({digest, tags: [tag]})
    return orFailed(async () => removeTag({tag, id, digest}, {versions: this.#versions, client: this.#client}))
  }

  async budget(): Promise<number | undefined> {
    const {limit} = this.#api
    const left = limit && Math.floor((limit.remaining - reservedRequests) / requestsPerDeletion)
    return Promise.resolve(left && Math.max(0, left))
  }

  async restore(image: DoomedImage): Promise<boolean> {
    return restoreVersion(this.#versionOf(image), this.#versions, this.#client)
  }

  #versionOf({digest, tags, id = this.#ids.get(digest)}: DoomedImage): DoomedVersion {
    if (id === undefined) throw new TypeError(`unreachable: ${digest} was not listed`)
    return {id, digest, tags}
  }
}

/**
 * Opens a package in the container registry of the GitHub server of this run.
 * @throws TagboatError `credentials-missing` without a token of that server: the login of a registry does not open its
 * REST API, and the token of one server must not be sent to another.
 */
export const openGhcr: StoreOpener<'clients' | 'gitHub' | 'gitHubServer'> = (repository, resources) => {
  const {clients, gitHub, gitHubServer} = resources
  const isForeign = containerRegistryOf(gitHubServer) !== repository.host
  if (gitHub !== undefined && !isForeign) return new GhcrStore(gitHub, clients.repository(repository))
  throw new TagboatError('credentials-missing', {
    message: `The images of ${formatRepository(repository)} cannot be listed without a token of its GitHub server.`,
    evidence: [isForeign ? `github-token is of ${gitHubServer}` : 'github-token is empty'],
    remedy: isForeign
      ? 'Prune this image in a workflow of its own server.'
      : 'Set `github-token`, or remove the input: its default is the token of the job.',
  })
}

/** Result of a deletion, also if another request that it needs is answered with an error. */
async function orFailed(work: () => Promise<Deletion>): Promise<Deletion> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TagboatError) || error.code !== 'registry-failed') throw error
    return {kind: 'failed', answer: error.evidence.join(', ')}
  }
}

/** Error of a list that was not read to its end. Other errors stay, such as a cancellation. */
function listError(error: unknown, repository: Repository): unknown {
  if (!(error instanceof TagboatError) || !cuts.has(error.code)) return error
  return new TagboatError('prune-list-cut', {
    message: `The list of the images of ${formatRepository(repository)} could not be read to its end.`,
    evidence: error.evidence,
    cause: error,
  })
}

const cuts: ReadonlySet<ErrorCode> = new Set(['registry-failed', 'rate-limited'])
