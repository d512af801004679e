import {requireShape, stagingOf} from '../buildx/outputs.ts'
import {requireReproducible} from '../buildx/require-reproducible.ts'
import {requiredPart} from '../plan/best-effort.ts'
import {versionsOf} from '../plan/version.ts'
import {noFacts} from '../oci/image-facts.ts'
import {after, type RunResult} from '../run/run-result.ts'
import {withSession} from './with-session.ts'
import type {Io} from '../io/io.ts'
import type {Prepared} from '../prepare/prepare.ts'
import type {BuildSession} from '../stage/build-session.ts'
import type {BestEffortRun} from './best-effort.ts'
import {promoteAttested} from './github/promote-attested.ts'
import {promoteImage} from './promote-image.ts'
import type {Scan} from './scan/start-scan.ts'
import {requireStaging} from '../stage/gate.ts'
import {imageFacts, readBeforeBuild, runPreflight} from './preflight.ts'
import {previousImage} from './size/previous-image.ts'
import {stageOrReuse} from './stage-or-reuse.ts'

/**
 * Stages, runs the gates and promotes, or only builds if the plan does not push.
 * @throws RunFailure
 */
export async function buildAndPublish(prepared: Prepared, io: Io): Promise<RunResult> {
  const {plan} = prepared
  if (plan.bestEffort === undefined || !plan.push.do) return withSession(prepared, io, publishImage)
  const {publishBestEffort} = await import('./best-effort.ts')
  return withSession({...prepared, plan: requiredPart(plan)}, io, async (session) =>
    publishBestEffort(await publishImage(session), {...session, prepared, user: credentialsOf(session)}),
  )
}

function credentialsOf({dockerConfig, logins, minted, mirrors}: BuildSession): BestEffortRun['user'] {
  const {userConfig, userDirectory} = dockerConfig
  return {logins: [...logins, ...mirrors.logins], minted: [...minted, ...mirrors.minted], userConfig, userDirectory}
}

async function publishImage(session: BuildSession): Promise<RunResult> {
  const {scan: inputs} = session.prepared.inputs
  if (inputs === undefined) return publishScanned(session, undefined)
  const {withScan} = await import('./scan/with-scan.ts')
  return withScan(inputs, session, async (scan) => publishScanned(session, scan))
}

async function publishScanned(session: BuildSession, scan: Scan | undefined): Promise<RunResult> {
  const {prepared} = session
  const {plan, inputs} = prepared
  const {policy} = inputs.publish
  const before = await readBeforeBuild(session)
  const {builder, engine, reader, states} = before
  requireReproducible(builder, inputs.build)
  requireShape(builder, inputs.build)
  const thisRun = imageFacts(session)
  const preflight = await runPreflight(session, thisRun, before)
  if (preflight.existing === undefined && stagingOf(inputs.build, builder.staging) === 'none') {
    const {test, sizeLimits} = inputs.publish
    if (test !== undefined || sizeLimits !== undefined || inputs.sign !== undefined || scan !== undefined)
      requireStaging(builder, session, untestable)
    if (isMoved(inputs.build.attestations)) requireStaging(builder, session, unmovable)
    await session.logIn()
    const {pushTagged} = await import('./push-tagged.ts')
    return {...(await pushTagged(session, preflight.decisions, states)), versions: reader.versions}
  }
  await scan?.requireNoFailure()
  const readPrevious = once(async () => previousImage(preflight.decisions, reader, session.registries))
  const {staged, done} = await stageOrReuse(preflight, session, {builder, engine, readPrevious, scan})
  return after(done, async () => {
    if (!staged.existing)
      reader.cacheFacts(staged.content.digest, {...noFacts, ...thisRun, version: versionsOf(plan.tags)})
    await session.dockerConfig.removeEarly()
    const previous = staged.existing ? undefined : readPrevious().catch(() => undefined)
    const request = {tags: plan.tags, thisRun, policy, preflightStates: states}
    const given = await promoteAttested(staged, session, async () =>
      promoteImage(staged, request, {...session, reader}),
    )
    const result = {...done, ...given, previous: await previous}
    // A cancelled run fails, although all steps are complete.
    await after(result, () => {
      session.io.signal.throwIfAborted()
    })
    return result
  })
}

/** Function that calls `read` at most once. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return async () => (result ??= read())
}

/** Reports whether attestations leave the index that the builder makes, or get a second place. */
function isMoved(place: Prepared['inputs']['build']['attestations']): boolean {
  return place === 'referrers' || place === 'both'
}

const unmovable =
  'This builder cannot store attestations as referrers (`attestations`): it would push the image with its tags, and with an index of its own.'
const untestable =
  'This builder cannot check or sign an image before its tags move (`test`, `scan`, `max-size`, `max-growth`, `sign`): it would push both together.'
