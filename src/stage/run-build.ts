import type {BuildReport} from '../report/report.ts'
import type {Destination} from '../buildx/outputs.ts'
import type {TagRef} from '../oci/reference.ts'
import {cachedBuild} from './cache/cached-build.ts'
import {buildCaches} from './cache/build-cache.ts'
import {makingOf} from './build-definition.ts'
import {buildRequest} from './build-request.ts'
import {watched} from './watch-builds.ts'
import type {Session} from './session.ts'

/** One `docker buildx build`, shown in a group of the log. `onCalled`: told what a `call` found, also of one that fails. */
export async function runBuild(
  session: Session,
  tags: readonly TagRef[],
  destination: Destination,
  onCalled?: (build: BuildReport) => void,
): Promise<BuildReport> {
  const {prepared, lent, builder, edges} = session
  const {workflow, now} = edges
  const [cache] = await buildCaches(session, builder.features, [prepared.inputs.build.platforms])
  const started = now()
  const place = {directory: lent.home.directory, builder: builder.name, making: makingOf(session)}
  const request = {...buildRequest(prepared, tags, destination, place), cache}
  const durationMs = (): number => now().getTime() - started.getTime()
  const {result} = await watched(
    edges,
    async (buildEdges) =>
      workflow.inQuietGroup('docker buildx build', async (write) => cachedBuild(request, lent.env, write, buildEdges)),
    (ended) => {
      const none = {metadata: undefined, imageId: '', builder: builder.chosen}
      if (ended.found !== '') onCalled?.({...none, ...ended, durationMs: durationMs()})
    },
  )
  return {...result, builder: result.builder ?? builder.chosen, durationMs: durationMs()}
}
