import type {Builder} from '../../buildx/inspect.ts'
import {stagingOf} from '../../buildx/outputs.ts'
import {callBuilds} from '../../inputs/call.ts'
import {runBuild} from '../run-build.ts'
import type {NodesBuild, NodesTarget, NodeAssignments} from './build-all.ts'
import type {BuildSession} from '../build-session.ts'

/**
 * Assigns the platforms to the nodes of the builder, and logs it. Undefined for one build, whose node Buildx chooses: a
 * builder with one node or without staging, a build without `platforms`, and a `call` other than `build`. Few builders
 * have several nodes, so the code for them is loaded on demand.
 * @throws TagboatError `builder-unsuited` if an output needs all platforms in one build.
 */
export async function assignNodes(session: BuildSession, builder: Builder): Promise<NodeAssignments | undefined> {
  const {build} = session.prepared.inputs
  const isOneBuild = builder.nodes.length < 2 || build.platforms.length === 0 || !callBuilds(build.call)
  if (isOneBuild || stagingOf(build, builder.staging) === 'none') return undefined
  const {assignPlatforms} = await import('./build-all.ts')
  return assignPlatforms(session, builder)
}

/** Reports whether one build has all platforms. */
export function isSingleBuild(nodes: NodeAssignments | undefined): boolean {
  return nodes === undefined || nodes.assignments.length === 1
}

/** Builds on all assigned nodes concurrently; without assignments, runs one build. */
export async function runBuilds(
  session: BuildSession,
  nodes: NodeAssignments | undefined,
  target: NodesTarget,
): Promise<NodesBuild> {
  if (nodes === undefined) {
    return {build: await runBuild(session, target.tags, target.destination), content: undefined}
  }
  const {buildAll} = await import('./build-all.ts')
  return session.io.phases.measure('build', async () => buildAll(session, nodes, target))
}
