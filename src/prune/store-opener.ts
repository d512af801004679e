import type {EcrApi} from '../credentials/cloud/ecr-api.ts'
import type {Repository} from '../oci/reference.ts'
import type {HostClients} from '../registry/client.ts'
import type {ServiceIo} from '../registry/vendors/service-io.ts'
import type {GitHubApi} from './ghcr/github-api.ts'
import type {ImageStore} from './image-store.ts'

/** Resources of all stores of a run, for their requests. One value serves all repositories. */
export interface StoreResources {
  /**
   * Clients of registries. `repository()` is the OCI API. `host()` sends any request to the registry itself, authorized
   * for a scope and with retries, and returns responses of any status: a target without a scheme is below `/v2/`, a URL
   * of its origin may have another path.
   */
  readonly clients: HostClients
  /** Requests to other addresses of a vendor, or with another form of the login. */
  readonly services: ServiceIo
  /** API of Amazon ECR with the identity of this run, by repository; undefined without one. */
  readonly ecr: (repository: Repository) => EcrApi | undefined
  /** REST API of the GitHub server of this run, with `github-token`; undefined without a token. */
  readonly gitHub: GitHubApi | undefined
  /** Web address of the GitHub server of this run: `https://github.com`. */
  readonly gitHubServer: string
}

/**
 * Opens the store of a repository, without a request. Each kind of registry has one, in `src/prune/<kind>/`; a row of
 * `open-store.ts` loads it. It may declare the resources that it needs, and no others:
 * `openHarbor: StoreOpener<'clients'>`.
 */
export type StoreOpener<Needs extends keyof StoreResources = keyof StoreResources> = (
  repository: Repository,
  resources: Pick<StoreResources, Needs>,
) => ImageStore
