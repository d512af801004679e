import {generateKeyPairSync} from 'node:crypto'
import path from 'node:path'
import {stepOn} from '../../testing/pushes.ts'
import type {Registry} from '../../testing/registry.ts'
import {Step, type StepResult} from '../../testing/runner.ts'
import {sampleDirectory, type Credentials} from '../../testing/sample.ts'
import {demoInputs, demoReleases, demoRepository, publishDemo, publishRelease} from './demo-releases.ts'
import {pruneScene} from './prune-scene.ts'

/** Runs whose log and job summary the documentation shows. */
export const sceneNames = [
  'release',
  'repeated-run',
  'two-registries',
  'pull-request',
  'failed-test',
  'signed',
  'prune',
] as const

export type SceneName = (typeof sceneNames)[number]

type Inputs = Readonly<Record<string, string>>

/** Runs the scenes one after the other: each finds the tags of those before it. */
export async function runScenes(
  [first, second]: readonly [Registry, Registry],
  login: Credentials,
): Promise<Readonly<Record<SceneName, StepResult>>> {
  const {fix} = demoReleases
  const next = {version: '1.2.5', sha: '7d20b6e4f8a91c35e0b7d46a2f91c8053be6a417', runId: '2195007761'}
  const inputs = demoInputs(first, login, next)
  const both = {
    ...inputs,
    images: `${first.host}/${demoRepository}\n${second.host}/${demoRepository}`,
    registry: '',
    username: '',
    password: '',
    'registry-auth': [first, second].map((registry) => registryAuth(registry, login)).join('\n'),
  }
  return {
    release: await publishDemo(first, login),
    'repeated-run': await publishRelease(fix, demoInputs(first, login, fix)),
    'two-registries': await publishRelease(next, {...both, test: testOf('1.2.5')}),
    'pull-request': await pullRequest({...inputs, test: testOf('1.2.5')}),
    'failed-test': await failedTest({...inputs, test: testOf('1.2.6')}),
    signed: await signed(first, login),
    prune: await pruneScene(first, login),
  }
}

function registryAuth({host}: Registry, {username, password}: Credentials): string {
  return [`- registry: ${host}`, `username: ${username}`, `password: ${password}`].join('\n  ')
}

/** A release that is scanned by a command, and signed with a key. */
async function signed(registry: Registry, login: Credentials): Promise<StepResult> {
  const release = {version: '3.0.0', sha: 'e2f6a90c417d5b83fe1c60da2b7948f35c0d81a6', runId: '2196114502'}
  const key = generateKeyPairSync('ec', {namedCurve: 'prime256v1'}).privateKey
  return publishRelease(release, {
    ...demoInputs(registry, login, release),
    images: `${registry.host}/team/signed`,
    scan: `run=${process.execPath} --no-warnings ${path.join(import.meta.dirname, 'busybox-scan.ts')}`,
    'scan-fail-on': 'critical',
    sign: 'key',
    'sign-key': String(key.export({format: 'pem', type: 'pkcs8'})),
  })
}

/** Commands that run the image, and compare the version on its page. */
function testOf(version: string): string {
  return [
    'page=$(docker run --rm "$IMAGE" /bin/busybox cat /www/index.html)',
    'grep Version <<<"$page"',
    `grep --quiet "Version ${version}" <<<"$page"`,
  ].join('\n')
}

async function pullRequest(inputs: Inputs): Promise<StepResult> {
  await using step = await Step.prepare({event: 'pull-request', workspace: sampleDirectory, inputs})
  const result = await step.run()
  if (result.exitCode !== 0) throw new Error(`the build of the pull request failed:\n${result.log}`)
  return result
}

/** The release 1.2.6, whose image still has the version before. */
async function failedTest(inputs: Inputs): Promise<StepResult> {
  const push = {ref: 'refs/tags/v1.2.6', sha: 'a3c5f0d18e2b47960d5c8f1e7a42b9063f8d1e57', runId: '2195007999'}
  await using step = await stepOn(push, {workspace: sampleDirectory, inputs})
  const result = await step.run()
  if (result.exitCode === 0) throw new Error(`the test did not fail:\n${result.log}`)
  return result
}
