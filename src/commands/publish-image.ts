import type {Builder} from '../buildx/inspect.ts'
import {requireShape, stagingOf} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/require-reproducible.ts'
import {decideFloating} from '../promote/decide/decide-floating.ts'
import {acceptedRelease} from '../promote/accepted-release.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import type {RepositoryState} from '../promote/decide/registry-state.ts'
import type {RunFacts, TagDecision} from '../promote/decide/tag-decision.ts'
import {describeImage} from '../promote/read-back.ts'
import {statedRevision} from '../plan/plan.ts'
import {versionsOf} from '../plan/version.ts'
import {noFacts} from '../oci/image-facts.ts'
import {stateReader, type StateReader} from '../promote/read-state.ts'
import {after, type BuildReport, type LoadedImage, type PreviousImage, type RunResult} from '../run/run-result.ts'
import {withSession} from './with-session.ts'
import type {Engine} from '../stage/load/engine.ts'
import {relationFinder} from '../promote/commit-relation.ts'
import {buildDefinitionOf} from '../stage/build-definition.ts'
import type {Io} from '../io/io.ts'
import {engineToLoad} from '../stage/load/engine-to-load.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {beforeBuild} from '../stage/open-session.ts'
import {promoteImage} from './promote-image.ts'
import {stageImage} from '../stage/stage-image.ts'
import {passPlatformGate, passTest, requireStaging} from '../stage/gate.ts'
import type {StagedImage} from '../stage/staged-image.ts'

/**
 * Stages, runs the gates and promotes, or only builds if the plan does not push.
 * @throws RunFailure
 */
export async function buildAndPublish(prepared: Prepared, io: Io): Promise<RunResult> {
  return withSession(prepared, io, publishImage)
}

async function publishImage(session: BuildSession): Promise<RunResult> {
  const {prepared, registries, io} = session
  const {plan, inputs} = prepared
  const {policy} = inputs.publish
  const revision = imageRevision(prepared)
  const reader = stateReader({policy, revision, findRelation: relationFinder(prepared, io), now: io.now})
  const reading = reader.read(plan.tags, registries.clients)
  const [builder, [states, engine]] = await beforeBuild(session, both(reading, engineToLoad(session)))
  requireReproducible(builder, inputs.build)
  requireShape(builder, inputs.build)
  const thisRun = imageFacts(session)
  const preflight = await runPreflight(prepared, thisRun, states)
  if (preflight.existing === undefined && stagingOf(inputs.build, builder.staging) === 'none') {
    if (inputs.publish.test !== undefined) requireStaging(builder, session, untestable)
    const {pushTagged} = await import('./push-tagged.ts')
    return {...(await pushTagged(session, preflight.decisions)), versions: reader.versions}
  }
  const {staged, done} = await stageOrReuse(preflight, session, {builder, engine})
  return after(done, async () => {
    if (!staged.existing)
      reader.cacheFacts(staged.content.digest, {...noFacts, ...thisRun, version: versionsOf(plan.tags)})
    await session.dockerConfig.removeEarly()
    const previous = staged.existing ? undefined : describePrevious(preflight.decisions, reader, session)
    const given = await promoteImage(
      staged,
      {tags: plan.tags, thisRun, policy, preflightStates: states},
      {...session, reader},
    )
    const result = {...done, ...given, previous: await previous}
    // A cancelled run fails, although all steps are complete.
    await after(result, () => {
      session.io.signal.throwIfAborted()
    })
    return result
  })
}

/** Image that the first moved tag pointed to before, to compare sizes; undefined if it cannot be read. */
async function describePrevious(
  decisions: readonly TagDecision[],
  {versions}: Pick<StateReader, 'versions'>,
  {registries}: BuildSession,
): Promise<PreviousImage | undefined> {
  const moved = decisions.find(({action, before}) => action === 'put' && before !== undefined)
  if (moved?.before === undefined) return undefined
  const {repository, tag} = moved.tag.reference
  try {
    const request = {digest: moved.before, platforms: [], platform: undefined}
    const {images} = await describeImage(registries.clients.repository(repository), repository, request)
    return images.length === 0 ? undefined : {tag, version: versions.get(moved.before), images}
  } catch {
    // An unreadable previous image does not affect this run.
    return undefined
  }
}

const untestable = 'This builder cannot run `test` before the tags move: it would push the image with its tags.'

/** Decisions before the build. */
interface Preflight {
  readonly existing: ExistingRelease | undefined
  readonly decisions: readonly TagDecision[]
}

/** Rejects the publication before the build if it would be rejected afterwards. Floating tags are decided again later. */
async function runPreflight(
  {plan, inputs}: Prepared,
  thisRun: RunImageFacts,
  states: readonly RepositoryState[],
): Promise<Preflight> {
  const {policy} = inputs.publish
  const request = {tags: plan.tags, states, thisRun: {...thisRun, digest: undefined}, policy}
  const {existing, decisions} = await acceptedRelease(request)
  const floating = decideFloating({...request, existing, target: () => existing?.digest})
  return {existing, decisions: [...decisions, ...floating]}
}

/** Stages an image or reuses the published release. The gates run for both: the tags must have the same guarantees. */
async function stageOrReuse(
  {existing, decisions}: Preflight,
  session: BuildSession,
  {builder, engine}: {readonly builder: Builder; readonly engine: Engine | undefined},
): Promise<{readonly staged: StagedImage; readonly done: RunResult}> {
  const isPublished = existing !== undefined
  const {staged, build} = isPublished
    ? {staged: await reuse(existing, session), build: undefined}
    : await stageImage(session, builder)
  const loaded = await after({build}, async () => loadInto(engine, staged, session))
  const complete = await after({build, loaded}, async () => passPlatformGate(staged, session))
  const extra = await after({build, loaded, gates: complete}, async () =>
    isPublished ? buildExtra(session, builder) : undefined,
  )
  const done = {build: build ?? extra, loaded, gates: complete}
  if (isPublished && !decisions.some(({action}) => action === 'put')) return {staged, done}
  const gates = await after(done, async () => passTest(staged, session, complete))
  return {staged, done: {...done, gates}}
}

/** Loads the image into the engine with `load`. */
async function loadInto(
  engine: Engine | undefined,
  staged: StagedImage,
  session: BuildSession,
): Promise<LoadedImage | undefined> {
  if (engine === undefined) return undefined
  const {loadStaged} = await import('../stage/load/load-staged.ts')
  return session.io.phases.measure('load', async () => loadStaged(staged, {session, engine}))
}

async function reuse(existing: ExistingRelease, session: BuildSession): Promise<StagedImage> {
  const {reuseRelease, noticeNotRebuilt} = await import('./reuse-release.ts')
  noticeNotRebuilt(session)
  return reuseRelease(existing, session)
}

async function buildExtra(session: BuildSession, builder: Builder): Promise<BuildReport | undefined> {
  const {buildExtraOutputs} = await import('../stage/build-extra-outputs.ts')
  return buildExtraOutputs(session, builder)
}

/** Settles when both promises have settled, also if one of them rejects. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}

type RunImageFacts = Omit<RunFacts, 'digest'>

/** Commit that the image will state. */
function imageRevision({plan, context}: Prepared): string | undefined {
  return statedRevision(plan) ?? (context.sha === '' ? undefined : context.sha)
}

/** Facts that the labels of the image will have. The builder must be ready. */
function imageFacts(session: BuildSession): RunImageFacts {
  const {prepared} = session
  const {commitDate, run} = prepared.context
  const runId = run.id === '' ? undefined : run.id
  return {revision: imageRevision(prepared), commitDate, runId, ...buildDefinitionOf(session)}
}
