import {requireReproducible} from '../buildx/require-reproducible.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {Io} from '../io/io.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {prepareRun} from './prepare-run.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {withSession} from './with-session.ts'
import {withReport} from './reporting.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {imageFacts, readBeforeBuild, runPreflight} from './preflight.ts'
import {previousImage} from './size/previous-image.ts'
import {describeStaged} from './promote-image.ts'
import type {Scan} from './scan/start-scan.ts'
import {requireStaging} from '../stage/gate.ts'
import {stageOrReuse} from './stage-or-reuse.ts'

/**
 * Action `tagboat/tagboat/stage@v1`: builds, pushes by digest and runs the gates, without tags. A release that is already published
 * is the staged image, and is not built.
 */
export async function stage(io: Io): Promise<void> {
  const prepared = await prepareRun(io, 'stage')
  await withReport('stage', prepared, io, async () =>
    withSession({...prepared, plan: requiredPart(prepared.plan)}, io, stageImage),
  )
}

async function stageImage(session: BuildSession): Promise<RunResult> {
  const {scan: inputs} = session.prepared.inputs
  if (inputs === undefined) return stageAndTest(session, undefined)
  const {withScan} = await import('./scan/with-scan.ts')
  return withScan(inputs, session, async (scan) => stageAndTest(session, scan))
}

async function stageAndTest(session: BuildSession, scan: Scan | undefined): Promise<RunResult> {
  const {prepared} = session
  const before = await readBeforeBuild(session)
  const {builder, engine} = before
  requireReproducible(builder, prepared.inputs.build)
  const preflight = await runPreflight(session, {...imageFacts(session), isPart: true}, before)
  if (preflight.existing === undefined)
    requireStaging(builder, session, 'This builder cannot stage: it would push the image with its tags.')
  await scan?.requireNoFailure()
  const {staged, done} = await stageOrReuse(preflight, session, {
    builder,
    engine,
    scan,
    readPrevious: async () => previousImage(preflight.decisions, before.reader, session.registries),
  })
  return after(done, async () => {
    await session.dockerConfig.removeEarly()
    const temporaryTags = (await staged.temporaryTags) ?? []
    const described = await describeStaged(staged, session)
    for (const tag of temporaryTags) session.io.workflow.notice(keptTag(tag))
    return {...done, ...described}
  })
}

function keptTag(tag: TagRef): string {
  return `${formatTagRef(tag)} is a temporary tag of the staged image: this registry shows only tagged images. Remove it after the promotion.`
}
