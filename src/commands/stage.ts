import {requireReproducible} from '../buildx/require-reproducible.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {Io} from '../io/io.ts'
import {engineToLoad} from '../stage/load/engine-to-load.ts'
import {loadStaged} from '../stage/load/load-staged.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {prepareRun} from './prepare-run.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {withSession} from './with-session.ts'
import {withReport} from './reporting.ts'
import type {BuildSession} from '../stage/build-session.ts'
import {beforeBuild} from '../stage/open-session.ts'
import {describeStaged} from './promote-image.ts'
import {stageImage} from '../stage/stage-image.ts'
import {passGates, requireStaging} from '../stage/gate.ts'

/** Action `tagboat/stage`: builds, pushes by digest and runs the gates, without tags. */
export async function stage(io: Io): Promise<void> {
  const prepared = await prepareRun(io, 'stage')
  await withReport('stage', prepared, io, async () =>
    withSession({...prepared, plan: requiredPart(prepared.plan)}, io, stageAndTest),
  )
}

async function stageAndTest(session: BuildSession): Promise<RunResult> {
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, session.prepared.inputs.build)
  requireStaging(builder, session, 'This builder cannot stage: it would push the image with its tags.')
  const {staged, build} = await stageImage(session, builder)
  const loaded = await after({build}, async () => loadStaged(staged, {session, engine}))
  const done = {build, loaded}
  const gates = await after(done, async () => passGates(staged, session))
  const passed = {...done, gates}
  return after(passed, async () => {
    await session.dockerConfig.removeEarly()
    const temporaryTags = (await staged.temporaryTags) ?? []
    const described = await describeStaged(staged, session)
    for (const tag of temporaryTags) session.io.workflow.notice(keptTag(tag))
    return {...passed, ...described}
  })
}

function keptTag(tag: TagRef): string {
  return `${formatTagRef(tag)} is a temporary tag of the staged image: this registry shows only tagged images. Remove it after the promotion.`
}
