import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {
  startExpiringRegistry,
  type ExpiringOptions,
  type ExpiringRegistry,
} from '../../testing/clouds/expiring-registry.ts'
import {passwordUser} from '../../testing/clouds/short-passwords.ts'
import {pluginDirectory} from '../../testing/docker.ts'
import {forgetfulBuildx, type ForgetfulBuildx} from '../../testing/forgetful-buildx.ts'
import {ProcessWatch, processesWith} from '../../testing/process-watch.ts'
import {startRemoteBuilder, type RemoteBuilder} from '../../testing/remote-builder.ts'
import {visibleLog} from '../../testing/runner-log.ts'
import {Step} from '../../testing/runner.ts'
import {loginMarks, marksIn, modesBelow, tracesIn, type Marks} from '../../testing/traces.ts'

/** Builds whose credentials end on the way, at barriers. Buildx, the engine, the registry and its token server are real. */
const firstRead = /^GET \/v2\/team\/base\/blobs\//
const firstWrite = /^POST \/v2\/team\/cache\/blobs\/uploads\//

let forgetful: ForgetfulBuildx
let remote: RemoteBuilder
let config: string

beforeAll(async () => {
  ;[forgetful, remote, config] = await Promise.all([
    forgetfulBuildx(),
    startRemoteBuilder('expiring'),
    mkdtemp(path.join(tmpdir(), 'tagboat-config-')),
  ])
})

afterAll(async () => {
  await Promise.all([forgetful, remote].map(async (one) => one[Symbol.asyncDispose]()))
  await rm(config, {recursive: true})
})

interface StepSetting {
  readonly builder: 'default' | 'remote'
  readonly plugins?: string
  readonly inputs?: Readonly<Record<string, string>>
}

/** Step that publishes an image on the private base image, and a cache that BuildKit itself pushes. */
async function prepare(
  {relay, passwords, workspace}: ExpiringRegistry,
  {builder, plugins = forgetful.directory, inputs = {}}: StepSetting,
): Promise<Step> {
  const home = builder === 'remote' ? remote.config : config
  await writeFile(path.join(home, 'config.json'), JSON.stringify({cliPluginsExtraDirs: [plugins]}))
  return Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      images: `${relay.host}/team/app`,
      ecr: 'true',
      'aws-region': 'eu-west-1',
      'cache-to': `type=registry,ref=${relay.host}/team/cache:1`,
      retries: '0',
      ...(builder === 'remote' && {builder: remote.name}),
      ...inputs,
    },
    env: {...passwords.environment, DOCKER_CONFIG: home},
  })
}

describe.each<{name: string; builder: StepSetting['builder']; scheme: ExpiringOptions['scheme']}>([
  {name: 'the default builder, registry with Basic authentication', builder: 'default', scheme: 'Basic'},
  {name: 'a remote builder, registry with a token server', builder: 'remote', scheme: 'Bearer'},
])('$name', ({builder, scheme}) => {
  test('reads a base image and writes a cache after the credentials before them have ended', async () => {
    await using scene = await startExpiringRegistry({scheme, lifeSeconds: 60, barriers: [firstRead, firstWrite]})
    await using step = await prepare(scene, {builder})
    const {exitCode, log} = await step.run()
    if (exitCode !== 0) throw new Error(log)
    expect(log).not.toMatch(/::warning/)
    expect(await scene.registry.tags('team/app')).toContain('1.2.3')
    expect(await scene.registry.tags('team/cache')).toEqual(['1'])
    // One header before each barrier, and one after both.
    expect(scene.headers.length).toBeGreaterThanOrEqual(3)
    expect(scene.passwords.issued.length).toBeGreaterThanOrEqual(3)
  })
})

test('without the helper, the same build fails: a login in a file ends', async () => {
  await using scene = await startExpiringRegistry({scheme: 'Basic', lifeSeconds: 60, barriers: [firstRead]})
  await using step = await prepare(scene, {builder: 'default', inputs: {'export-login': 'true'}})
  const {exitCode, log} = await step.run()
  expect(exitCode).toBe(1)
  expect(log).toMatch(/401|unauthorized/i)
})

describe('with the Buildx of this machine, unchanged', () => {
  interface Moment {
    readonly files: readonly string[]
    readonly environments: readonly string[]
    readonly config: string
    readonly modes: readonly string[]
  }

  let scene: ExpiringRegistry
  let step: Step
  let result: Awaited<ReturnType<Step['run']>>
  let marks: Marks
  let during: Moment
  let after: readonly string[]
  let commandLines: readonly string[]

  beforeAll(async () => {
    const barriers = [firstRead]
    scene = await startExpiringRegistry({scheme: 'Bearer', lifeSeconds: 300, barriers, look, ends: false})
    step = await prepare(scene, {builder: 'default', plugins: await pluginDirectory()})
    using watch = new ProcessWatch()
    result = await step.main()
    after = await tracesIn(marksOf(scene.passwords.issued), step.directory)
    await step.post()
    ;({commandLines} = watch)
    marks = marksOf(scene.passwords.issued)
  })

  afterAll(async () => {
    await step.remove()
    await scene[Symbol.asyncDispose]()
  })

  function marksOf(issued: readonly string[]): Marks {
    const logins = issued.map((password) => loginMarks({username: passwordUser, password}))
    return Object.assign(
      {},
      ...logins.map((login, index) =>
        Object.fromEntries(Object.entries(login).map(([name, mark]) => [`${name} ${index}`, mark])),
      ),
    ) as Marks
  }

  async function look(issued: readonly string[]): Promise<void> {
    const directory = (await step.state()).get('config') ?? ''
    during = {
      files: await tracesIn(marksOf(issued), step.directory),
      environments: issued.flatMap(processesWith),
      config: await readFile(path.join(directory, 'config.json'), 'utf8'),
      modes: (await modesBelow(step.temp)).map(({mode}) => mode),
    }
  }

  test('the build gets the credentials from the helper', () => {
    expect({exitCode: result.exitCode, log: result.log}).toEqual({exitCode: 0, log: result.log})
    expect(JSON.parse(during.config)).toMatchObject({credHelpers: {[scene.relay.host]: 'tagboat'}})
    expect(commandLines).toContainEqual(expect.stringMatching(/tagboat-login\/ask-step\.cjs get$/))
    expect(commandLines.filter((line) => line.includes(`login --username ${passwordUser}`))).toEqual([])
  })

  test('files, environments, command lines and log have no credential', () => {
    expect(Object.keys(marks).length).toBeGreaterThan(2)
    expect(during).toMatchObject({files: [], environments: []})
    expect(during.modes.filter((mode) => !/^[67]00$/.test(mode))).toEqual([])
    expect(after).toEqual([])
    expect(marksIn(marks, commandLines.join('\n'))).toEqual([])
    expect(marksIn(marks, visibleLog(result.log))).toEqual([])
  })
})

test('a killed step leaves no credential, and its post step nothing', async () => {
  const look = async (): Promise<void> => {
    step.kill('SIGKILL')
    return new Promise(() => undefined)
  }
  await using scene = await startExpiringRegistry({scheme: 'Basic', lifeSeconds: 60, barriers: [firstRead], look})
  await using step = await prepare(scene, {builder: 'default'})
  const {signal} = await step.main()
  const login = loginMarks({username: passwordUser, password: scene.passwords.issued.at(-1) ?? ''})
  expect(signal).toBe('SIGKILL')
  expect(await tracesIn(login, step.directory)).toEqual([])
  const names = (await modesBelow(step.temp)).map(({name}) => path.basename(name))
  expect(names).toContain('step')
  await step.post()
  expect(await modesBelow(step.temp)).toEqual([])
  expect(processesWith(step.directory)).toEqual([])
})
