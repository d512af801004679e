import type {GitContext} from '../../context/git-context.ts'
import {loginFor} from '../../credentials/scoped-logins.ts'
import type {Inputs} from '../../inputs/inputs.ts'
import type {Io} from '../../io/io.ts'
import type {StoreResources} from '../../prune/store-opener.ts'
import type {MintedCredentials} from '../../run/clouds.ts'
import type {Registries} from '../../run/registries.ts'

interface ResourceOwner {
  readonly registries: Pick<Registries, 'clients' | 'services'>
  readonly minted: readonly MintedCredentials[]
  readonly inputs: Pick<Inputs, 'credentials'>
  readonly context: Pick<GitContext, 'server'>
}

/** Resources of the stores of this run, with its logins, cloud identities and GitHub token. */
export function storeResources(
  {registries, minted, inputs, context}: ResourceOwner,
  io: Pick<Io, 'gitHub'>,
): StoreResources {
  const {clients, services} = registries
  const {githubToken} = inputs.credentials
  const {apiUrl, url} = context.server
  return {
    clients,
    services,
    ecr: (repository) => loginFor(minted, {...repository, isPushed: true})?.ecr,
    gitHub: githubToken && io.gitHub(githubToken, apiUrl),
    gitHubServer: url,
  }
}
