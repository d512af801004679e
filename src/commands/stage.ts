import {requireReproducible} from '../buildx/source-date-epoch.ts'
import {formatTagRef, type TagRef} from '../oci/reference.ts'
import {requireSources} from '../stage/build.ts'
import type {Edges} from '../io/io.ts'
import {withDockerHome} from '../run/private-config.ts'
import {engineToLoad, loadStaged} from '../stage/load/load-staged.ts'
import {prepare} from '../prepare/prepare.ts'
import {reported} from './reporting.ts'
import type {Note} from '../report/report.ts'
import type {Session} from '../stage/session.ts'
import {buildOnly} from '../stage/build-only.ts'
import {beforeBuild, openSession} from '../stage/open-session.ts'
import {describeStaged} from './give-tags.ts'
import {stageImage} from '../stage/stage-image.ts'
import {passGates, requireStaging} from '../stage/gate.ts'

/** The action `tagboat/stage`: build, push by digest, gate; nothing is tagged. */
export async function stage(edges: Edges): Promise<void> {
  const prepared = await prepare(edges, 'stage')
  await reported('stage', prepared, edges, async (note) => {
    const {inputs, plan} = prepared
    await requireSources(inputs.build, edges)
    await withDockerHome(edges, inputs.credentials.exportLogin, async (lent) => {
      await using session = await openSession(prepared, lent, edges)
      await (plan.push.do ? stageAndTest(session, note) : buildOnly(session, note))
    })
  })
}

async function stageAndTest(session: Session, note: Note): Promise<void> {
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, session.prepared.inputs.build)
  requireStaging(builder, session, 'Nothing can be staged: the image would be pushed with its tags.')
  const staged = await stageImage(session, builder, note)
  await loadStaged(staged, {session, note, engine})
  await passGates(staged, session)
  await session.lent.giveBack()
  const holds = (await staged.holds) ?? []
  note(await describeStaged(staged, session))
  for (const hold of holds) session.edges.workflow.notice(heldByTag(hold))
}

function heldByTag(hold: TagRef): string {
  return `${formatTagRef(hold)} keeps what was staged: this registry shows no image by its digest without a tag. Remove the tag once the image is promoted.`
}
