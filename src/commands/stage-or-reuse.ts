import type {Builder} from '../buildx/inspect.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import type {PreviousImage} from '../run/previous-image.ts'
import {after, type BuildReport, type GateVerdict, type LoadedImage, type RunResult} from '../run/run-result.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {passPlatformGate, passTest} from '../stage/gate.ts'
import type {Engine} from '../stage/load/engine.ts'
import {stageImage} from '../stage/stage-image.ts'
import type {StagedImage} from '../stage/staged-image.ts'
import type {Preflight} from './preflight.ts'

interface StagePlace {
  readonly builder: Builder
  readonly engine: Engine | undefined
  /** Reads the image that the tags of this run point to before it. */
  readonly readPrevious: () => Promise<PreviousImage | undefined>
}

/** Stages an image or reuses the published release. The gates run for both: the tags must have the same guarantees. */
export async function stageOrReuse(
  {existing, decisions}: Preflight,
  session: BuildSession,
  {builder, engine, readPrevious}: StagePlace,
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
  const sized = await after(done, async () => passSize(staged, readPrevious, session, complete))
  const gates = await after(done, async () => passTest(staged, session, sized))
  return {staged, done: {...done, gates}}
}

/** Compares the sizes with their limits. Few runs have any. */
async function passSize(
  image: StagedImage,
  previous: StagePlace['readPrevious'],
  session: BuildSession,
  earlier: readonly GateVerdict[],
): Promise<readonly GateVerdict[]> {
  if (session.prepared.inputs.publish.sizeLimits === undefined) return earlier
  const {passSizeGate} = await import('./size/size-gate.ts')
  const {content, platform, repository, parts, temporaryTags} = image
  if (parts === undefined) await temporaryTags
  const own = {manifest: async (digest: string) => Promise.resolve(parts?.find((part) => part.digest === digest))}
  const reader = parts === undefined ? session.registries.clients.repository(repository) : own
  return passSizeGate({content, platform, repository, reader, previous}, session, earlier)
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
