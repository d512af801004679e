import path from 'node:path'
import {TagboatError} from '../errors/error.ts'
import {requireStagedPlatforms, stagedImage, type Staged} from './staged-image.ts'
import type {Builder} from '../buildx/inspect.ts'
import {stagingOf} from '../buildx/outputs.ts'
import {runPrefix} from '../credentials/docker-home.ts'
import type {Session} from './session.ts'

/** @throws TagboatError `builder-unsuited` where the image would be pushed with its tags. */
export function requireStaging({name, driver, staging}: Builder, {prepared}: Session, message: string): void {
  if (stagingOf(prepared.inputs.build, staging) !== 'none') return
  const lack =
    driver === 'docker' ? 'its engine has no containerd image store' : 'this driver is not known to do either'
  const evidence = `the builder "${name}" (driver ${driver}) neither pushes by digest nor exports a layout: ${lack}`
  throw new TagboatError('builder-unsuited', {message, evidence: [evidence]})
}

/** Everything that has to hold of an image before anything is tagged: its platforms, and the user's test. */
export async function passGates(image: Staged, session: Session): Promise<void> {
  passPlatformGate(image, session)
  await passTest(image, session)
}

/** @throws TagboatError `platforms-incomplete` */
export function passPlatformGate(
  {content, platform, repository, existing}: Staged,
  {prepared}: Pick<Session, 'prepared'>,
): void {
  const {inputs, plan} = prepared
  const release = plan.tags.find(({role}) => role.kind === 'release')?.reference.tag
  const published = existing ? release : undefined
  requireStagedPlatforms(stagedImage(content, platform), inputs.build.platforms, repository, published)
}

/** Runs the commands of `test`, if there are any. @throws TagboatError `test-failed` */
export async function passTest({content, platform, repository, holds}: Staged, session: Session): Promise<void> {
  const {prepared, dockerConfig, io} = session
  const {build, publish} = prepared.inputs
  const staged = stagedImage(content, platform)
  const script = publish.test
  if (script === undefined) return
  await holds
  const scriptFile = path.join(dockerConfig.home.directory, `${runPrefix}test.sh`)
  const request = {script, staged, repository, asked: build.platforms, scriptFile, env: dockerConfig.env}
  const {runTest} = await import('./run-test.ts')
  await io.workflow.inQuietGroup('test', async (write) => runTest(request, write, io))
}
