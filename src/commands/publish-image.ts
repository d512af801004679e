import type {Builder} from '../buildx/inspect.ts'
import {requireShape, stagingOf} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/source-date-epoch.ts'
import {decideFloating} from '../promote/decide/decide-floating.ts'
import {decideRelease, type ExistingRelease} from '../promote/decide/decide-release.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import type {RunFacts, TagDecision} from '../promote/decide/tag-decision.ts'
import {describeImage} from '../promote/read-back.ts'
import {statedRevision} from '../plan/plan.ts'
import {versionsOf} from '../plan/version.ts'
import {noFacts} from '../oci/image-facts.ts'
import {stateReader} from '../promote/read-state.ts'
import {after, type BuildReport, type PreviousImage, type RunResult} from '../run/run-result.ts'
import {inSession} from './in-session.ts'
import type {Engine} from '../stage/load/engine.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import {makingOf} from '../stage/build-definition.ts'
import type {Io} from '../io/io.ts'
import {engineToLoad, loadStaged} from '../stage/load/load-staged.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {Session} from '../stage/session.ts'
import {beforeBuild} from '../stage/open-session.ts'
import {giveTags} from './give-tags.ts'
import {stageImage} from '../stage/stage-image.ts'
import {passPlatformGate, passTest, requireStaging} from '../stage/gate.ts'
import type {Staged} from '../stage/staged-image.ts'

/** Stages, gates and promotes, or only builds where the plan pushes nothing. @throws RunFailure */
export async function buildAndPublish(prepared: Prepared, io: Io): Promise<RunResult> {
  return inSession(prepared, io, publishImage)
}

async function publishImage(session: Session): Promise<RunResult> {
  const {prepared, registries, io} = session
  const {plan, inputs} = prepared
  const {policy} = inputs.publish
  const revision = ownRevision(prepared)
  const reader = stateReader({policy, revision, findRelation: relationFinder(prepared, io), now: io.now})
  const reading = reader.read(plan.tags, registries.clients)
  const [builder, [states, engine]] = await beforeBuild(session, both(reading, engineToLoad(session)))
  requireReproducible(builder, inputs.build)
  requireShape(builder, inputs.build)
  const thisRun = ownFacts(session)
  const outlook = lookAhead(prepared, thisRun, states)
  if (outlook.existing === undefined && stagingOf(inputs.build, builder.staging) === 'none') {
    if (inputs.publish.test !== undefined) requireStaging(builder, session, untestable)
    const {pushTagged} = await import('./push-tagged.ts')
    return pushTagged(session, outlook.decisions)
  }
  const {staged, done} = await stageOrTake(outlook, session, {builder, engine})
  return after(done, async () => {
    if (!staged.existing)
      reader.cacheFacts(staged.content.digest, {...noFacts, ...thisRun, version: versionsOf(plan.tags)})
    await session.dockerConfig.removeEarly()
    const previous = staged.existing ? undefined : describePrevious(outlook.decisions, session)
    const given = await giveTags(
      staged,
      {tags: plan.tags, thisRun, policy, preflightStates: states},
      {...session, reader},
    )
    const result = {...done, ...given, previous: await previous}
    // All is done, but a run that was cancelled says that it was.
    await after(result, () => {
      session.io.signal.throwIfAborted()
    })
    return result
  })
}

/**
 * What the first tag that this run moves has held, to compare sizes. It is read beside other work, and nobody's failure if
 * it cannot be.
 */
async function describePrevious(
  decisions: readonly TagDecision[],
  {registries}: Session,
): Promise<PreviousImage | undefined> {
  const moved = decisions.find(({action, before}) => action === 'put' && before !== undefined)
  if (moved?.before === undefined) return undefined
  const {repository, tag} = moved.tag.reference
  try {
    const request = {digest: moved.before, platforms: [], platform: undefined}
    const {images} = await describeImage(registries.clients.repository(repository), repository, request)
    return images.length === 0 ? undefined : {tag, images}
  } catch {
    // Whatever is wrong with an image that is on its way out is no matter of this run.
    return undefined
  }
}

const untestable = 'The commands of `test` cannot be run before the tags move: the image would be pushed with its tags.'

/** What is known before anything is built. */
interface Outlook {
  readonly existing: ExistingRelease | undefined
  readonly decisions: readonly TagDecision[]
}

/**
 * Everything that can refuse this publication does so now, before the build. Floating tags are decided anew when it is their
 * turn.
 */
function lookAhead({plan, inputs}: Prepared, thisRun: OwnFacts, states: readonly RepositoryState[]): Outlook {
  const {policy} = inputs.publish
  const request = {tags: plan.tags, states, thisRun: {...thisRun, digest: undefined}, policy}
  const {existing, decisions} = decideRelease(request)
  const floating = decideFloating({...request, existing, target: () => existing?.digest})
  return {existing, decisions: [...decisions, ...floating]}
}

interface Machines {
  readonly builder: Builder
  /** Undefined: it is to have nothing of this run. */
  readonly engine: Engine | undefined
}

/** A release that is there passes the gates too: the tags that it is about to get are promised the same. */
async function stageOrTake(
  {existing, decisions}: Outlook,
  session: Session,
  {builder, engine}: Machines,
): Promise<{readonly staged: Staged; readonly done: RunResult}> {
  const isThere = existing !== undefined
  const {staged, build} = isThere
    ? {staged: await takeRelease(existing, session), build: undefined}
    : await stageImage(session, builder)
  const loaded = await after({build}, async () => loadStaged(staged, {session, engine}))
  const beside = await after({build, loaded}, async () => {
    passPlatformGate(staged, session)
    return isThere ? besideRelease(session, builder) : undefined
  })
  const done = {build: build ?? beside, loaded}
  if (!isThere || decisions.some(({action}) => action === 'put'))
    await after(done, async () => passTest(staged, session))
  return {staged, done}
}

async function takeRelease(existing: ExistingRelease, session: Session): Promise<Staged> {
  const {takeExisting, tellNotRebuilt} = await import('./take-existing.ts')
  tellNotRebuilt(session)
  return takeExisting(existing, session)
}

async function besideRelease(session: Session, builder: Builder): Promise<BuildReport | undefined> {
  const {buildBeside} = await import('../stage/build-beside.ts')
  return buildBeside(session, builder)
}

/** Both have ended when this has, whatever becomes of one of them. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}

type OwnFacts = Omit<RunFacts, 'digest'>

/** Commit that the image will state. */
function ownRevision({plan, context}: Prepared): string | undefined {
  return statedRevision(plan) ?? (context.sha === '' ? undefined : context.sha)
}

/** What the image will say of itself; the builder is ready. */
function ownFacts(session: Session): OwnFacts {
  const {prepared} = session
  const {commitDate, run} = prepared.context
  const runId = run.id === '' ? undefined : run.id
  return {revision: ownRevision(prepared), commitDate, runId, ...makingOf(session)}
}
