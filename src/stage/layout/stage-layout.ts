import {after, type BuildReport} from '../../run/run-result.ts'
import type {BuildSession} from '../build-session.ts'
import {runBuilds} from '../nodes/assign-nodes.ts'
import type {NodeAssignments, NodesTarget} from '../nodes/build-all.ts'
import {placedImage, pushImage} from '../attestations/placed-image.ts'
import {layoutDirectory} from './layout-directory.ts'
import type {ImageSource} from './push-layout.ts'
import {readLayout} from './read-layout.ts'

/** Build whose image was exported to this runner, and pushed. */
interface LayoutBuild {
  readonly build: BuildReport
  readonly layout: ImageSource
}

/**
 * Lets the builder export an OCI image layout to the private directory of the run, and pushes it by digest.
 * @throws RunFailure with the build, if a step after it fails.
 */
export async function stageLayout(
  session: BuildSession,
  nodes: NodeAssignments | undefined,
  target: Omit<NodesTarget, 'destination'>,
): Promise<LayoutBuild> {
  const directory = layoutDirectory(session)
  const {build} = await runBuilds(session, nodes, {...target, destination: {kind: 'layout', directory}})
  return after({build}, async () => {
    const {files, phases, workflow} = session.io
    const layout = await placedImage(await readLayout(directory, files), session.prepared)
    await phases.measure('push', async () => pushImage(layout, target.clients, workflow))
    return {build, layout}
  })
}
