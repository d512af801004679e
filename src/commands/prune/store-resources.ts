import type {GitContext} from '../../context/git-context.ts'
import {loginFor} from '../../credentials/scoped-logins.ts'
import type {Inputs} from '../../inputs/inputs.ts'
import type {GitHubApi} from '../../prune/ghcr/github-api.ts'
import type {StoreResources} from '../../prune/store-opener.ts'
import type {MintedCredentials} from '../../run/clouds.ts'
import type {Registries} from '../../run/registries.ts'

interface ResourceOwner {
  readonly registries: Pick<Registries, 'clients' | 'services' | 'undoClients'>
  readonly minted: readonly MintedCredentials[]
  readonly inputs: {readonly credentials: Pick<Inputs['credentials'], 'githubToken'>}
  readonly context: Pick<GitContext, 'server' | 'repository'>
}

/** Resources of the stores of a run. */
export interface RunResources extends StoreResources {
  /** Clients that the cancellation of the run does not end, for a fixed time. */
  readonly undoClients: Registries['undoClients']
}

/** Creates the resources of the stores of a run, with its logins, cloud identities and GitHub token. */
export async function storeResources(owner: ResourceOwner): Promise<RunResources> {
  const {registries, minted, context} = owner
  const {clients, services} = registries
  return {
    clients,
    services,
    undoClients: registries.undoClients,
    ecr: (repository) => loginFor(minted, {...repository, isPushed: true})?.ecr,
    gitHub: await gitHubApi(owner),
    gitHubServer: context.server.url,
  }
}

const ownerKinds = {User: 'users', Organization: 'orgs'} as const

async function gitHubApi({inputs, context, registries}: ResourceOwner): Promise<GitHubApi | undefined> {
  const token = inputs.credentials.githubToken
  if (token === undefined) return undefined
  const {GitHubApi: Api} = await import('../../prune/ghcr/github-api.ts')
  const {owner: name, ownerType} = context.repository
  const owner = ownerType && {name, kind: ownerKinds[ownerType]}
  return new Api({apiUrl: context.server.apiUrl, token, owner}, registries.services)
}
