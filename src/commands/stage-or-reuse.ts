import type {PreviousImage} from '../oci/published-image.ts'
import type {Builder} from '../buildx/inspect.ts'
import type {ExistingRelease} from '../promote/decide/decide-release.ts'
import type {GateName} from '../run/gate-verdict.ts'
import {after, type BuildReport, type LoadedImage, type RunResult} from '../run/run-result.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {judgePlatforms, judgeTest, requirePassed, type Judgement} from '../stage/gate.ts'
import type {Engine} from '../stage/load/engine.ts'
import {stageImage} from '../stage/stage-image.ts'
import type {StagedImage} from '../stage/staged-image.ts'
import type {Preflight} from './preflight.ts'
import type {ImageScan} from './scan/scan-image.ts'
import type {Scan} from './scan/start-scan.ts'

interface StagePlace {
  readonly builder: Builder
  readonly engine: Engine | undefined
  /** Reads the image that the tags of this run point to before it. */
  readonly readPrevious: () => Promise<PreviousImage | undefined>
  /** Absent if the image is not scanned. */
  readonly scan?: Scan | undefined
}

/** Stages an image or reuses the published release. The gates run for both: the tags must have the same guarantees. */
export async function stageOrReuse(
  {existing, decisions}: Preflight,
  session: BuildSession,
  {builder, engine, readPrevious, scan}: StagePlace,
): Promise<{readonly staged: StagedImage; readonly done: RunResult}> {
  const isPublished = existing !== undefined
  const verified = await judgeSignatures(existing, session)
  if (verified?.failure !== undefined) await requirePassed([verified], session.io)
  const {staged, build} = isPublished
    ? {staged: await reuse(existing, session), build: undefined}
    : await stageImage(session, builder)
  const loaded = await after({build}, async () => {
    await session.logIn()
    return loadInto(engine, staged, session)
  })
  const isTagged = !isPublished || decisions.some(({action}) => action === 'put')
  const cheap = await after({build, loaded}, async () => {
    const judgements = [
      verified,
      await judgePlatforms(staged, session),
      isTagged ? await judgeSize(staged, readPrevious, session) : undefined,
    ]
    return requirePassed(present(judgements), session.io, isTagged ? laterGates(session, scan) : [])
  })
  const extra = await after({build, loaded, gates: cheap}, async () =>
    isPublished ? buildExtra(session, builder) : undefined,
  )
  const done = {build: build ?? extra, loaded, gates: cheap}
  if (!isTagged) {
    if (scan !== undefined) await noticeUnscanned(session)
    return {staged, done}
  }
  const [test, scanned] = await after(done, async () =>
    Promise.all([judgeTest(staged, session), scanWith(scan, staged, decisions, session)]),
  )
  scanned?.print()
  const found = {...done, ...(scanned && {scanSarif: scanned.sarif})}
  const gates = await after(found, async () => {
    const passed = cheap.map((verdict) => ({verdict}))
    return requirePassed([...passed, ...(scanned?.judgements ?? []), ...present([test])], session.io)
  })
  return {staged, done: {...found, gates}}
}

/** Gates that take long. They run only if the image has passed the others. */
function laterGates({prepared}: BuildSession, scan: Scan | undefined): readonly GateName[] {
  return [
    ...(scan?.scanners.map(() => 'scan' as const) ?? []),
    ...(prepared.inputs.publish.test === undefined ? [] : (['test'] as const)),
  ]
}

/** Scans the image. Few runs do. */
async function scanWith(
  scan: Scan | undefined,
  staged: StagedImage,
  decisions: Preflight['decisions'],
  session: BuildSession,
): Promise<ImageScan | undefined> {
  if (scan === undefined) return undefined
  const {scanStaged} = await import('./scan/scan-staged.ts')
  return scanStaged(staged, scan, decisions, session)
}

/** Reports that a repeated run scans nothing. */
async function noticeUnscanned(session: BuildSession): Promise<void> {
  const {noticeUnscanned: notice} = await import('./scan/scan-staged.ts')
  notice(session)
}

function present(judgements: readonly (Judgement | undefined)[]): readonly Judgement[] {
  return judgements.filter((one) => one !== undefined)
}

/** Compares the sizes with their limits. Few runs have any. */
async function judgeSize(
  image: StagedImage,
  previous: StagePlace['readPrevious'],
  {prepared, registries, io}: BuildSession,
): Promise<Judgement | undefined> {
  const {sizeLimits} = prepared.inputs.publish
  if (sizeLimits === undefined) return undefined
  const {judgeSizeGate} = await import('./size/size-gate.ts')
  const {content, platform, repository, parts, temporaryTags} = image
  if (parts === undefined) await temporaryTags
  const own = {manifest: async (digest: string) => Promise.resolve(parts?.find((part) => part.digest === digest))}
  const reader = parts === undefined ? registries.clients.repository(repository) : own
  return judgeSizeGate({content, platform, repository, reader, previous}, sizeLimits, {action: prepared.action, io})
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

/** Compares the signatures of a published release with `verify`, before it is copied. Few runs demand any. */
async function judgeSignatures(
  existing: ExistingRelease | undefined,
  session: BuildSession,
): Promise<Judgement | undefined> {
  const {verify} = session.prepared.inputs
  if (verify === undefined || verify.demands.length === 0) return undefined
  if (existing === undefined) {
    const {warnOfUnsigned} = await import('./verify/new-release.ts')
    warnOfUnsigned(session)
    return undefined
  }
  const {judgeRelease} = await import('./verify/release.ts')
  return judgeRelease(existing, verify, session)
}

async function reuse(existing: ExistingRelease, session: BuildSession): Promise<StagedImage> {
  const [{reuseRelease, noticeNotRebuilt}, {noticeAttestationPlace}] = await Promise.all([
    import('./reuse-release.ts'),
    import('./published/attestation-place.ts'),
  ])
  noticeNotRebuilt(session)
  const image = await reuseRelease(existing, session)
  await noticeAttestationPlace(image, session)
  return image
}

async function buildExtra(session: BuildSession, builder: Builder): Promise<BuildReport | undefined> {
  const {buildExtraOutputs} = await import('../stage/build-extra-outputs.ts')
  return buildExtraOutputs(session, builder)
}
