import type {ErrorCode} from '../../errors/causes.ts'
import {retentionError} from '../../errors/retention-error.ts'
import {TagboatError} from '../../errors/error.ts'
import {containerRegistryOf} from '../../oci/ghcr.ts'
import {formatRepository, type Repository} from '../../oci/reference.ts'
import type {RepositoryClient} from '../../registry/repository-client.ts'
import type {DoomedImage} from '../image-store.ts'
import {oneByOne} from '../one-by-one.ts'
import type {StoreOpener} from '../store-opener.ts'
import {agreeOnTags} from './agree-on-tags.ts'
import {deleteVersion, requestsPerDeletion, type DoomedVersion} from './delete-version.ts'
import {listVersions, reservedRequests} from './list-versions.ts'
import {PackageVersions} from './package-versions.ts'
import type {PackageVersion} from './package-version.ts'
import {removeTag} from './remove-tag.ts'
import {restoreVersion} from './restore-version.ts'

/**
 * Opens a package in the container registry of the GitHub server of this run. Its registry has no deletion in the OCI API
 * (405) and no list of manifests there: both are in the REST API, where an image with all its tags is a version of the
 * package.
 * @throws TagboatError `credentials-missing` without a token of that server: the login of a registry does not open its
 * REST API, and the token of one server must not be sent to another.
 */
export const openGhcr: StoreOpener<'clients' | 'services' | 'gitHub' | 'gitHubServer'> = (repository, resources) => {
  const {clients, services, gitHub, gitHubServer} = resources
  const isForeign = containerRegistryOf(gitHubServer) !== repository.host
  if (gitHub === undefined || isForeign) throw tokenMissing(repository, isForeign ? gitHubServer : undefined)
  const client = clients.repository(repository)
  const versions = new PackageVersions(gitHub, repository)
  const ids = new Map<string, string>()
  let listRequests = 0
  // The registry shows a part of an index for some time after its version is gone.
  const versionOf = ({digest, tags, pushedAt, id = ids.get(digest)}: DoomedImage): DoomedVersion | undefined =>
    id === undefined ? undefined : {id, digest, tags, changedAt: pushedAt}
  const beforeDeletion = async (): Promise<void> => {
    await gitHub.beforeDeletion()
    gitHub.requireLeft(reservedRequests + requestsPerDeletion)
  }
  return {
    repository,
    denialCode: 'prune-denied-ghcr',
    async list() {
      const {sent} = gitHub
      const listed = await listAll(versions, client)
      listRequests = gitHub.sent - sent
      for (const {id, digest} of listed) ids.set(digest, id)
      const images = listed.map(({id, digest, tags, changedAt}) => ({id, digest, tags, pushedAt: changedAt}))
      return {kind: 'images', images}
    },
    ...oneByOne({
      deleteImage: async (image) => {
        const doomed = versionOf(image)
        if (doomed === undefined) return {kind: 'gone'}
        await beforeDeletion()
        return deleteVersion(versions, doomed)
      },
      removeTag: async (tag, digest) => {
        const doomed = versionOf({digest, tags: [tag]})
        if (doomed === undefined) return {kind: 'gone'}
        await beforeDeletion()
        return removeTag({tag, id: doomed.id, digest}, {versions, client})
      },
      signal: services.retrier.signal,
    }),
    async budget() {
      const {limit} = gitHub
      const reserved = reservedRequests + laterLists * listRequests
      const left = limit && Math.floor((limit.remaining - reserved) / requestsPerDeletion)
      return Promise.resolve(left && Math.max(0, left))
    },
    async restore(image) {
      const deleted = versionOf(image)
      return deleted !== undefined && restoreVersion(deleted, versions, client)
    },
  }
}

/** Number of lists that follow: before the images, their platforms and their signatures, and to read back. */
const laterLists = 4

function tokenMissing(repository: Repository, foreignServer: string | undefined): TagboatError {
  const [evidence, remedy] =
    foreignServer === undefined
      ? ['github-token is empty', 'Set `github-token`, or remove the input: its default is the token of the job.']
      : [`github-token is of ${foreignServer}`, 'Prune this image in a workflow of its own server.']
  return new TagboatError('credentials-missing', {
    message: `The images of ${formatRepository(repository)} cannot be listed without a token of its GitHub server.`,
    evidence: [evidence],
    remedy,
  })
}

/** Lists all versions with the tags that the registry lists, too. Empty if the package does not exist. */
async function listAll(versions: PackageVersions, client: RepositoryClient): Promise<readonly PackageVersion[]> {
  const {repository} = client
  try {
    const listed = await listVersions(versions)
    if (listed !== undefined) return await agreeOnTags(listed, {versions, client})
  } catch (error) {
    throw listError(error, repository)
  }
  const tags = await client.tags()
  if (tags.length === 0) return []
  throw retentionError('prune-denied-ghcr', {
    message: `GitHub does not show the package of ${formatRepository(repository)} to this token.`,
    evidence: [`the registry lists ${tags.length} tags, but the API answers 404`],
  })
}

/** Error of a list that was not read to its end. Other errors stay, such as a cancellation. */
function listError(error: unknown, repository: Repository): unknown {
  if (!(error instanceof TagboatError) || !cuts.has(error.code)) return error
  return retentionError('prune-list-cut', {
    message: `The list of the images of ${formatRepository(repository)} could not be read to its end.`,
    evidence: error.evidence,
    cause: error,
  })
}

const cuts: ReadonlySet<ErrorCode> = new Set(['registry-failed', 'rate-limited'])
