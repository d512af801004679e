import type {Repository} from '../oci/reference.ts'
import type {ImageStore} from './image-store.ts'
import {registryKind, type RegistryKind} from './registry-kind.ts'
import type {StoreOpener, StoreResources} from './store-opener.ts'

type Load = () => Promise<StoreOpener>

const oci: Load = async () => (await import('./oci/oci-store.ts')).openOci

/** Loaders of the stores, by kind. The code of a store is loaded only for a registry of its kind. */
const loaders: Readonly<Record<RegistryKind, Load>> = {
  ghcr: async () => (await import('./ghcr/ghcr-store.ts')).openGhcr,
  ecr: async () => (await import('./ecr/ecr-store.ts')).openEcr,
  google: async () => (await import('./google/google-store.ts')).openGoogle,
  azure: async () => (await import('./azure/azure-store.ts')).openAzure,
  'docker-hub': async () => (await import('./docker-hub/hub-store.ts')).openDockerHub,
  gitlab: async () => (await import('./gitlab/gitlab-store.ts')).openGitLab,
  quay: async () => (await import('./quay/quay-store.ts')).openQuay,
  harbor: async () => (await import('./harbor/harbor-store.ts')).openHarbor,
  gitea: async () => (await import('./gitea/gitea-store.ts')).openGitea,
  oci,
}

/**
 * Opens the store of a repository: that of its kind, or else that of the OCI API. The kind of a registry with a host of its
 * owner is known from the ping of the registry, which is done once for all requests.
 * @throws TagboatError `registry-unreachable`, `registry-failed` or `rate-limited`.
 */
export async function openStore(repository: Repository, resources: StoreResources): Promise<ImageStore> {
  const open = await loaders[await kindOf(repository, resources)]()
  return open(repository, resources)
}

/** Amazon ECR may have any host, by the inputs of the run. Without its API, its registry is used as any other. */
async function kindOf(
  repository: Repository,
  {clients, ecr, gitHubServer}: Pick<StoreResources, 'clients' | 'ecr' | 'gitHubServer'>,
): Promise<RegistryKind> {
  if (ecr(repository) !== undefined) return 'ecr'
  const {host} = repository
  const {challenge} = await clients.host(host).endpoint()
  const kind = registryKind({host, challenge, gitHubServer})
  return kind === 'ecr' ? 'oci' : kind
}
