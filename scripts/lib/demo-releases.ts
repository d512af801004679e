import {randomBytes} from 'node:crypto'
import {stepOn} from '../../testing/pushes.ts'
import type {Registry} from '../../testing/registry.ts'
import type {StepResult} from '../../testing/runner.ts'
import {busyboxDirectory, sampleDirectory, type Credentials} from '../../testing/sample.ts'
import {logText} from './step-log.ts'

/** Repository of the registry to which the demo publishes. */
export const demoRepository = 'team/hello'

/** A release of the sample application: its version and the commit of its Git tag. */
export interface DemoRelease {
  readonly version: string
  readonly sha: string
  readonly runId: string
}

/** A first release, the next major version, and then a fix for the older one: `latest` must not move back. */
export const demoReleases = {
  first: {version: '1.2.3', sha: '6113728f27ae82c7b1a177c8d03f9e96e0adf246', runId: '2188841209'},
  major: {version: '2.0.0', sha: '9f2c51e07d3ab6c48f01d7be5a9340c2e86b1f7d', runId: '2191407733'},
  fix: {version: '1.2.4', sha: 'c41d8e6a90b7f25d13ce48a1907b6e2fd5308ab9', runId: '2193560418'},
} as const satisfies Readonly<Record<string, DemoRelease>>

/** Credentials that the demo's registry requires; the password differs in each run. */
export function demoCredentials(): Credentials {
  return {username: 'captain', password: randomBytes(12).toString('hex')}
}

/** Inputs of the demo's step. */
export function demoInputs(
  {host}: Pick<Registry, 'host'>,
  {username, password}: Credentials,
  {version}: Pick<DemoRelease, 'version'>,
): Readonly<Record<string, string>> {
  return {
    images: `${host}/${demoRepository}`,
    registry: host,
    username,
    password,
    platforms: 'linux/amd64,linux/arm64',
    'build-args': `VERSION=${version}`,
    'build-contexts': `busybox=${busyboxDirectory()}`,
  }
}

/**
 * Runs the bundled action as the runner does for a push of the release's Git tag: main, then post.
 * @throws Error with the log, when the step fails.
 */
export async function publishRelease(
  {version, sha, runId}: DemoRelease,
  inputs: Readonly<Record<string, string>>,
): Promise<StepResult> {
  await using step = await stepOn({ref: `refs/tags/v${version}`, sha, runId}, {workspace: sampleDirectory, inputs})
  const result = await step.run()
  if (result.exitCode !== 0) throw new Error(`release ${version} failed:\n${logText(result.log)}`)
  return result
}

/** Publishes all releases to one registry; the result of the last one, in which some tags are new, some move and one is kept. */
export async function publishDemo(registry: Registry, login: Credentials): Promise<StepResult> {
  const {first, major, fix} = demoReleases
  for (const release of [first, major]) await publishRelease(release, demoInputs(registry, login, release))
  return await publishRelease(fix, demoInputs(registry, login, fix))
}
