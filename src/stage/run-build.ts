import {RunFailure, type BuildReport} from '../run/run-result.ts'
import type {Destination} from '../buildx/outputs.ts'
import type {TagRef} from '../oci/reference.ts'
import {cachedBuild, cachesOf} from './cache/caches.ts'
import {makingOf} from './build-definition.ts'
import {buildRequest, leftOutNotice} from './build-request.ts'
import {explainFailure} from './explain-failure.ts'
import {watched} from './watch-builds.ts'
import type {Session} from './session.ts'

/**
 * Runs one `docker buildx build`, shown in a group of the log.
 * @throws RunFailure with the build when a `call` fails that has found something.
 */
export async function runBuild(
  session: Session,
  tags: readonly TagRef[],
  destination: Destination,
): Promise<BuildReport> {
  const {prepared, dockerConfig, builder, io} = session
  const {workflow, now} = io
  const [cache] = await cachesOf(session, builder.features, [prepared.inputs.build.platforms])
  const started = now()
  const place = {
    directory: dockerConfig.home.directory,
    builder: builder.name,
    making: makingOf(session),
    ownPlatform: builder.features?.platforms[0],
  }
  const request = {...buildRequest(prepared, tags, destination, place), cache}
  const leftOut = leftOutNotice(request, prepared)
  if (leftOut !== undefined) workflow.notice(leftOut)
  const durationMs = (): number => now().getTime() - started.getTime()
  let called: BuildReport | undefined
  const running = watched(
    io,
    async (buildIo) =>
      workflow.inQuietGroup('docker buildx build', async (write) =>
        cachedBuild(request, dockerConfig.env, write, buildIo),
      ),
    (ended) => {
      const none = {metadata: undefined, imageId: '', builder: builder.chosen}
      if (ended.callResult !== '') called = {...none, ...ended, durationMs: durationMs()}
    },
  )
  const {result} = await running.catch(async (error: unknown) => {
    const explained = await explainFailure(error, session)
    throw called === undefined ? explained : new RunFailure({build: called}, explained)
  })
  return {...result, builder: result.builder ?? builder.chosen, durationMs: durationMs()}
}
