import {chmod, cp, mkdir} from 'node:fs/promises'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {formatReason} from '../../src/reasons/reason.ts'
import {docker} from '../../testing/docker.ts'
import {loadEvent} from '../../testing/events.ts'
import {errorsIn, executedCommands} from '../../testing/runner-log.ts'
import {projectRoot, Step, type StepOptions, type StepResult, type StepUser} from '../../testing/runner.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startRemoteBuilder} from '../../testing/remote-builder.ts'
import {formatUntested} from '../../src/reasons/untested-reasons.ts'
import {startSecondEngine, type SecondEngine} from '../../testing/second-engine.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

/** A user ID and group ID without an entry in /etc/passwd and /etc/group. */
const account = {uid: 54_321, gid: 54_321}
const base = 'tagboat.invalid/base:ci'
let engine: SecondEngine
let registry: Registry
let workspace: Workspace
let user: StepUser

beforeAll(async () => {
  ;[engine, registry, workspace] = await Promise.all([
    startSecondEngine({imageStore: 'classic', network: '198.51.100', gid: account.gid}),
    startRegistry(),
    workspaceOf({Dockerfile: plainDockerfile, 'based.Dockerfile': [`FROM ${base}`, 'COPY Dockerfile /copy']}),
  ])
  await chmod(workspace.directory, 0o755)
  await docker(['build', '--tag', base, workspace.directory], engine.config, {DOCKER_HOST: engine.address})
  user = await projectFor(path.join(engine.programs, 'project'))
})

afterAll(async () => {
  await Promise.all([engine[Symbol.asyncDispose](), registry.stop(), workspace[Symbol.asyncDispose]()])
})

/** Copies what a step needs of the project and Node.js to a directory that every user can read. */
async function projectFor(directory: string): Promise<StepUser> {
  const node = path.join(engine.programs, 'node')
  await mkdir(directory)
  await cp(path.join(projectRoot, 'dist'), path.join(directory, 'dist'), {recursive: true})
  await cp(process.execPath, node, {dereference: true})
  return {...account, node, project: directory}
}

async function run(name: string, inputs: StepOptions['inputs'], more: Partial<StepOptions> = {}): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    ...more,
    inputs: {images: `${registry.host}/classic/${name}`, ...inputs},
    env: {DOCKER_HOST: engine.address, DOCKER_CONFIG: engine.config, BUILDX_BUILDER: undefined, ...more.env},
  })
  return await step.run()
}

/** Command that prints the platform of an image in the engine. */
const inspectImage = "docker image inspect --format '{{.Os}}/{{.Architecture}}'"
const ownPlatform = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`

async function namesIn(repository: string): Promise<readonly string[]> {
  const args = ['image', 'ls', '--format', '{{.Tag}}', `${registry.host}/${repository}`]
  const listed = await docker(args, engine.config, {DOCKER_HOST: engine.address})
  return listed.split('\n').filter((line) => line !== '')
}

function warningsOf({log}: StepResult): readonly string[] {
  return executedCommands(log).flatMap(({name, message}) => (name === 'warning' ? [message] : []))
}

describe('an engine without the containerd image store', () => {
  test('publishes with its own builder, and one warning names the store', async () => {
    const result = await run('own', {driver: 'docker'})
    expect(errorsIn(result.log)).toEqual([])
    expect(await registry.tags('classic/own')).toContain('1.2.3')
    expect(warningsOf(result)).toEqual([expect.stringContaining('containerd-snapshotter')])
  })

  test('publishes the platform by its name', async () => {
    const {outputs} = await run('platform', {driver: 'docker'})
    const digests = JSON.parse(outputs.get('digests') ?? '') as Readonly<Record<string, string>>
    expect(Object.keys(digests)).toEqual([`linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`])
  })

  test.each([
    {name: 'named in the Dockerfile', inputs: {file: 'based.Dockerfile'}},
    {name: 'named as a build context', inputs: {'build-contexts': `x=docker-image://${base}`}},
  ])('builds itself from an image that only it has: $name', async ({inputs}) => {
    const result = await run('based', {...inputs, 'if-exists': 'overwrite'})
    expect(errorsIn(result.log)).toEqual([])
    expect(result.log).toContain(formatReason({code: 'engine-images', images: [base]}))
    expect(result.outputs.get('driver')).toBe('docker')
    expect(await registry.tags('classic/based')).toContain('1.2.3')
  })

  test('loads an image whose ID is that of the engine', async () => {
    const {outputs} = await run('loaded', {push: 'false', load: 'true'})
    const id = await docker(['image', 'inspect', '--format', '{{.Id}}', outputs.get('imageid') ?? ''], engine.config, {
      DOCKER_HOST: engine.address,
    })
    expect(id.trim()).toBe(outputs.get('imageid'))
  })

  test('tests its own build', async () => {
    const result = await run('tested', {
      push: 'false',
      driver: 'docker',
      test: `echo "said: $(${inspectImage} "$IMAGE")"`,
    })
    expect(errorsIn(result.log)).toEqual([])
    expect(result.log).toContain(`said: ${ownPlatform}`)
    expect(await namesIn('classic/tested')).toEqual([])
  })

  test('tests its own platform of an image that another builder built, and names the other one', async () => {
    await using builder = await startRemoteBuilder('elsewhere')
    const test = `echo "said: $PLATFORM $(${inspectImage} "$IMAGE") \${IMAGE_LINUX_ARM64+set} \${IMAGE_LINUX_AMD64+set}"`
    const env = {DOCKER_CONFIG: builder.config}
    const inputs = {push: 'false', builder: builder.name, platforms: 'linux/amd64,linux/arm64', test}
    const result = await run('tested-part', inputs, {env})
    expect(errorsIn(result.log)).toEqual([])
    const other = ownPlatform === 'linux/arm64' ? 'linux/amd64' : 'linux/arm64'
    const isSet = ownPlatform === 'linux/arm64' ? 'set ' : ' set'
    expect(result.log).toContain(`said: ${ownPlatform} ${ownPlatform} ${isSet}`)
    expect(result.log).toContain(formatUntested({code: 'engine-keeps-one', platforms: [other]}))
    expect(await namesIn('classic/tested-part')).toEqual([])
  })

  test('refuses several platforms before the build, and names the store', async () => {
    const result = await run('several', {driver: 'docker', platforms: 'linux/amd64,linux/arm64'})
    expect(errorsIn(result.log)).toEqual([expect.stringMatching(/\[builder-unsuited\][^]*containerd-snapshotter/)])
  })
})

describe('a user without an entry in the user database', () => {
  // Earlier steps ran as root, so the directory of Buildx in the configuration is not accessible.
  const asUser = (): Partial<StepOptions> => {
    const {payloadPath} = loadEvent('push-tag')
    return {
      user,
      env: {PATH: `${engine.programs}:/usr/bin:/bin`, GITHUB_EVENT_PATH: payloadPath, XDG_CONFIG_HOME: undefined},
    }
  }

  test('publishes', async () => {
    const result = await run('user', {driver: 'docker'}, asUser())
    expect(errorsIn(result.log)).toEqual([])
    expect(await registry.tags('classic/user')).toContain('1.2.3')
  })

  test('promotes, without Docker', async () => {
    const from = `${registry.host}/classic/user:1.2.3`
    const result = await run('user', {from, tags: 'promoted'}, {...asUser(), action: 'promote'})
    expect(errorsIn(result.log)).toEqual([])
    expect(await registry.tags('classic/user')).toContain('promoted')
  })

  test('publishes without a home directory', async () => {
    const {env, ...others} = asUser()
    const result = await run('homeless', {driver: 'docker'}, {...others, env: {...env, HOME: undefined}})
    expect(errorsIn(result.log)).toEqual([])
    expect(await registry.tags('classic/homeless')).toContain('1.2.3')
  })
})
