import {after, type RunResult} from '../run/run-result.ts'
import type {Destination} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/source-date-epoch.ts'
import {callBuilds} from '../inputs/call.ts'
import {formatReason} from '../reasons/reason.ts'
import {engineToLoad, layoutDirectory, loadBuilt, loadsLayout, printLoaded} from './load/load-staged.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {placesOf, runOnNodes} from './nodes/assign-nodes.ts'
import {beforeBuild} from './open-session.ts'
import {runBuild} from './run-build.ts'
import type {Session} from './session.ts'

/** A build that nobody but the builder, or this runner, sees. */
export async function buildOnly(session: Session): Promise<RunResult> {
  const {plan, inputs} = session.prepared
  if (inputs.publish.test !== undefined) session.io.workflow.notice(untested(session.prepared))
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, inputs.build)
  const tags = plan.tags.map(({reference}) => reference)
  const places = await placesOf(session, builder)
  const isWhole = places === undefined || places.shares.length === 1
  const directory = isWhole && loadsLayout(builder, inputs.build) ? layoutDirectory(session) : undefined
  const destination: Destination = directory === undefined ? {kind: 'none'} : {kind: 'layout', directory}
  const target = {tags, destination, clients: []}
  const build = await (places === undefined
    ? runBuild(session, tags, destination)
    : runOnNodes(session, places, target).then((done) => done.build))
  const loaded =
    directory === undefined
      ? printLoaded(build, session, tags)
      : await after({build}, async () => loadBuilt(directory, build, {session, engine}))
  return {build, loaded}
}

/** The commands would find no `IMAGE`: it names what a registry holds. */
function untested({plan, inputs}: Prepared): string {
  const {load, call} = inputs.build
  const own = load ? 'run' : 'set `load: true` and run'
  const hint = callBuilds(call) ? ` To try what is built, ${own} your commands in a step of their own.` : ''
  return `\`test\` is not run: nothing is staged (${formatReason(plan.push.reason)}).${hint}`
}
