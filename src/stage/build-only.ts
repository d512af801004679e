import {after, type RunResult} from '../run/run-result.ts'
import type {Destination} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/require-reproducible.ts'
import {callBuilds} from '../inputs/call.ts'
import {formatReason} from '../reasons/reason.ts'
import {loadBuilt, loadsLayout, printLoaded} from './load/load-built.ts'
import {layoutDirectory} from './layout/layout-directory.ts'
import {engineToLoad} from './load/engine-to-load.ts'
import type {Prepared} from '../prepare/prepare.ts'
import {assignNodes, isSingleBuild, runBuilds} from './nodes/assign-nodes.ts'
import {beforeBuild} from './open-session.ts'
import type {BuildSession} from './build-session.ts'

/** Builds without a push: the result stays in the builder or on this runner. */
export async function buildOnly(session: BuildSession): Promise<RunResult> {
  const {plan, inputs} = session.prepared
  if (inputs.publish.test !== undefined) session.io.workflow.notice(testSkipped(session.prepared))
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, inputs.build)
  const tags = plan.tags.map(({reference}) => reference)
  const nodes = await assignNodes(session, builder)
  const directory = isSingleBuild(nodes) && loadsLayout(builder, inputs.build) ? layoutDirectory(session) : undefined
  const destination: Destination = directory === undefined ? {kind: 'none'} : {kind: 'layout', directory}
  const {build} = await runBuilds(session, nodes, {tags, destination, clients: []})
  const loaded =
    directory === undefined
      ? printLoaded(build, session, tags)
      : await after({build}, async () => loadBuilt(directory, build, {session, engine}))
  return {build, loaded}
}

/** Notice about `test`, whose commands need a staged image: `IMAGE` is a reference in a registry. */
function testSkipped({plan, inputs}: Prepared): string {
  const {load, call} = inputs.build
  const action = load ? 'run' : 'set `load: true` and run'
  const hint = callBuilds(call) ? ` To test the built image, ${action} your commands in a separate step.` : ''
  return `\`test\` is not run: nothing is staged (${formatReason(plan.push.reason)}).${hint}`
}
