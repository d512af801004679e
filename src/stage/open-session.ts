import {chooseLogins} from '../credentials/choose-logins.ts'
import type {Login} from '../credentials/login.ts'
import type {Builder} from '../buildx/inspect.ts'
import {cacheRepositories} from './cache/caches.ts'
import {builderLife} from '../builder/builder-life.ts'
import type {Io} from '../io/io.ts'
import {compareWorkspace} from './workspace/compare-workspace.ts'
import {prepareConfig, type PrivateDockerConfig} from '../run/private-config.ts'
import type {Repository} from '../oci/reference.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {openRegistries} from '../run/registries.ts'
import {repositoriesOf, type Plan} from '../plan/plan.ts'
import {cloudCredentials, type CloudUser} from '../run/clouds.ts'
import type {LoginQuestion} from '../run/unnamed-registry.ts'
import {dockerLogin} from './logins/docker-login.ts'
import {readsClouds, readsPackages} from './reads-packages.ts'
import type {BuildSession, Credentials} from './build-session.ts'

/** Opens the session of a build: chooses the logins and connects to the registries. */
export async function openSession(prepared: Prepared, given: PrivateDockerConfig, io: Io): Promise<BuildSession> {
  const {inputs, plan} = prepared
  const pushedTo = repositoriesOf(plan)
  const {logins, minted, mirrors} = await chooseCredentials(prepared, given, io)
  const docker = await dockerLogins({logins, minted}, prepared, io)
  const server = await serve(docker.minted, {inputs, given}, io)
  const dockerConfig = server?.dockerConfig ?? given
  const isEarly = areChecked(docker, pushedTo)
  const written = server === undefined ? [...docker.logins, ...docker.minted] : docker.logins
  await prepareConfig(dockerConfig, {of: written, early: isEarly ? docker.logins : []}, io)
  const user = {...given, logins, minted, pushedTo, firstRequests: (host: string) => requestsAtOnce(plan, host)}
  const registries = await openRegistries(user, inputs.publish.retries, io)
  const builder = builderLife({prepared, dockerConfig, registries, io})
  const removeEarly = async (): Promise<void> => {
    builder.retire()
    server?.[Symbol.dispose]()
    await dockerConfig.removeEarly()
  }
  const pending: Promise<void>[] = []
  const login = dockerLogin({prepared, dockerConfig, logins, minted, docker, server, io})
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
    isEarly,
    beginLogin: login.beginLogin,
    logIn: login.logIn,
    io: login.io,
    keepOpenFor: (requests) => {
      pending.push(requests)
    },
    async [Symbol.asyncDispose]() {
      // A login that is still running would write to a directory that is being removed.
      await Promise.allSettled([...pending, login.ended()])
      registries[Symbol.dispose]()
      server?.[Symbol.dispose]()
      await builder[Symbol.asyncDispose]()
    },
  }
}

/**
 * Number of requests at the same time to a registry that the run publishes to: before the build, for each tag, and for each
 * repository its list of tags and an upload; after it, for the parts of the image. One for a registry that it only reads.
 */
function requestsAtOnce(plan: Plan, host: string): number {
  const tags = plan.tags.filter(({reference}) => reference.repository.host === host)
  const repositories = repositoriesOf({...plan, tags})
  return repositories.length === 0 ? 1 : Math.max(requestsOfImage, tags.length + 2 * repositories.length)
}

/**
 * Number of requests that read a new image of one platform before its tags move: three manifests, three documents that are
 * not layers, the exact tag, and the image that the tags point to.
 */
const requestsOfImage = 8

/** Chooses the credentials of the build, and those that only mirrors need. */
async function chooseCredentials(
  prepared: Prepared,
  {userConfig}: PrivateDockerConfig,
  io: Io,
): Promise<Credentials & Pick<BuildSession, 'mirrors'>> {
  const {inputs, context, plan} = prepared
  const needed = [...repositoriesOf(plan), ...(await cacheRepositories(prepared, io))]
  const logins = chooseLogins({
    inputs: inputs.credentials,
    context,
    pushedTo: needed,
    bestEffort: plan.bestEffort,
    readsPackages: await readsPackages(prepared, io),
    userConfig,
  })
  const minted = await cloudCredentials(
    {
      inputs: inputs.credentials.clouds,
      pushedTo: needed,
      ...(await optionalHosts(prepared, io)),
      logins,
      userConfig,
      retries: inputs.publish.retries,
    },
    io,
  )
  await checkUnnamed(prepared, {repositories: needed, logins: [...logins, ...minted], userConfig})
  return separated({logins, minted}, {prepared, needed}, io)
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
 * Reports whether the registries check all logins of Docker before the build: this run pushes to them with the same
 * credentials.
 */
function areChecked({logins, minted}: Credentials, pushedTo: readonly Repository[]): boolean {
  const isChecked = ({host, isOptional}: Login): boolean =>
    isOptional === undefined && pushedTo.some((repository) => repository.host === host)
  return minted.length === 0 && logins.every(isChecked)
}

/**
 * Logs in, starts the builder and awaits `concurrent`, all at the same time. Logins that the registries check besides may
 * end during the build.
 */
export async function beforeBuild<T>(session: BuildSession, concurrent: Promise<T>): Promise<readonly [Builder, T]> {
  const {prepared, isEarly, io} = session
  const login = session.beginLogin()
  const ready = io.phases.measure('builder', async () => session.builder.ready())
  const comparison = compareWorkspace(prepared, io)
  const results = await Promise.allSettled([ready, concurrent, comparison, ...(isEarly ? [] : [login])])
  // The refusal of a login explains that of a request. Without one, the login is awaited after the build.
  if (isEarly && results.every(({status}) => status === 'fulfilled')) login.catch(() => undefined)
  else await session.logIn()
  await comparison
  return [await ready, await concurrent]
}

/** Logins that Docker gets, whose configuration has one for each registry. @throws TagboatError `logins-ambiguous` */
async function dockerLogins(all: Credentials, prepared: Prepared, io: Io): Promise<Credentials> {
  if ([...all.logins, ...all.minted].every(({scope}) => scope === undefined)) return all
  const {loginsOfBuild} = await import('./logins/scoped-builds.ts')
  return loginsOfBuild(all, prepared, io)
}
