import path from 'node:path'
import {errorMessage, TagboatError} from '../errors/error.ts'
import {requireStagedPlatforms, platformImages, type StagedImage} from './staged-image.ts'
import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {runPrefix} from '../credentials/config-directory.ts'
import {formatPlatform} from '../oci/platform.ts'
import {RunFailure, type GateName, type GateVerdict} from '../run/run-result.ts'
import type {BuildSession} from './build-session.ts'

/** @throws TagboatError `builder-unsuited` if the builder cannot push an image without its tags. */
export function requireStaging({name, driver, staging}: Builder, {prepared}: BuildSession, message: string): void {
  if (stagingOf(prepared.inputs.build, staging) !== 'none') return
  const reason =
    driver === 'docker' ? 'its engine has no containerd image store' : 'this driver is not known to do either'
  const evidence = `the builder "${name}" (driver ${driver}) neither pushes by digest nor exports a layout: ${reason}`
  throw new TagboatError('builder-unsuited', {message, evidence: [evidence]})
}

/**
 * Runs a gate, which returns what it has found. Returns its verdict after the `earlier` ones.
 * @throws RunFailure with the verdicts, if the gate fails; the reason of the signal, if the run is cancelled.
 */
export async function judged(
  gate: GateName,
  {io}: Pick<BuildSession, 'io'>,
  earlier: readonly GateVerdict[],
  check: () => string | Promise<string>,
): Promise<readonly GateVerdict[]> {
  const {elapsedMs: started} = io.phases
  const verdict = (given: GateVerdict['verdict'], reason: string): readonly GateVerdict[] => [
    ...earlier,
    {gate, verdict: given, reason, durationMs: io.phases.elapsedMs - started},
  ]
  try {
    return verdict('passed', await check())
  } catch (error) {
    throw io.signal.aborted ? error : new RunFailure({gates: verdict('failed', errorMessage(error))}, error)
  }
}

/**
 * Checks that the image has all platforms, if any are requested.
 * @throws RunFailure of a TagboatError `platforms-incomplete`
 */
export async function passPlatformGate(
  {content, platform, repository, existing}: StagedImage,
  session: Pick<BuildSession, 'prepared' | 'io'>,
): Promise<readonly GateVerdict[]> {
  const {inputs, plan} = session.prepared
  const {platforms} = inputs.build
  if (platforms.length === 0) return []
  const release = plan.tags.find(({role}) => role.kind === 'release')?.reference.tag
  const published = existing ? release : undefined
  return judged('platforms', session, [], () => {
    requireStagedPlatforms(platformImages(content, platform), platforms, repository, published)
    return platforms.map(formatPlatform).join(', ')
  })
}

/**
 * Runs the commands of `test`, if it is set. Returns its verdict after the `earlier` ones.
 * @throws RunFailure of a TagboatError `test-failed`
 */
export async function passTest(
  image: StagedImage,
  session: BuildSession,
  earlier: readonly GateVerdict[],
): Promise<readonly GateVerdict[]> {
  const script = session.prepared.inputs.publish.test
  if (script === undefined) return earlier
  return judged('test', session, earlier, async () => runCommands(script, image, session))
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
