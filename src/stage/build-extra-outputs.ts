import type {Builder} from '../buildx/inspect.ts'
import {staysInBuilder} from '../inputs/image-output.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {BuildReport} from '../run/run-result.ts'
import {assignNodes, runBuilds} from './nodes/assign-nodes.ts'
import type {BuildSession} from './build-session.ts'

/**
 * Builds a release that is already published, if the user requests files (`outputs`) or caches (`cache-to`) besides the
 * tags. Pushes nothing: the release keeps its digest. An output that stays in the builder does not require a build.
 */
export async function buildExtraOutputs(session: BuildSession, builder: Builder): Promise<BuildReport | undefined> {
  const {prepared, io} = session
  const {build} = prepared.inputs
  const {image} = build
  const outputs = build.outputs.filter((output) => !staysInBuilder(output))
  const requested = [...(outputs.length > 0 ? ['`outputs`'] : []), ...(build.cacheTo.length > 0 ? ['`cache-to`'] : [])]
  if (requested.length === 0) return undefined
  io.workflow.print([
    `The release is already published. It is built only for ${requested.join(' and ')}: this build is not pushed.`,
  ])
  const unpushed = withBuild(session, {
    ...build,
    load: false,
    outputs: outputs.length > 0 ? outputs : ['type=cacheonly'],
    // The image of this run is the published one.
    image: {...image, hasImageOutput: false},
  })
  // The outputs `digest` and `imageid` are those of the release.
  return {...(await run(unpushed, builder)), metadata: undefined, imageId: ''}
}

function withBuild(session: BuildSession, build: BuildInputs): BuildSession {
  const {prepared} = session
  return {...session, prepared: {...prepared, inputs: {...prepared.inputs, build}}}
}

async function run(session: BuildSession, builder: Builder): Promise<BuildReport> {
  const tags = session.prepared.plan.tags.map(({reference}) => reference)
  const nodes = await assignNodes(session, builder)
  const {build} = await runBuilds(session, nodes, {tags, destination: {kind: 'none'}, clients: []})
  return build
}
