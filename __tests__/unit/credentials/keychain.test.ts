import {describe, expect, test} from '@jest/globals'
import {keychain, type KeychainOptions} from '../../../src/credentials/keychain.ts'
import {withEnvironmentLogins, type DockerConfig} from '../../../src/credentials/docker-config.ts'
import type {CommandResult} from '../../../src/io/command.ts'
import {TagboatError, toTagboatError} from '../../../src/errors/error.ts'
import {renderError} from '../../../src/errors/render-error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {RegistryCredentials} from '../../../src/registry/auth/credentials.ts'
import {scriptedProcesses, type ScriptedProcesses} from '../../../testing/fake-io.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64')
const hub = 'https://index.docker.io/v1/'

interface Setup {
  readonly config?: DockerConfig
  readonly logins?: KeychainOptions['logins']
  readonly env?: Readonly<Record<string, string>>
  readonly output?: Partial<CommandResult>
}

interface Keychain {
  readonly lookUp: (host: string) => Promise<string | undefined>
  readonly processes: ScriptedProcesses
  readonly secrets: readonly string[]
}

function createKeychain({config = {}, logins = [], env = {}, output = {}}: Setup): Keychain {
  const secrets: string[] = []
  const processes = scriptedProcesses(async () => Promise.resolve(output))
  const onSecret = (text: string): void => {
    secrets.push(text)
  }
  const credentialsOf = keychain({processes, env, logins, userConfig: config, onSecret})
  return {lookUp: async (host) => summary(await credentialsOf(host)), processes, secrets}
}

/** Formats credentials as `basic mona s3cret`. */
function summary(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials === undefined) return undefined
  return credentials.kind === 'basic'
    ? `basic ${credentials.username} ${credentials.password.reveal()}`
    : `${credentials.kind} ${credentials.token.reveal()}`
}

const fromHelper = {stdout: JSON.stringify({ServerURL: 'x', Username: 'helped', Secret: 'h'})}
const notFound = {exitCode: 1, stdout: 'credentials not found in native keychain\n'}
const auths = {'ghcr.io': {auth: encoded('mona:s3cret')}, [hub]: {auth: encoded('whale:d0ck')}}
const login = {host: 'ghcr.io', username: 'octo', password: new Secret('s7ep')}
const environmentAuths = JSON.stringify({auths: {'ghcr.io': {auth: encoded('env:e')}}})

describe('keychain', () => {
  test.each<Setup & {name: string; host?: string; expected: string | undefined}>([
    {name: 'nothing', expected: undefined},
    {
      name: 'a login of the step',
      logins: [login],
      config: withEnvironmentLogins({auths}, environmentAuths),
      expected: 'basic octo s7ep',
    },
    {name: 'a login of the step for another registry', logins: [{...login, host: 'quay.io'}], expected: undefined},
    {
      name: 'a login of the step for an alias of Docker Hub',
      logins: [{...login, host: 'docker.io'}],
      host: 'registry-1.docker.io',
      expected: 'basic octo s7ep',
    },
    {
      name: 'DOCKER_AUTH_CONFIG',
      config: withEnvironmentLogins({auths, credsStore: 's'}, environmentAuths),
      expected: 'basic env e',
    },
    {name: 'the file', config: {auths}, expected: 'basic mona s3cret'},
    {name: 'the file, for Docker Hub', config: {auths}, host: 'docker.io', expected: 'basic whale d0ck'},
    {name: 'the file, for another registry', config: {auths}, host: 'quay.io', expected: undefined},
    {name: 'plain fields', config: {auths: {'ghcr.io': {username: 'mona', password: 'p'}}}, expected: 'basic mona p'},
    {
      name: 'an identity token',
      config: {auths: {'ghcr.io': {auth: encoded('mona:'), identitytoken: 'refresh'}}},
      expected: 'identity-token refresh',
    },
    {
      name: 'a registry token',
      config: {auths: {'ghcr.io': {auth: encoded('mona:x'), identitytoken: 'refresh', registrytoken: 'jwt'}}},
      expected: 'bearer jwt',
    },
    {name: 'the store', config: {credsStore: 's'}, output: fromHelper, expected: 'basic helped h'},
    {
      name: 'the store before the file',
      config: {auths, credsStore: 's'},
      output: fromHelper,
      expected: 'basic helped h',
    },
    {name: 'an empty store', config: {auths, credsStore: ''}, output: fromHelper, expected: 'basic mona s3cret'},
    {name: 'a helper', config: {credHelpers: {'ghcr.io': 'h'}}, output: fromHelper, expected: 'basic helped h'},
    {
      name: 'an empty helper name: the file, regardless of the store',
      config: {auths, credsStore: 's', credHelpers: {'ghcr.io': ''}},
      output: fromHelper,
      expected: 'basic mona s3cret',
    },
    {
      name: 'a helper for another registry',
      config: {auths, credHelpers: {'quay.io': 'h'}},
      output: fromHelper,
      expected: 'basic mona s3cret',
    },
    {
      name: 'a helper without the login, beside a login in the file',
      config: {auths, credsStore: 's'},
      output: notFound,
      expected: undefined,
    },
    {
      name: 'an identity token of a helper',
      config: {credsStore: 's'},
      output: {stdout: '{"Username":"<token>","Secret":"refresh"}'},
      expected: 'identity-token refresh',
    },
    {
      name: 'an empty entry of a helper',
      config: {credsStore: 's'},
      output: {stdout: '{"ServerURL":"","Username":"","Secret":""}'},
      expected: undefined,
    },
  ])('$name', async ({host = 'ghcr.io', expected, ...setup}) => {
    const {lookUp, secrets} = createKeychain(setup)
    expect(await lookUp(host)).toBe(expected)
    expect(secrets).toEqual(expected === undefined ? [] : [expected.split(' ').at(-1)])
  })
})

describe('credential helper', () => {
  test.each([
    {
      name: 'a host',
      host: 'ghcr.io',
      config: {credsStore: 'desktop'},
      file: 'docker-credential-desktop',
      input: 'ghcr.io',
    },
    {name: 'Docker Hub', host: 'docker.io', config: {credsStore: 'pass'}, file: 'docker-credential-pass', input: hub},
    {
      name: 'the helper of a registry before the store',
      host: 'gcr.io',
      config: {credsStore: 'desktop', credHelpers: {'gcr.io': 'gcloud'}},
      file: 'docker-credential-gcloud',
      input: 'gcr.io',
    },
  ])('gets the key that the Docker CLI uses: $name', async ({host, config, file, input}) => {
    const {lookUp, processes} = createKeychain({config, output: notFound, env: {HOME: '/h'}})
    await lookUp(host)
    expect(processes.commands).toEqual([{file, args: ['get'], env: {HOME: '/h'}, input}])
  })

  test('runs once per host, and concurrently for different hosts', async () => {
    const {lookUp, processes} = createKeychain({config: {credsStore: 's'}, output: fromHelper})
    const hosts = ['ghcr.io', 'ghcr.io', 'docker.io', 'index.docker.io']
    expect(await Promise.all(hosts.map(lookUp))).toEqual(hosts.map(() => 'basic helped h'))
    expect(await lookUp('ghcr.io')).toBe('basic helped h')
    expect(processes.commands.map(({input}) => input)).toEqual(['ghcr.io', hub])
    expect(processes.maxConcurrent()).toBe(2)
  })

  const leak = 'pa55-of-the-store'
  test.each<{name: string; store?: string; output: Partial<CommandResult>}>([
    {name: 'it fails', output: {exitCode: 1, stdout: leak, stderr: leak}},
    {name: 'it does not print JSON', output: {stdout: leak}},
    {name: 'it prints other JSON', output: {stdout: JSON.stringify([leak])}},
    {name: 'a field is missing', output: {stdout: JSON.stringify({Secret: leak})}},
    {name: 'it prints "not found" and succeeds', output: {stdout: notFound.stdout}},
    {name: 'its name is a path', store: '../evil', output: fromHelper},
    {name: 'its name has an argument', store: 'a b', output: fromHelper},
  ])('fails without quoting its output, and is not treated as anonymous: $name', async ({store = 's', output}) => {
    const {lookUp, secrets} = createKeychain({config: {auths, credsStore: store}, output})
    const error = toTagboatError(await lookUp('ghcr.io').catch((thrown: unknown) => thrown))
    expect(error.code).toBe('credential-helper-failed')
    const text = renderError(error)
    for (const part of [`docker-credential-${store}`, 'ghcr.io']) expect(text).toContain(part)
    expect([text, String(error.cause), error.stack].join('\n')).not.toContain(leak)
    expect(secrets).toEqual([])
  })

  test.each([
    {name: 'a missing helper', thrown: new TagboatError('docker-missing'), code: 'credential-helper-failed'},
    {name: 'the end', thrown: new TagboatError('cancelled'), code: 'cancelled'},
  ])('$name', async ({thrown, code}) => {
    const processes = scriptedProcesses(() => {
      throw thrown
    })
    const options = {processes, env: {}, logins: [], userConfig: {credsStore: 's'}, onSecret: () => undefined}
    const error = toTagboatError(await keychain(options)('ghcr.io').catch((one: unknown) => one))
    expect(error.code).toBe(code)
    expect(error.message.includes('docker-credential-s')).toBe(code !== 'cancelled')
  })
})
