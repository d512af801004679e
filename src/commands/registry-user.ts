import {chooseLogins} from '../credentials/choose-logins.ts'
import {readUserConfig} from '../credentials/config-directory.ts'
import type {GitContext} from '../context/git-context.ts'
import type {Inputs} from '../inputs/inputs.ts'
import type {Repository} from '../oci/reference.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {ghcrHost} from '../oci/ghcr.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {cloudCredentials} from '../run/clouds.ts'
import {userDirectoryOf} from '../run/private-config.ts'
import type {RegistryUser} from '../run/registries.ts'

/** Repositories that a run changes, and what its credentials depend on. */
interface RegistryUse {
  readonly inputs: Pick<Inputs, 'credentials' | 'publish' | 'promote'>
  readonly context: GitContext
  readonly pushedTo: readonly Repository[]
  /** Repositories that the run changes if it can. */
  readonly bestEffort?: readonly Repository[] | undefined
}

/** Repositories that a publication pushes to. */
export function pushOf({inputs, context, plan}: Prepared): RegistryUse {
  return {inputs, context, pushedTo: repositoriesOf(requiredPart(plan)), bestEffort: plan.bestEffort}
}

/** Credentials and repositories of a run without Docker. `readHosts` are registries that a build would read from. */
export async function registryUser(
  {inputs, context, pushedTo, bestEffort}: RegistryUse,
  io: Io,
  readHosts: readonly string[] = [],
): Promise<RegistryUser> {
  const userDirectory = userDirectoryOf(io)
  const authConfig = io.environment['DOCKER_AUTH_CONFIG']
  const userConfig = await readUserConfig({userDirectory, authConfig}, io.files)
  const sources = inputs.promote.sources.map((source) =>
    source.kind === 'tag' ? source.reference.repository : source.repository,
  )
  const readsPackages = sources.some((source) => source?.host === ghcrHost)
  const logins = chooseLogins({
    inputs: inputs.credentials,
    context,
    pushedTo,
    bestEffort,
    readsPackages,
    userConfig,
  })
  const minted = await cloudCredentials(
    {
      inputs: inputs.credentials.clouds,
      pushedTo,
      otherHosts: [...sources, ...(bestEffort ?? [])].flatMap((one) => (one === undefined ? [] : [one.host])),
      readHosts,
      logins,
      userConfig,
      retries: inputs.publish.retries,
    },
    io,
  )
  if (inputs.credentials.logins.some(({isUnnamed}) => isUnnamed)) {
    const {rejectUnnamedRegistry} = await import('../run/unnamed-registry.ts')
    const repositories = [...pushedTo, ...sources.flatMap((source) => source ?? []), ...(bestEffort ?? [])]
    rejectUnnamedRegistry({repositories, pushes: true, logins: [...logins, ...minted], userConfig})
  }
  return {logins, minted, userConfig, userDirectory, pushedTo}
}
