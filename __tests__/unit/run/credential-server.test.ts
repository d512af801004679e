import {spawn} from 'node:child_process'
import {mkdtemp, readdir, readFile, rm, stat} from 'node:fs/promises'
import {connect} from 'node:net'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import type {Minted} from '../../../src/credentials/cloud/minted.ts'
import type {Need} from '../../../src/credentials/cloud/renewed.ts'
import {cloudError} from '../../../src/errors/cloud-error.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {serveCredentials, type CredentialServer} from '../../../src/run/credential-server.ts'
import type {MintedCredentials} from '../../../src/run/clouds.ts'
import type {PrivateDockerConfig} from '../../../src/run/private-config.ts'
import {fakeIo, recordedWorkflow} from '../../../testing/fake-io.ts'

/** The server and its helper are real. The helper is started as the Docker CLI starts it. */
const isWindows = process.platform === 'win32'
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "tagboat it's % a server-"))
})

afterEach(async () => {
  await rm(directory, {recursive: true})
})

function configOf(userConfig: PrivateDockerConfig['userConfig'] = {}): PrivateDockerConfig {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  const removeEarly = async (): Promise<void> => Promise.resolve()
  return {directory, userDirectory: directory, userConfig, env, removeEarly}
}

/** Credentials whose passwords are numbered. */
function credentials(host: string, needs: (Need | undefined)[] = []): MintedCredentials {
  const get = async (need?: Need): Promise<Minted> => {
    needs.push(need)
    const password = new Secret(`canary-${needs.length}`)
    return Promise.resolve({kind: 'basic', username: 'AWS', password, until: undefined, identity: 'a role'})
  }
  return {host, isOptional: false, get}
}

async function started(
  minted: readonly MintedCredentials[],
  config = configOf(),
  io = fakeIo(),
): Promise<CredentialServer> {
  const server = await serveCredentials(minted, config, io)
  if (server === undefined) throw new Error('it did not start')
  return server
}

interface Answer {
  readonly code: number | null
  readonly output: string
}

/** Runs the helper that is on the PATH of the configuration. */
async function helper({dockerConfig}: CredentialServer, action: string, input = ''): Promise<Answer> {
  const program = 'docker-credential-tagboat'
  const env = {...dockerConfig.env, NODE_OPTIONS: '--require ./does-not-exist.cjs'}
  const child = isWindows ? spawn('cmd', ['/d', '/c', program, action], {env}) : spawn(program, [action], {env})
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return {code, output}
}

const notFound = {code: 1, output: expect.stringMatching(/^credentials not found/)}

describe('the helper', () => {
  test('returns the credentials of the moment for the hosts of the run, and nothing else', async () => {
    const needs: (Need | undefined)[] = []
    using server = await started([credentials(ecr, needs), credentials('docker.io')])
    const first = await helper(server, 'get', `${ecr}\n`)
    expect({...first, output: JSON.parse(first.output) as unknown}).toEqual({
      code: 0,
      output: {ServerURL: ecr, Username: 'AWS', Secret: 'canary-1'},
    })
    expect((await helper(server, 'get', ecr)).output).toContain('canary-2')
    expect((await helper(server, 'get', 'https://index.docker.io/v1/')).output).toContain('canary-1')
    expect(await helper(server, 'get', 'other.example')).toEqual(notFound)
    expect(await helper(server, 'list')).toEqual({code: 0, output: '{}'})
    expect(await helper(server, 'store', '{"ServerURL": "x", "Username": "u", "Secret": "s"}')).toEqual({
      code: 0,
      output: '',
    })
    // Buildx keeps them for 290 seconds.
    expect(needs.map((need) => need?.validMs)).toEqual([295_000, 295_000])
  })

  test('has no credentials of a host that was left out', async () => {
    using server = await started([credentials(ecr)])
    server.leaveOut(ecr)
    expect(await helper(server, 'get', ecr)).toEqual(notFound)
  })

  test('has none if the cloud refuses, which is shown once', async () => {
    const workflow = recordedWorkflow()
    const get = async (): Promise<Minted> => Promise.reject(cloudError('aws-failed', {evidence: ['a line']}))
    using server = await started([{host: ecr, isOptional: false, get}], configOf(), fakeIo({workflow}))
    expect(await helper(server, 'get', ecr)).toEqual(notFound)
    expect(await helper(server, 'get', ecr)).toEqual(notFound)
    expect(workflow.log).toEqual([expect.stringMatching(/^warning: .*\[aws-failed\]/)])
  })

  test('has none in a cancelled run, which is not shown', async () => {
    const workflow = recordedWorkflow()
    const abort = new AbortController()
    const get = async (): Promise<Minted> => {
      abort.abort()
      return Promise.reject(new TagboatError('cancelled'))
    }
    const io = fakeIo({workflow, signal: abort.signal})
    using server = await started([{host: ecr, isOptional: false, get}], configOf(), io)
    expect(await helper(server, 'get', ecr)).toEqual(notFound)
    expect(workflow.log).toEqual([])
  })

  test('fails once the step has ended', async () => {
    const server = await started([credentials(ecr)])
    server[Symbol.dispose]()
    const {code, output} = await helper(server, 'get', ecr)
    expect(code).toBe(1)
    expect(output).not.toMatch(/not found/)
  })
})

describe('the private configuration', () => {
  test('names the helper for these hosts, in place of all other sources', async () => {
    const auths = {[ecr]: {auth: 'b2xk'}, 'ghcr.io': {auth: 'b3RoZXI='}}
    const userConfig = {auths, credsStore: 'desktop', credHelpers: {'quay.io': 'quay'}}
    using server = await started([credentials(ecr), credentials('docker.io')], configOf(userConfig))
    expect(server.dockerConfig.userConfig).toEqual({
      auths: {'ghcr.io': auths['ghcr.io']},
      credsStore: 'desktop',
      credHelpers: {'quay.io': 'quay', [ecr]: 'tagboat', 'https://index.docker.io/v1/': 'tagboat'},
    })
  })

  test('is for this user alone', async () => {
    using server = await started([credentials(ecr)])
    const login = path.join(directory, 'tagboat-login')
    const names = await readdir(login)
    const modes = await Promise.all(
      ['', ...names].map(async (name) => (await stat(path.join(login, name))).mode & 0o077),
    )
    expect(server.dockerConfig.directory).toBe(directory)
    expect(isWindows ? [] : modes.filter((mode) => mode !== 0)).toEqual([])
  })

  test('is unchanged if the server cannot start, with a notice', async () => {
    const workflow = recordedWorkflow()
    using first = await started([credentials(ecr)])
    expect(await serveCredentials([credentials(ecr)], configOf(), fakeIo({workflow}))).toBeUndefined()
    expect(first.dockerConfig.directory).toBe(directory)
    expect(workflow.log).toEqual([expect.stringMatching(/^notice: .*EEXIST/)])
  })
})

test('a request without an end is not answered', async () => {
  using server = await started([credentials(ecr)])
  const file = await addressOf(server)
  const received = await new Promise<string>((resolve) => {
    let text = ''
    const socket = connect(file)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.once('close', () => {
      resolve(text)
    })
    socket.write('x'.repeat(5000))
  })
  expect(received).toBe('')
})

/** Address in the file of the helper. */
async function addressOf({dockerConfig}: CredentialServer): Promise<string> {
  const text = await readFile(path.join(directory, 'tagboat-login', 'ask-step.cjs'), 'utf8')
  const [, address = ''] = /process,("[^"]+")\)\n$/.exec(text) ?? []
  const name = JSON.parse(address) as string
  return isWindows ? name : path.relative('', path.join(dockerConfig.directory, 'tagboat-login', name))
}
