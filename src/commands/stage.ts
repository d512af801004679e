import {requireReproducible} from '../buildx/source-date-epoch.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import type {Io} from '../io/io.ts'
import {engineToLoad, loadStaged} from '../stage/load/load-staged.ts'
import {prepare} from '../prepare/prepare.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {inSession} from './in-session.ts'
import {reported} from './reporting.ts'
import type {Session} from '../stage/session.ts'
import {beforeBuild} from '../stage/open-session.ts'
import {describeStaged} from './give-tags.ts'
import {stageImage} from '../stage/stage-image.ts'
import {passGates, requireStaging} from '../stage/gate.ts'

/** The action `tagboat/stage`: build, push by digest, gate; nothing is tagged. */
export async function stage(io: Io): Promise<void> {
  const prepared = await prepare(io, 'stage')
  await reported('stage', prepared, io, async () => inSession(prepared, io, stageAndTest))
}

async function stageAndTest(session: Session): Promise<RunResult> {
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, session.prepared.inputs.build)
  requireStaging(builder, session, 'Nothing can be staged: the image would be pushed with its tags.')
  const {staged, build} = await stageImage(session, builder)
  const loaded = await after({build}, async () => loadStaged(staged, {session, engine}))
  const done = {build, loaded}
  return after(done, async () => {
    await passGates(staged, session)
    await session.dockerConfig.removeEarly()
    const holds = (await staged.holds) ?? []
    const described = await describeStaged(staged, session)
    for (const hold of holds) session.io.workflow.notice(heldByTag(hold))
    return {...done, ...described}
  })
}

function heldByTag(hold: TagRef): string {
  return `${formatTagRef(hold)} keeps what was staged: this registry shows no image by its digest without a tag. Remove the tag once the image is promoted.`
}
