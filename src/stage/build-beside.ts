import type {Builder} from '../buildx/inspect.ts'
import {staysInBuilder} from '../inputs/image-output.ts'
import type {BuildInputs} from '../inputs/inputs.ts'
import type {BuildReport} from '../run/run-result.ts'
import {placesOf, runOnNodes} from './nodes/assign-nodes.ts'
import type {Session} from './session.ts'
import {runBuild} from './run-build.ts'

/**
 * The build of a release that is published already, where the user asks for more than its tags: files (`outputs`) and caches
 * (`cache-to`). Nothing of it is pushed, and the release keeps its digest. An image that would stay in the builder is not worth a
 * build.
 */
export async function buildBeside(session: Session, builder: Builder): Promise<BuildReport | undefined> {
  const {prepared, io} = session
  const {build} = prepared.inputs
  const {image} = build
  const outputs = build.outputs.filter((output) => !staysInBuilder(output))
  const asked = [...(outputs.length > 0 ? ['`outputs`'] : []), ...(build.cacheTo.length > 0 ? ['`cache-to`'] : [])]
  if (asked.length === 0) return undefined
  io.workflow.print([
    `The release is published already. It is built for ${asked.join(' and ')} alone: nothing of this build is pushed.`,
  ])
  const aside = withBuild(session, {
    ...build,
    load: false,
    outputs: outputs.length > 0 ? outputs : ['type=cacheonly'],
    // The image of this run is the published one.
    image: {...image, hasImageOutput: false},
  })
  // Digest and image of this run are those of the release.
  return {...(await run(aside, builder)), metadata: undefined, imageId: ''}
}

function withBuild(session: Session, build: BuildInputs): Session {
  const {prepared} = session
  return {...session, prepared: {...prepared, inputs: {...prepared.inputs, build}}}
}

async function run(session: Session, builder: Builder): Promise<BuildReport> {
  const tags = session.prepared.plan.tags.map(({reference}) => reference)
  const places = await placesOf(session, builder)
  const destination = {kind: 'none'} as const
  if (places === undefined) return runBuild(session, tags, destination)
  return (await runOnNodes(session, places, {tags, destination, clients: []})).build
}
