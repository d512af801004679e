import path from 'node:path'
import {TagboatError} from '../errors/error.ts'
import {requireStagedPlatforms, platformImages, type StagedImage} from './staged-image.ts'
import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {runPrefix} from '../credentials/config-directory.ts'
import type {BuildSession} from './build-session.ts'

/** @throws TagboatError `builder-unsuited` if the builder cannot push an image without its tags. */
export function requireStaging({name, driver, staging}: Builder, {prepared}: BuildSession, message: string): void {
  if (stagingOf(prepared.inputs.build, staging) !== 'none') return
  const reason =
    driver === 'docker' ? 'its engine has no containerd image store' : 'this driver is not known to do either'
  const evidence = `the builder "${name}" (driver ${driver}) neither pushes by digest nor exports a layout: ${reason}`
  throw new TagboatError('builder-unsuited', {message, evidence: [evidence]})
}

/** Runs all checks that an image must pass before it is tagged: its platforms, and the user's test. */
export async function passGates(image: StagedImage, session: BuildSession): Promise<void> {
  passPlatformGate(image, session)
  await passTest(image, session)
}

/**
 * Checks that the image has all platforms.
 * @throws TagboatError `platforms-incomplete`
 */
export function passPlatformGate(
  {content, platform, repository, existing}: StagedImage,
  {prepared}: Pick<BuildSession, 'prepared'>,
): void {
  const {inputs, plan} = prepared
  const release = plan.tags.find(({role}) => role.kind === 'release')?.reference.tag
  const published = existing ? release : undefined
  requireStagedPlatforms(platformImages(content, platform), inputs.build.platforms, repository, published)
}

/**
 * Runs the commands of `test`, if it is set.
 * @throws TagboatError `test-failed`
 */
export async function passTest(
  {content, platform, repository, temporaryTags}: StagedImage,
  session: BuildSession,
): Promise<void> {
  const {prepared, dockerConfig, io} = session
  const {build, publish} = prepared.inputs
  const staged = platformImages(content, platform)
  const script = publish.test
  if (script === undefined) return
  await temporaryTags
  const scriptFile = path.join(dockerConfig.directory, `${runPrefix}test.sh`)
  const request = {script, staged, repository, requested: build.platforms, scriptFile, env: dockerConfig.env}
  const {runTest} = await import('./run-test.ts')
  await io.workflow.inQuietGroup('test', async (write) => runTest(request, write, io))
}
