import {failedSource} from '../buildx/failure.ts'
import {engineImageDetails, registryTrouble, troubleDetails, type TroubledBuilder} from '../buildx/registry-trouble.ts'
import {isSbomGenerator} from '../buildx/sbom-generator.ts'
import type {ErrorCode} from '../errors/causes.ts'
import {TagboatError, type ErrorDetails} from '../errors/error.ts'
import type {BuilderReason} from '../reasons/builder-reasons.ts'
import type {BuildSession} from './build-session.ts'
import {explainFullDisk} from './full-disk.ts'

/**
 * Adds what the run knows to the error of a build: why its builder cannot run a platform, why it cannot reach a registry,
 * that only the engine has a base image, or that the image is the generator of the SBOM. Other errors are returned unchanged.
 */
export async function explainFailure(error: unknown, session: BuildSession): Promise<unknown> {
  if (!(error instanceof TagboatError)) return error
  const {builder} = session
  const {gap, chosen} = builder
  if (error.code === 'platform-missing') {
    return gap === undefined ? error : explained(error, gap, [...error.evidence, ...gap.evidence])
  }
  if (error.code === 'disk-full') return explainFullDisk(error, session)
  const missing = error.code === 'base-image-unreachable' ? failedSource(error.evidence) : undefined
  if (missing !== undefined && isSbomGenerator(missing, session.prepared.inputs.build))
    return explained(error, new TagboatError('sbom-generator-unreachable'), error.evidence)
  if (chosen === undefined) return error
  const troubled: TroubledBuilder = {...chosen, isOwn: ownReasons.includes(builder.reason ?? '')}
  const trouble = reachCodes.includes(error.code) ? registryTrouble(error.evidence) : undefined
  const details =
    trouble === undefined ? await engineImage(error, troubled, session) : troubleDetails(trouble, troubled)
  return details === undefined ? error : explained(error, details, error.evidence)
}

/** Codes of errors that may come from a registry that the builder does not reach. */
const reachCodes: readonly string[] = [
  'registry-unreachable',
  'base-image-unreachable',
  'build-failed',
] satisfies readonly ErrorCode[]

/** Reasons for a builder that Tagboat has created. */
const ownReasons: readonly string[] = [
  'driver-chosen',
  'builder-settings',
  'builder-lacks',
  'builder-of-job',
] satisfies readonly BuilderReason['code'][]

function explained(
  error: TagboatError,
  {
    code = error.code,
    message = error.message,
    remedy,
  }: Pick<ErrorDetails, 'message' | 'remedy'> & {readonly code?: ErrorCode},
  evidence: readonly string[],
): TagboatError {
  return new TagboatError(code, {
    message,
    ...(remedy !== undefined && {remedy}),
    ...(error.place && {place: error.place}),
    evidence,
    cause: error,
  })
}

/** Details of a base image that the engine has; undefined for other errors, or if the engine does not have it either. */
async function engineImage(
  error: TagboatError,
  builder: TroubledBuilder,
  {prepared, dockerConfig, io}: BuildSession,
): Promise<Pick<ErrorDetails, 'message' | 'remedy'> | undefined> {
  const image = error.code === 'base-image-unreachable' ? failedSource(error.evidence) : undefined
  if (image === undefined || builder.driver === 'docker' || io.signal.aborted) return undefined
  const {exitCode} = await io.processes.capture({
    file: 'docker',
    args: ['image', 'inspect', image],
    env: dockerConfig.env,
  })
  const {build, publish} = prepared.inputs
  const canPushTagged = build.platforms.length < 2 && prepared.action === 'publish' && publish.test === undefined
  return exitCode === 0 ? engineImageDetails(image, builder, canPushTagged) : undefined
}
