import {chooseLogins, hostsWithoutLogin, incompleteHosts} from '../credentials/choose-logins.ts'
import {logIn, type Login} from '../credentials/login.ts'
import type {TagboatError} from '../errors/error.ts'
import type {Builder} from '../buildx/inspect.ts'
import {cacheRepositories} from './cache/caches.ts'
import {builderLife} from '../builder/builder-life.ts'
import type {Io} from '../io/io.ts'
import {compareWorkspace} from './workspace/compare-workspace.ts'
import {prepareConfig, type PrivateDockerConfig} from '../run/private-config.ts'
import type {Repository} from '../oci/reference.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {openRegistries} from '../run/registries.ts'
import {repositoriesOf} from '../plan/plan.ts'
import {cloudCredentials, type CloudUser} from '../run/clouds.ts'
import type {LoginQuestion} from '../run/unnamed-registry.ts'
import {readsClouds, readsPackages} from './reads-packages.ts'
import type {BuildSession, Credentials} from './build-session.ts'

/** Opens the session of a build: chooses the logins and connects to the registries. */
export async function openSession(prepared: Prepared, given: PrivateDockerConfig, io: Io): Promise<BuildSession> {
  const {inputs, context} = prepared
  const {userConfig} = given
  const pushedTo = repositoriesOf(prepared.plan)
  const needed = [...pushedTo, ...(await cacheRepositories(prepared, io))]
  const chosen = chooseLogins({
    inputs: inputs.credentials,
    context,
    pushedTo: needed,
    bestEffort: prepared.plan.bestEffort,
    readsPackages: await readsPackages(prepared, io),
    userConfig,
  })
  const opened = await cloudCredentials(
    {
      inputs: inputs.credentials.clouds,
      pushedTo: needed,
      ...(await optionalHosts(prepared, io)),
      logins: chosen,
      userConfig,
      retries: inputs.publish.retries,
    },
    io,
  )
  await checkUnnamed(prepared, {repositories: needed, logins: [...chosen, ...opened], userConfig})
  const {logins, minted, mirrors} = await separated({logins: chosen, minted: opened}, {prepared, needed}, io)
  const docker = await dockerLogins({logins, minted}, prepared, io)
  const server = await serve(docker.minted, {inputs, given}, io)
  const dockerConfig = server?.dockerConfig ?? given
  await prepareConfig(dockerConfig, server === undefined ? [...docker.logins, ...docker.minted] : docker.logins, io)
  const registries = await openRegistries({...given, logins, minted, pushedTo}, inputs.publish.retries, io)
  const builder = builderLife({prepared, dockerConfig, registries, io})
  const removeEarly = async (): Promise<void> => {
    builder.retire()
    server?.[Symbol.dispose]()
    await dockerConfig.removeEarly()
  }
  const pending: Promise<void>[] = []
  return {
    prepared,
    dockerConfig: {...dockerConfig, removeEarly},
    builder,
    logins,
    minted,
    docker,
    server,
    mirrors,
    registries,
    io,
    keepOpenFor: (requests) => {
      pending.push(requests)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pending)
      registries[Symbol.dispose]()
      server?.[Symbol.dispose]()
      await builder[Symbol.asyncDispose]()
    },
  }
}

/** Checks a login without a registry, together with all others. Few runs have one. */
async function checkUnnamed(
  {inputs, plan}: Prepared,
  known: Pick<LoginQuestion, 'repositories' | 'logins' | 'userConfig'>,
): Promise<void> {
  if (!inputs.credentials.logins.some(({isUnnamed}) => isUnnamed)) return
  const {rejectUnnamedRegistry} = await import('../run/unnamed-registry.ts')
  const images = plan.tags.map(({reference}) => reference.repository)
  rejectUnnamedRegistry({...known, repositories: [...images, ...known.repositories], pushes: plan.push.do})
}

/** Separates the credentials that the build needs from those that only mirrors need. */
async function separated(
  all: Credentials,
  use: {readonly prepared: Prepared; readonly needed: readonly Repository[]},
  io: Io,
): Promise<Credentials & Pick<BuildSession, 'mirrors'>> {
  if (use.prepared.plan.bestEffort === undefined) return {...all, mirrors: {logins: [], minted: []}}
  return (await import('./mirror-hosts.ts')).withoutMirrors(all, use, io)
}

/** Serves the credentials of clouds to Docker. Later steps use an exported configuration after the server has ended. */
async function serve(
  minted: Credentials['minted'],
  {inputs, given}: Pick<Prepared, 'inputs'> & {readonly given: PrivateDockerConfig},
  io: Io,
): Promise<BuildSession['server']> {
  if (minted.length === 0 || inputs.credentials.exportLogin) return undefined
  return (await import('../run/credential-server.ts')).serveCredentials(minted, given, io)
}

/** Registries of the images with `required=false`, for a run that publishes them, and those that the build may read from. */
async function optionalHosts(prepared: Prepared, io: Io): Promise<Pick<CloudUser, 'otherHosts' | 'readHosts'>> {
  const {action, plan} = prepared
  const mirrors = action === 'publish' && plan.push.do ? (plan.bestEffort ?? []) : []
  return {otherHosts: mirrors.map(({host}) => host), readHosts: await readsClouds(prepared, io)}
}

/**
 * Logs in, starts the builder and awaits `concurrent`, all at the same time. Settles when all of them have settled: a
 * login that is still running would write to a directory that is being removed.
 */
export async function beforeBuild<T>(session: BuildSession, concurrent: Promise<T>): Promise<readonly [Builder, T]> {
  const {prepared, dockerConfig, docker, server, io} = session
  const {logins, minted} = docker
  const {inputs, context} = prepared
  const failedHosts = new Set<string>()
  const onLeftOut = async ({host}: Pick<Login, 'host'>, error: TagboatError): Promise<void> => {
    failedHosts.add(host)
    server?.leaveOut(host)
    const {errorWarning} = await import('../errors/render-error.ts')
    io.workflow.warning(errorWarning(error, `Continuing without a login to ${host}.`))
  }
  const loginIo = {...io, childEnv: dockerConfig.env, onLeftOut}
  const login = io.phases.measure('login', async () => {
    if (minted.length === 0) await logIn(logins, dockerConfig, loginIo)
    else await (await import('../run/cloud-credentials.ts')).logInWithClouds({...docker, server, dockerConfig}, loginIo)
  })
  const ready = io.phases.measure('builder', async () => session.builder.ready())
  const comparison = compareWorkspace(prepared, io)
  await Promise.allSettled([login, ready, concurrent, comparison])
  await login
  const pushedTo = repositoriesOf(prepared.plan)
  const anonymous = hostsWithoutLogin({pushedTo, userConfig: dockerConfig.userConfig}, [
    ...session.logins,
    ...session.minted,
  ])
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

/** Logins that Docker gets, whose configuration has one for each registry. @throws TagboatError `logins-ambiguous` */
async function dockerLogins(all: Credentials, prepared: Prepared, io: Io): Promise<Credentials> {
  if ([...all.logins, ...all.minted].every(({scope}) => scope === undefined)) return all
  const {loginsOfBuild} = await import('./logins/scoped-builds.ts')
  return loginsOfBuild(all, prepared, io)
}
