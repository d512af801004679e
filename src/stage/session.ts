import type {BuildReport, Note} from '../report/report.ts'
import {chooseLogins, hostsWithoutLogin} from '../credentials/choose-logins.ts'
import {logIn, type Login} from '../credentials/login.ts'
import type {Builder} from '../buildx/inspect.ts'
import type {Destination} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/source-date-epoch.ts'
import {callBuilds} from '../inputs/call.ts'
import {formatReason} from '../reasons/reason.ts'
import {formatRepository, type Repository, type TagRef} from '../oci/reference.ts'
import {cachedBuild} from './cache/cached-build.ts'
import {buildCaches, cachedIn} from './cache/build-cache.ts'
import {makingOf} from './build-definition.ts'
import {buildRequest} from './build-request.ts'
import {builderLife, type BuilderLife} from '../builder/builder-life.ts'
import {watched} from './watch-builds.ts'
import type {Edges} from '../io/io.ts'
import {compareWorkspace} from './compare-workspace.ts'
import {engineToLoad, layoutDirectory, loadBuilt, loadsLayout, noteLoaded} from './load/load-staged.ts'
import {prepareConfig, type LentHome} from '../run/private-config.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {openRegistries, type Registries} from '../run/registries.ts'
import {placesOf, runOnNodes} from './nodes/assign-nodes.ts'

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

/** One `docker buildx build`, shown in a group of the log. `onCalled`: told what a `call` found, also of one that fails. */
export async function runBuild(
  session: Session,
  tags: readonly TagRef[],
  destination: Destination,
  onCalled?: (build: BuildReport) => void,
): Promise<BuildReport> {
  const {prepared, lent, builder, edges} = session
  const {workflow, now} = edges
  const [cache] = await buildCaches(session, builder.features, [prepared.inputs.build.platforms])
  const started = now()
  const place = {directory: lent.home.directory, builder: builder.name, making: makingOf(session)}
  const request = {...buildRequest(prepared, tags, destination, place), cache}
  const durationMs = (): number => now().getTime() - started.getTime()
  const {result} = await watched(
    edges,
    async (buildEdges) =>
      workflow.inQuietGroup('docker buildx build', async (write) => cachedBuild(request, lent.env, write, buildEdges)),
    (ended) => {
      const none = {metadata: undefined, imageId: '', builder: builder.chosen}
      if (ended.found !== '') onCalled?.({...none, ...ended, durationMs: durationMs()})
    },
  )
  return {...result, builder: result.builder ?? builder.chosen, durationMs: durationMs()}
}

/** A build that nobody but the builder, or this runner, sees. */
export async function buildOnly(session: Session, note: Note): Promise<void> {
  const {plan, inputs} = session.prepared
  if (inputs.publish.test !== undefined) session.edges.workflow.notice(untested(session.prepared))
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, inputs.build)
  const tags = plan.tags.map(({reference}) => reference)
  const places = await placesOf(session, builder)
  const isWhole = places === undefined || places.shares.length === 1
  const directory = isWhole && loadsLayout(builder, inputs.build) ? layoutDirectory(session) : undefined
  const destination: Destination = directory === undefined ? {kind: 'none'} : {kind: 'layout', directory}
  const target = {tags, destination, clients: []}
  const built = await (places === undefined
    ? runBuild(session, tags, destination, (build) => {
        note({build})
      })
    : runOnNodes(session, places, target).then((done) => done.build))
  note({build: built})
  if (directory === undefined) noteLoaded(built, session, {tags, note})
  else await loadBuilt(directory, built, {session, note, engine})
}

/** The commands would find no `IMAGE`: it names what a registry holds. */
function untested({plan, inputs}: Prepared): string {
  const {load, call} = inputs.build
  const own = load ? 'run' : 'set `load: true` and run'
  const hint = callBuilds(call) ? ` To try what is built, ${own} your commands in a step of their own.` : ''
  return `\`test\` is not run: nothing is staged (${formatReason(plan.push.reason)}).${hint}`
}
