import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {decideFloating} from '../plan/decide-floating.ts'
import {decideRelease, type ExistingRelease} from '../plan/decide-release.ts'
import type {RepositoryState} from '../plan/registry-state.ts'
import type {RunFacts, TagDecision} from '../plan/tag-decision.ts'
import {versionsOf} from '../plan/version.ts'
import {factKeys, noFacts} from '../oci/image-facts.ts'
import {stateReader} from '../promote/read-state.ts'
import {requireSources} from '../stage/build.ts'
import {askRelation} from './commit-relation.ts'
import type {Edges} from './edges.ts'
import {withDockerHome} from './home.ts'
import type {Prepared} from './prepare.ts'
import {pushTagged} from './push-tagged.ts'
import type {Note} from './reporting.ts'
import {beforeBuild, buildOnly, openSession, type Session} from './session.ts'
import {giveTags, takeExisting} from './published-image.ts'
import {passGates, passPlatformGate, passTest, requireStaging, stageImage, type Staged} from './stage-image.ts'

/** Stages, gates and promotes, or only builds where the plan pushes nothing. */
export async function buildAndPublish(prepared: Prepared, note: Note, edges: Edges): Promise<void> {
  const {inputs, plan} = prepared
  await requireSources(inputs.build, edges)
  await withDockerHome(edges, inputs.credentials.exportLogin, async (lent) => {
    using session = await openSession(prepared, lent, edges)
    await (plan.push.do ? publishImage(session, note) : buildOnly(session, note))
  })
}

async function publishImage(session: Session, note: Note): Promise<void> {
  const {prepared, registries, edges} = session
  const {plan, inputs} = prepared
  const own = ownFacts(prepared)
  const {policy} = inputs.publish
  const reader = stateReader({policy, revision: own.revision, askRelation: askRelation(prepared, edges)})
  const [builder, states] = await beforeBuild(session, reader.read(plan.tags, registries.clients))
  const outlook = lookAhead(prepared, own, states)
  if (outlook.existing === undefined && stagingOf(inputs.build, builder.staging) === 'none') {
    if (inputs.publish.test !== undefined) requireStaging(builder, session, untestable)
    await pushTagged(session, outlook.decisions, note)
    return
  }
  const staged = await stageOrTake(outlook, session, builder, note)
  if (!staged.existing) reader.know(staged.content.digest, {...noFacts, ...own, version: versionsOf(plan.tags)})
  await session.lent.giveBack()
  await giveTags(staged, {tags: plan.tags, own, policy, seen: states}, {...session, reader, note})
  // All is done, but a run that was cancelled says that it was.
  session.edges.signal.throwIfAborted()
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
function lookAhead({plan, inputs}: Prepared, own: OwnFacts, states: readonly RepositoryState[]): Outlook {
  const {policy} = inputs.publish
  const request = {tags: plan.tags, states, own: {...own, digest: undefined}, policy}
  const {existing, decisions} = decideRelease(request)
  const floating = decideFloating({...request, target: () => existing?.digest})
  return {existing, decisions: [...decisions, ...floating]}
}

/** A release that is there passes the gates too: the tags that it is about to get are promised the same. */
async function stageOrTake(outlook: Outlook, session: Session, builder: Builder, note: Note): Promise<Staged> {
  if (outlook.existing !== undefined) {
    const taken = await takeExisting(outlook.existing, session)
    passPlatformGate(taken, session)
    if (outlook.decisions.some(({action}) => action === 'put')) await passTest(taken, session)
    return taken
  }
  const staged = await stageImage(session, builder, note)
  await passGates(staged, session)
  return staged
}

type OwnFacts = Omit<RunFacts, 'digest'>

/** The revision is what the image will say: the user may have written another one than the commit, or none. */
function ownFacts({context, plan}: Prepared): OwnFacts {
  const {commitDate, run} = context
  const said = [...plan.annotations, ...plan.labels].find(({key}) => key === factKeys.revision)?.value ?? ''
  return {revision: said === '' ? undefined : said, commitDate, runId: run.id === '' ? undefined : run.id}
}
