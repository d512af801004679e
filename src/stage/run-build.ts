import {RunFailure, type BuildReport} from '../run/run-result.ts'
import type {Destination} from '../buildx/outputs.ts'
import type {TagRef} from '../oci/reference.ts'
import {cachedBuild, planCaches} from './cache/caches.ts'
import {buildDefinitionOf} from './build-definition.ts'
import {buildRequest, leftOutNotice} from './build-request.ts'
import {recordBuilds} from './record-builds.ts'
import type {BuildSession} from './build-session.ts'

/**
 * Runs one `docker buildx build` in a log group.
 * @throws RunFailure with the result of a `call` that fails after it printed one.
 */
export async function runBuild(
  session: BuildSession,
  tags: readonly TagRef[],
  destination: Destination,
): Promise<BuildReport> {
  const {prepared, dockerConfig, builder, io} = session
  const {workflow, now} = io
  const [cache] = await planCaches(session, builder.features, [prepared.inputs.build.platforms])
  const started = now()
  const settings = {
    directory: dockerConfig.directory,
    builder: builder.name,
    definition: buildDefinitionOf(session),
    defaultPlatform: builder.features?.platforms[0],
  }
  const request = {...buildRequest(prepared, tags, destination, settings), cache}
  const leftOut = leftOutNotice(request, prepared)
  if (leftOut !== undefined) workflow.notice(leftOut)
  const durationMs = (): number => now().getTime() - started.getTime()
  let callReport: BuildReport | undefined
  const running = io.phases.measure('build', async () =>
    recordBuilds(
      io,
      async (buildIo) =>
        workflow.inQuietGroup('docker buildx build', async (write) =>
          cachedBuild(request, dockerConfig.env, write, buildIo),
        ),
      (finished) => {
        if (finished.callResult === '') return
        callReport = {metadata: undefined, imageId: '', builder: builder.chosen, ...finished, durationMs: durationMs()}
      },
    ),
  )
  const {result} = await running.catch(async (error: unknown) => {
    const {explainFailure} = await import('./explain-failure.ts')
    const explained = await explainFailure(error, session)
    throw callReport === undefined ? explained : new RunFailure({build: callReport}, explained)
  })
  return {...result, builder: result.builder ?? builder.chosen, durationMs: durationMs()}
}
