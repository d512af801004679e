import {after, type RunResult} from '../../run/run-result.ts'
import type {Builder} from '../../buildx/inspect.ts'
import type {Destination} from '../../buildx/outputs.ts'
import {loadBuilt, loadsLayout, printLoaded} from '../load/load-built.ts'
import type {Engine} from '../load/engine.ts'
import {layoutDirectory} from '../layout/layout-directory.ts'
import {isSingleBuild, runBuilds} from '../nodes/assign-nodes.ts'
import type {NodeAssignments} from '../nodes/build-all.ts'
import type {BuildSession} from '../build-session.ts'

/** Builder of a build, the engine of the runner, and the nodes of the builder. */
export interface BuildPlace {
  readonly builder: Builder
  /** Absent without `load`. */
  readonly engine: Engine | undefined
  /** Absent for one build. */
  readonly nodes: NodeAssignments | undefined
}

/** Builds without a push, and loads the image with `load`. */
export async function buildUnpushed(session: BuildSession, {builder, engine, nodes}: BuildPlace): Promise<RunResult> {
  const {plan, inputs} = session.prepared
  const tags = plan.tags.map(({reference}) => reference)
  const directory = isSingleBuild(nodes) && loadsLayout(builder, inputs.build) ? layoutDirectory(session) : undefined
  const destination: Destination = directory === undefined ? {kind: 'none'} : {kind: 'layout', directory}
  const {build} = await runBuilds(session, nodes, {tags, destination, clients: []})
  const loaded =
    directory === undefined
      ? printLoaded(build, session, tags)
      : await after({build}, async () => loadBuilt(directory, build, {session, engine}))
  return {build, loaded}
}
