import path from 'node:path'
import {errorMessage, TagboatError, toTagboatError} from '../errors/error.ts'
import {requireStagedPlatforms, platformImages, type StagedImage} from './staged-image.ts'
import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {runPrefix} from '../credentials/config-directory.ts'
import type {Digest} from '../oci/digest.ts'
import {formatPlatform} from '../oci/platform.ts'
import type {Io} from '../io/io.ts'
import type {GateName, GateVerdict} from '../run/gate-verdict.ts'
import {RunFailure} from '../run/run-result.ts'
import type {BuildSession} from './build-session.ts'

/** @throws TagboatError `builder-unsuited` if the builder cannot push an image without its tags. */
export function requireStaging({name, driver, staging}: Builder, {prepared}: BuildSession, message: string): void {
  if (stagingOf(prepared.inputs.build, staging) !== 'none') return
  const reason =
    driver === 'docker' ? 'its engine has no containerd image store' : 'this driver is not known to do either'
  const evidence = `the builder "${name}" (driver ${driver}) neither pushes by digest nor exports a layout: ${reason}`
  throw new TagboatError('builder-unsuited', {message, evidence: [evidence]})
}

/** Verdict of a gate, and the error of one that the image did not pass. */
export interface Judgement {
  readonly verdict: GateVerdict
  readonly failure?: {readonly error: unknown}
}

/** Fields of a verdict, and an error if the image does not pass. */
export type Found = Partial<Omit<GateVerdict, 'gate' | 'durationMs'>> &
  Pick<GateVerdict, 'reason'> & {readonly failure?: TagboatError | undefined}

/**
 * Runs a gate. A gate that throws has failed.
 * @throws the reason of the signal, if the run is cancelled.
 */
export async function judged(
  {gate, digest}: {readonly gate: GateName; readonly digest?: Digest},
  {io}: {readonly io: Pick<Io, 'phases' | 'signal'>},
  check: () => Found | Promise<Found>,
): Promise<Judgement> {
  const {elapsedMs: started} = io.phases
  const known = {gate, ...(digest !== undefined && {subject: {digest}})}
  const ended = (found: Omit<Found, 'failure'>, failure: {readonly error: unknown} | undefined): Judgement => {
    const outcome = failure === undefined ? 'passed' : 'failed'
    const verdict = {outcome, ...found, ...known, durationMs: io.phases.elapsedMs - started} as const
    return {verdict, ...(failure && {failure})}
  }
  try {
    const {failure, ...found} = await check()
    return ended(found, failure && {error: failure})
  } catch (error) {
    if (io.signal.aborted) throw error
    const evidence = error instanceof TagboatError ? error.evidence : []
    return ended({reason: errorMessage(error), ...(evidence.length > 0 && {evidence})}, {error})
  }
}

/**
 * Verdicts of gates that the image has passed.
 * @param later gates that do not run if one of these failed. They are reported as skipped.
 * @throws RunFailure with all verdicts and the first failure. The others are warnings.
 */
export async function requirePassed(
  judgements: readonly Judgement[],
  {workflow}: Pick<Io, 'workflow'>,
  later: readonly GateName[] = [],
): Promise<readonly GateVerdict[]> {
  const verdicts = judgements.map(({verdict}) => verdict)
  const [first, ...others] = judgements.filter(({failure}) => failure !== undefined)
  if (first === undefined) return verdicts
  if (others.length > 0) {
    const {errorWarning} = await import('../errors/render-error.ts')
    for (const {failure} of others) workflow.warning(errorWarning(toTagboatError(failure?.error)))
  }
  const names = [first, ...others].map(({verdict}) => `\`${verdict.gate}\``).join(' and ')
  const skipped = later.map((gate): GateVerdict => {
    return {gate, outcome: 'skipped', reason: `Not run, since ${names} failed.`, durationMs: 0}
  })
  throw new RunFailure({gates: [...verdicts, ...skipped]}, first.failure?.error)
}

/** Checks that the image has all platforms; undefined if none are requested. */
export async function judgePlatforms(
  {content, platform, repository, existing}: StagedImage,
  session: Pick<BuildSession, 'prepared' | 'io'>,
): Promise<Judgement | undefined> {
  const {inputs, plan} = session.prepared
  const {platforms} = inputs.build
  if (platforms.length === 0) return undefined
  const release = plan.tags.find(({role}) => role.kind === 'release')?.reference.tag
  const published = existing ? release : undefined
  return judged({gate: 'platforms', digest: content.digest}, session, () => {
    requireStagedPlatforms(platformImages(content, platform), platforms, repository, published)
    return {reason: platforms.map(formatPlatform).join(', ')}
  })
}

/** Runs the commands of `test`; undefined if it is not set. */
export async function judgeTest(image: StagedImage, session: BuildSession): Promise<Judgement | undefined> {
  const script = session.prepared.inputs.publish.test
  if (script === undefined) return undefined
  const gate = {gate: 'test', digest: image.content.digest} as const
  return judged(gate, session, async () => ({reason: await runCommands(script, image, session)}))
}

/** Reason of the verdict of a test that succeeded. */
export const testPassed = 'The commands of `test` succeeded.'

async function runCommands(
  script: string,
  {content, platform, repository, temporaryTags}: StagedImage,
  {prepared, dockerConfig, io}: BuildSession,
): Promise<string> {
  const {build} = prepared.inputs
  const staged = platformImages(content, platform)
  await temporaryTags
  const scriptFile = path.join(dockerConfig.directory, `${runPrefix}test.sh`)
  const [{runTest}, {imageVariables, registryImage, runnerPlatform}] = await Promise.all([
    import('./test-run/run-test.ts'),
    import('./test-run/image-variables.ts'),
  ])
  const machine = runnerPlatform(io.environment)
  const variables = imageVariables(registryImage(staged, repository), build.platforms, machine)
  const request = {script, variables, scriptFile, env: dockerConfig.env}
  await io.workflow.inQuietGroup('test', async (write) => runTest(request, write, io))
  return testPassed
}
