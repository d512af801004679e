import {chooseLogins} from '../credentials/choose-logins.ts'
import {readUserConfig} from '../credentials/config-directory.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {ghcrHost} from '../oci/ghcr.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {cloudCredentials} from '../run/clouds.ts'
import {userDirectoryOf} from '../run/private-config.ts'
import type {RegistryUser} from '../run/registries.ts'

/** Credentials and repositories of a run without Docker. `readHosts` are registries that a build would read from. */
export async function registryUser(
  prepared: Prepared,
  io: Io,
  readHosts: readonly string[] = [],
): Promise<RegistryUser> {
  const {inputs, context} = prepared
  const userDirectory = userDirectoryOf(io)
  const authConfig = io.environment['DOCKER_AUTH_CONFIG']
  const userConfig = await readUserConfig({userDirectory, authConfig}, io.files)
  const {bestEffort} = prepared.plan
  const pushedTo = repositoriesOf(requiredPart(prepared.plan))
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
