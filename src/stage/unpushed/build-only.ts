import type {RunResult} from '../../run/run-result.ts'
import {requireReproducible} from '../../buildx/require-reproducible.ts'
import {callBuilds} from '../../inputs/call.ts'
import {formatReason} from '../../reasons/reason.ts'
import {buildUnpushed} from './build-unpushed.ts'
import {engineToLoad} from '../load/engine-to-load.ts'
import {assignNodes} from '../nodes/assign-nodes.ts'
import {beforeBuild} from '../open-session.ts'
import type {BuildSession} from '../build-session.ts'

/** Builds without a push: the result stays in the builder or on this runner. Runs the commands of `test`, if it is set. */
export async function buildOnly(session: BuildSession): Promise<RunResult> {
  const {plan, inputs} = session.prepared
  const {test} = inputs.publish
  if (inputs.scan !== undefined) session.io.workflow.notice(`\`scan\` is not run: ${formatReason(plan.push.reason)}.`)
  if (test !== undefined && callBuilds(inputs.build.call)) {
    const {buildAndTest} = await import('./build-and-test.ts')
    return buildAndTest(session, test)
  }
  if (test !== undefined) session.io.workflow.notice(`\`test\` is not run: ${formatReason(plan.push.reason)}.`)
  const [builder, engine] = await beforeBuild(session, engineToLoad(session))
  requireReproducible(builder, inputs.build)
  const nodes = await assignNodes(session, builder)
  return buildUnpushed(session, {builder, engine, nodes})
}
