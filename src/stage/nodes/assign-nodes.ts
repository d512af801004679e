import type {Builder} from '../../buildx/inspect.ts'
import {stagingOf} from '../../buildx/outputs.ts'
import {callBuilds} from '../../inputs/call.ts'
import type {NodesBuild, NodesTarget, Places} from './run-on-nodes.ts'
import type {Session} from '../session.ts'

/**
 * Which node builds which platform, told in one line. Undefined: it is one build, whose place Buildx chooses: of a builder of
 * one node, of no platform by name, for a call that builds nothing, and of a builder that can stage nothing. Few
 * builders have several nodes, so the code for them is loaded here.
 * @throws TagboatError `builder-unsuited` when an output cannot come from several nodes.
 */
export async function placesOf(session: Session, builder: Builder): Promise<Places | undefined> {
  const {build} = session.prepared.inputs
  const isOneBuild = builder.nodes.length < 2 || build.platforms.length === 0 || !callBuilds(build.call)
  if (isOneBuild || stagingOf(build, builder.staging) === 'none') return undefined
  const {findPlaces} = await import('./run-on-nodes.ts')
  return findPlaces(session, builder)
}

/** Builds on all of them at the same time. */
export async function runOnNodes(session: Session, places: Places, target: NodesTarget): Promise<NodesBuild> {
  const {buildAll} = await import('./run-on-nodes.ts')
  return buildAll(session, places, target)
}
