import {chooseLogins, hostsWithoutLogin, incompleteHosts} from '../credentials/choose-logins.ts'
import {logIn, type Login} from '../credentials/login.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Builder} from '../buildx/inspect.ts'
import {cacheRepositories} from './cache/caches.ts'
import {builderLife} from '../builder/builder-life.ts'
import type {Io} from '../io/io.ts'
import {compareWorkspace} from './compare-workspace.ts'
import {prepareConfig, type PrivateDockerConfig} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {openRegistries} from '../run/registries.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {readsPackages} from './reads-packages.ts'
import type {BuildSession} from './build-session.ts'

/** Opens the session of a build: chooses the logins and connects to the registries. */
export async function openSession(
  prepared: Prepared,
  dockerConfig: PrivateDockerConfig,
  io: Io,
): Promise<BuildSession> {
  const {inputs, context} = prepared
  const {userConfig, userDirectory} = dockerConfig
  const pushedTo = repositoriesOf(prepared.plan)
  const logins = chooseLogins({
    inputs: inputs.credentials,
    context,
    pushedTo: [...pushedTo, ...(await cacheRepositories(prepared, io))],
    bestEffort: prepared.plan.bestEffort,
    readsPackages: await readsPackages(prepared, io),
    userConfig,
  })
  await prepareConfig(dockerConfig, logins, io)
  const registries = await openRegistries({logins, userConfig, userDirectory, pushedTo}, inputs.publish.retries, io)
  const builder = builderLife({prepared, dockerConfig, registries, io})
  const removeEarly = async (): Promise<void> => {
    builder.retire()
    await dockerConfig.removeEarly()
  }
  return {
    prepared,
    dockerConfig: {...dockerConfig, removeEarly},
    builder,
    logins,
    registries,
    io,
    async [Symbol.asyncDispose]() {
      registries[Symbol.dispose]()
      await builder[Symbol.asyncDispose]()
    },
  }
}

/**
 * Logs in, starts the builder and awaits `concurrent`, all at the same time. Settles when all of them have settled: a
 * login that is still running would write to a directory that is being removed.
 */
export async function beforeBuild<T>(session: BuildSession, concurrent: Promise<T>): Promise<readonly [Builder, T]> {
  const {prepared, dockerConfig, logins, io} = session
  const {inputs, context} = prepared
  const failedHosts = new Set<string>()
  const onLeftOut = async ({host}: Login, error: TagboatError): Promise<void> => {
    failedHosts.add(host)
    const {renderError} = await import('../errors/render-error.ts')
    io.workflow.warning(`Continuing without a login to ${host}. ${renderError(error)}`)
  }
  const login = io.phases.measure('login', async () =>
    logIn(logins, dockerConfig, {...io, childEnv: dockerConfig.env, onLeftOut}),
  )
  const ready = io.phases.measure('builder', async () => session.builder.ready())
  const comparison = compareWorkspace(prepared, io)
  await Promise.allSettled([login, ready, concurrent, comparison])
  await login
  const pushedTo = repositoriesOf(prepared.plan)
  const anonymous = hostsWithoutLogin({pushedTo, userConfig: dockerConfig.userConfig}, logins)
  io.workflow.print([
    ...logins.flatMap(({host, username}) => (failedHosts.has(host) ? [] : [`Logged in to ${host} as ${username}`])),
    ...incompleteHosts({inputs: inputs.credentials, context}).map(
      (host) => `No login for ${host}: its user name or password is empty`,
    ),
    ...anonymous.map((host) => `No login for ${host}: pushing anonymously`),
  ])
  await comparison
  return [await ready, await concurrent]
}
