import type {BuildReport} from '../report/report.ts'
import {chooseLogins, hostsWithoutLogin} from '../credentials/choose-logins.ts'
import {logIn, type Login} from '../credentials/login.ts'
import type {Builder} from '../buildx/inspect.ts'
import type {Destination} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/source-date-epoch.ts'
import {formatRepository, type Repository, type TagRef} from '../oci/reference.ts'
import {cachedBuild} from '../stage/cached-build.ts'
import {buildCaches, cachedIn} from './build-cache.ts'
import {buildRequest} from './build-request.ts'
import {builderLife, type BuilderLife} from './builder-life.ts'
import {watched} from './build-watch.ts'
import type {Edges} from './edges.ts'
import {compareWorkspace} from './compare-workspace.ts'
import {engineToLoad, layoutDirectory, loadBuilt, loadsLayout} from './load-staged.ts'
import {prepareConfig, type LentHome} from './home.ts'
import type {Prepared} from './prepare.ts'
import type {Note} from './reporting.ts'
import {openRegistries, type Registries} from './registries.ts'
import {placesOf, runOnNodes} from './run-on-nodes.ts'

/** A run that builds, with what it was lent. */
export interface Session extends AsyncDisposable {
  readonly prepared: Prepared
  readonly lent: LentHome
  readonly builder: BuilderLife
  readonly logins: readonly Login[]
  readonly registries: Registries
  readonly edges: Edges
}

/** What a run publishes to; nothing when it does not. */
export function repositoriesOf({plan}: Prepared): readonly Repository[] {
  const all = plan.push.do ? plan.tags.map(({reference}) => reference.repository) : []
  return [...new Map(all.map((repository) => [formatRepository(repository), repository])).values()]
}

export async function openSession(prepared: Prepared, lent: LentHome, edges: Edges): Promise<Session> {
  const {inputs, context} = prepared
  const {userConfig, userDirectory} = lent.home
  const pushedTo = repositoriesOf(prepared)
  const logins = chooseLogins({
    inputs: inputs.credentials,
    context,
    pushedTo: [...pushedTo, ...cachedIn(prepared, edges)],
    userConfig,
  })
  await prepareConfig(lent.home, logins, edges)
  const registries = await openRegistries({logins, userConfig, userDirectory, pushedTo}, inputs.publish.retries, edges)
  const builder = builderLife(prepared, lent, edges)
  const giveBack = async (): Promise<void> => {
    builder.retire()
    await lent.giveBack()
  }
  return {
    prepared,
    lent: {...lent, giveBack},
    builder,
    logins,
    registries,
    edges,
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
  const {prepared, lent, logins, edges} = session
  const {inputs, context} = prepared
  const login = logIn(logins, lent.home, {...edges, childEnv: lent.env})
  const ready = session.builder.ready()
  const comparison = compareWorkspace(prepared, edges)
  await Promise.allSettled([login, ready, meanwhile, comparison])
  await login
  const question = {
    inputs: inputs.credentials,
    context,
    pushedTo: repositoriesOf(prepared),
    userConfig: lent.home.userConfig,
  }
  edges.workflow.print([
    ...logins.map(({host, username}) => `Logged in to ${host} as ${username}`),
    ...hostsWithoutLogin(question, logins).map((host) => `No login for ${host}: pushing as nobody`),
  ])
  await comparison
  return [await ready, await meanwhile]
}

/** One `docker buildx build`, shown in a group of the log. */
export async function runBuild(
  session: Session,
  tags: readonly TagRef[],
  destination: Destination,
): Promise<BuildReport> {
  const {prepared, lent, builder, edges} = session
  const {workflow, now} = edges
  const [cache] = await buildCaches(session, builder.features, [prepared.inputs.build.platforms])
  const started = now()
  const place = {directory: lent.home.directory, builder: builder.name}
  const request = {...buildRequest(prepared, tags, destination, place), cache}
  const {result} = await watched(edges, async (buildEdges) =>
    workflow.inQuietGroup('docker buildx build', async (write) => cachedBuild(request, lent.env, write, buildEdges)),
  )
  const durationMs = now().getTime() - started.getTime()
  return {...result, builder: result.builder ?? builder.chosen, durationMs}
}

/** A build that nobody but the builder, or this runner, sees. */
export async function buildOnly(session: Session, note: Note): Promise<void> {
  const {plan, inputs} = session.prepared
  if (inputs.publish.test !== undefined) session.edges.workflow.notice('`test` is not run: nothing is staged.')
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, inputs.build)
  const tags = plan.tags.map(({reference}) => reference)
  const places = await placesOf(session, builder)
  const isWhole = places === undefined || places.shares.length === 1
  const directory = isWhole && loadsLayout(builder, inputs.build) ? layoutDirectory(session) : undefined
  const destination: Destination = directory === undefined ? {kind: 'none'} : {kind: 'layout', directory}
  const target = {tags, destination, clients: []}
  const built = await (places === undefined
    ? runBuild(session, tags, destination)
    : runOnNodes(session, places, target).then((done) => done.build))
  note({build: built})
  if (directory !== undefined) await loadBuilt(directory, built, session, engine)
}
