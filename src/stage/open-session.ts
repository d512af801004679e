import {chooseLogins, hostsWithoutLogin, incompleteHosts} from '../credentials/choose-logins.ts'
import {logIn, type Login} from '../credentials/login.ts'
import {renderError, type TagboatError} from '../errors/error.ts'
import type {Builder} from '../buildx/inspect.ts'
import {cachedIn} from './cache/caches.ts'
import {builderLife} from '../builder/builder-life.ts'
import type {Io} from '../io/io.ts'
import {compareWorkspace} from './compare-workspace.ts'
import {prepareConfig, type PrivateDockerConfig} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {openRegistries} from '../run/registries.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {readsPackages} from './reads-packages.ts'
import type {Session} from './session.ts'

export async function openSession(prepared: Prepared, dockerConfig: PrivateDockerConfig, io: Io): Promise<Session> {
  const {inputs, context} = prepared
  const {userConfig, userDirectory} = dockerConfig.home
  const pushedTo = repositoriesOf(prepared.plan)
  const logins = chooseLogins({
    inputs: inputs.credentials,
    context,
    pushedTo: [...pushedTo, ...(await cachedIn(prepared, io))],
    readsPackages: await readsPackages(prepared, io),
    userConfig,
  })
  await prepareConfig(dockerConfig.home, logins, io)
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
 * Logs in, has the builder made ready, and does what else can be done meanwhile. All of it has ended when this ends: a
 * login that is still running would write into a home that is being removed.
 */
export async function beforeBuild<T>(session: Session, meanwhile: Promise<T>): Promise<readonly [Builder, T]> {
  const {prepared, dockerConfig, logins, io} = session
  const {inputs, context} = prepared
  const leftOut = new Set<string>()
  const onLeftOut = ({host}: Login, error: TagboatError): void => {
    leftOut.add(host)
    io.workflow.warning(`Reading from ${host} without a login. ${renderError(error)}`)
  }
  const login = logIn(logins, dockerConfig.home, {...io, childEnv: dockerConfig.env, onLeftOut})
  const ready = session.builder.ready()
  const comparison = compareWorkspace(prepared, io)
  await Promise.allSettled([login, ready, meanwhile, comparison])
  await login
  const question = {
    inputs: inputs.credentials,
    context,
    pushedTo: repositoriesOf(prepared.plan),
    userConfig: dockerConfig.home.userConfig,
  }
  io.workflow.print([
    ...logins.flatMap(({host, username}) => (leftOut.has(host) ? [] : [`Logged in to ${host} as ${username}`])),
    ...incompleteHosts(question).map((host) => `No login for ${host}: its user name or password is empty`),
    ...hostsWithoutLogin(question, logins).map((host) => `No login for ${host}: pushing as nobody`),
  ])
  await comparison
  return [await ready, await meanwhile]
}
