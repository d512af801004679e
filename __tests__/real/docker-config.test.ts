import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from '@jest/globals'
import {randomBytes} from 'node:crypto'
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {docker, engineAddress, pluginDirectory} from '../../testing/docker.ts'
import {readFiles, readIndex} from '../../testing/image.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {Step, type StepOptions, type StepResult} from '../../testing/runner.ts'
import {publishTo, type Credentials} from '../../testing/sample.ts'
import {loginMarks, marksIn, snapshotOf, tracesIn} from '../../testing/traces.ts'
import {plainDockerfile, workspaceOf, type Workspace} from '../../testing/workspace.ts'

const login = {username: 'robot', password: `canary-${randomBytes(12).toString('hex')}`}
/** Login of a registry that only the user is logged in to. */
const baseLogin = {username: 'reader', password: 'a-users-own'}
let registry: Registry
let baseRegistry: Registry
let workspace: Workspace
let scratch: string

beforeAll(async () => {
  ;[registry, baseRegistry] = await Promise.all([startRegistry({login}), startRegistry({login: baseLogin})])
  workspace = await workspaceOf({
    Dockerfile: plainDockerfile,
    'base.Dockerfile': ['FROM scratch', 'COPY secret-recipe /recipe'],
    'derived.Dockerfile': [`FROM ${baseRegistry.host}/private/base:1`, 'COPY Dockerfile /Dockerfile'],
    'secret-recipe': 'flour and water\n',
  })
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {
      ...publishTo(baseRegistry.host, baseLogin),
      images: `${baseRegistry.host}/private/base`,
      tags: '1',
      file: 'base.Dockerfile',
    },
  })
  expect((await step.run()).exitCode).toBe(0)
})

afterAll(async () => {
  await Promise.all([registry.stop(), baseRegistry.stop(), workspace[Symbol.asyncDispose]()])
})

beforeEach(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'tagboat-user-'))
})

afterEach(async () => {
  await rm(scratch, {recursive: true, force: true})
})

/** Creates the configuration of a user: logins, a context, a builder, plugins and settings. */
async function makeUserConfig(directory: string, settings: object = {}): Promise<void> {
  await mkdir(directory, {recursive: true})
  await docker(['context', 'create', 'elsewhere', '--docker', `host=${await engineAddress()}`], directory)
  const buildx = ['--config', directory, 'buildx']
  await writeConfig(directory, settings)
  await mkdir(path.join(directory, 'buildx'))
  await docker([...buildx, 'create', '--name', 'mine', '--driver', 'remote', 'tcp://127.0.0.1:1'], directory)
  await mkdir(path.join(directory, 'cli-plugins'))
  await writeFile(path.join(directory, 'cli-plugins', 'docker-mine'), '#!/bin/sh\nexit 1\n', {mode: 0o755})
  await writeFile(path.join(directory, 'a-file-of-tomorrow.json'), '{}')
  // Buildx writes the builder of an engine on its first use.
  await docker([...buildx, 'inspect'], directory, {DOCKER_HOST: undefined})
}

/** Writes config.json with unusual indentation, which a rewrite would change. */
async function writeConfig(directory: string, settings: object): Promise<void> {
  const config = {
    auths: {
      'other.example': {auth: base64('user:of-another-registry')},
      [registry.host]: {auth: base64('user:of-the-same-registry')},
      [baseRegistry.host]: {auth: base64(`${baseLogin.username}:${baseLogin.password}`)},
    },
    credHelpers: {'helped.example': 'unused'},
    cliPluginsExtraDirs: [await pluginDirectory()],
    currentContext: 'elsewhere',
    detachKeys: 'ctrl-e',
    ...settings,
  }
  await writeFile(path.join(directory, 'config.json'), `${JSON.stringify(config, undefined, '\t ')}\n\n`)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** Files, except those that Buildx writes for each build. */
async function userFiles(directory: string): Promise<readonly string[]> {
  const files = await snapshotOf(directory)
  return files.filter((file) => !/^buildx\/(activity|refs|history|\.lock|\.buildNodeID)\b/.test(file))
}

async function publish(
  name: string,
  env: StepOptions['env'],
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  await using step = await Step.prepare({
    event: 'push-tag',
    workspace: workspace.directory,
    inputs: {...publishTo(registry.host, login), images: `${registry.host}/${name}`, ...inputs},
    ...(env && {env}),
  })
  const result = await step.run()
  expect(await tracesIn(loginMarks(login), step.directory, scratch)).toEqual([])
  return result
}

describe("the user's Docker configuration", () => {
  test('is unchanged in DOCKER_CONFIG', async () => {
    const config = path.join(scratch, 'config')
    await makeUserConfig(config)
    const before = await userFiles(config)
    const {exitCode, log} = await publish('config/given', {DOCKER_CONFIG: config, DOCKER_HOST: undefined})
    expect(exitCode).toBe(0)
    expect(log).toContain('Builder: elsewhere (')
    expect(await userFiles(config)).toEqual(before)
    expect(before).toContainEqual(expect.stringMatching(/^buildx\/instances\/mine: file/))
    expect(before).toContainEqual(expect.stringMatching(/^contexts\/meta\/.*\/meta\.json: file/))
  })

  test('is unchanged in HOME', async () => {
    const home = path.join(scratch, 'home')
    const config = path.join(home, '.docker')
    await makeUserConfig(config)
    const before = await userFiles(config)
    const {exitCode, log} = await publish('config/home', {HOME: home, DOCKER_CONFIG: undefined, DOCKER_HOST: undefined})
    expect(exitCode).toBe(0)
    expect(log).toContain('Builder: elsewhere (')
    expect(await userFiles(config)).toEqual(before)
    expect(await readdir(home)).toEqual(['.docker'])
  })

  test('is unchanged in every file without files of Buildx', async () => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await writeConfig(config, {currentContext: ''})
    const before = await snapshotOf(config)
    expect((await publish('config/plain', {DOCKER_CONFIG: config})).exitCode).toBe(0)
    expect(await snapshotOf(config)).toEqual(before)
  })

  test('is not created if it is missing', async () => {
    const home = path.join(scratch, 'home')
    await mkdir(home)
    const {exitCode, log} = await publish('config/none', {HOME: home, DOCKER_CONFIG: undefined})
    // Without a plugin folder of the machine, Buildx is missing. This is reported, and nothing is created.
    expect(exitCode === 0 || log.includes('[buildx-missing]')).toBe(true)
    expect(await snapshotOf(home)).toEqual([])
  })

  test('is unchanged after a refused login', async () => {
    const config = path.join(scratch, 'config')
    await makeUserConfig(config)
    const before = await userFiles(config)
    const env = {DOCKER_CONFIG: config, DOCKER_HOST: undefined}
    const result = await publish('config/refused', env, {password: 'an-old-password'})
    expect(result.exitCode).toBe(1)
    expect(result.log).toContain('[login-refused]')
    expect(await userFiles(config)).toEqual(before)
  })

  test('provides logins for other registries to the build', async () => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await writeConfig(config, {currentContext: ''})
    const {exitCode} = await publish(
      'config/derived',
      {DOCKER_CONFIG: config},
      {file: 'derived.Dockerfile', pull: 'true'},
    )
    expect(exitCode).toBe(0)
    await expectDerived('config/derived')
  })

  test('fails the build without a login for a private base image', async () => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await writeConfig(config, {currentContext: '', auths: {}})
    const {exitCode, log} = await publish(
      'config/underived',
      {DOCKER_CONFIG: config},
      {file: 'derived.Dockerfile', pull: 'true'},
    )
    expect(exitCode).toBe(1)
    expect(log).toContain('private/base')
    expect(await registry.tags('config/underived')).toEqual([])
  })
})

describe("the user's credential store", () => {
  test('is queried for a private base image, and never stores the login of the step', async () => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await writeConfig(config, {currentContext: '', auths: {}, credsStore: 'cabin'})
    const {environment, calls} = await fakeStore('cabin', baseRegistry.host, baseLogin)
    const {exitCode} = await publish(
      'store/derived',
      {DOCKER_CONFIG: config, ...environment},
      {file: 'derived.Dockerfile', pull: 'true'},
    )
    expect(exitCode).toBe(0)
    await expectDerived('store/derived')
    const recorded = await calls()
    expect(recorded).toContain(`get ${baseRegistry.host}`)
    expect(recorded.filter((call) => !/^(get|list)\b/.test(call))).toEqual([])
    expect(marksIn(loginMarks(login), recorded.join('\n'))).toEqual([])
  })

  test('stores no login of the step as the helper of its registry', async () => {
    const config = path.join(scratch, 'config')
    await mkdir(config)
    await writeConfig(config, {currentContext: '', auths: {}, credHelpers: {[registry.host]: 'cabin'}})
    const {environment, calls} = await fakeStore('cabin', baseRegistry.host, baseLogin)
    const {exitCode} = await publish('store/helper', {DOCKER_CONFIG: config, ...environment})
    expect(exitCode).toBe(0)
    const recorded = await calls()
    expect(recorded.filter((call) => !/^(get|list)\b/.test(call))).toEqual([])
    expect(marksIn(loginMarks(login), recorded.join('\n'))).toEqual([])
  })
})

/** Expects that the published image has the layer of the private base image. */
async function expectDerived(repository: string): Promise<void> {
  const location = {registry, repository, reference: '1.2.3'}
  const {manifests} = await readIndex(location)
  const files = await readFiles({...location, reference: manifests[0]?.digest ?? ''})
  expect(files.get('recipe')).toBe('flour and water\n')
}

interface FakeStore {
  readonly environment: Readonly<Record<string, string>>
  /** Calls, as `ACTION INPUT`. */
  readonly calls: () => Promise<readonly string[]>
}

/** Creates a credential helper (docker/docker-credential-helpers) that has one login and records its calls. */
async function fakeStore(name: string, host: string, {username, password}: Credentials): Promise<FakeStore> {
  const bin = path.join(scratch, 'bin')
  const record = path.join(scratch, 'calls')
  const program = path.join(bin, `docker-credential-${name}`)
  const answer = JSON.stringify({ServerURL: host, Username: username, Secret: password})
  await mkdir(bin)
  await writeFile(record, '')
  await writeFile(
    program,
    [
      '#!/bin/sh',
      'input=$(cat)',
      `printf '%s %s\\n' "$1" "$input" >>'${record}'`,
      'case "$1 $input" in',
      `'get ${host}') echo '${answer}' ;;`,
      `'get '*) echo 'credentials not found in native keychain'; exit 1 ;;`,
      `'list '*) echo '{}' ;;`,
      'esac',
      '',
    ].join('\n'),
  )
  await chmod(program, 0o755)
  return {
    environment: {PATH: `${bin}:${process.env['PATH'] ?? ''}`},
    calls: async () => (await readFile(record, 'utf8')).split('\n').filter((line) => line !== ''),
  }
}
