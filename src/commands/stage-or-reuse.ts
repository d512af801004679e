import type {Builder} from '../buildx/inspect.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import {after, type BuildReport, type LoadedImage, type RunResult} from '../run/run-result.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {passPlatformGate, passTest} from '../stage/gate.ts'
import type {Engine} from '../stage/load/engine.ts'
import {stageImage} from '../stage/stage-image.ts'
import type {StagedImage} from '../stage/staged-image.ts'
import type {Preflight} from './preflight.ts'

/** Stages an image or reuses the published release. The gates run for both: the tags must have the same guarantees. */
export async function stageOrReuse(
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
