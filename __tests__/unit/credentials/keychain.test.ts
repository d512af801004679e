import {describe, expect, test} from '@jest/globals'
import {keychain, type KeychainOptions} from '../../../src/credentials/keychain.ts'
import {withEnvironmentLogins, type DockerConfig} from '../../../src/credentials/docker-config.ts'
import type {CommandResult} from '../../../src/io/command.ts'
import {renderError, TagboatError, toTagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {RegistryCredentials} from '../../../src/registry/auth/credentials.ts'
import {scriptedProcesses, type ScriptedProcesses} from '../../support/fake-edges.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64')
const hub = 'https://index.docker.io/v1/'

interface Given {
  readonly config?: DockerConfig
  readonly logins?: KeychainOptions['logins']
  readonly env?: Readonly<Record<string, string>>
  readonly answer?: Partial<CommandResult>
}

interface Asked {
  readonly of: (host: string) => Promise<string | undefined>
  readonly processes: ScriptedProcesses
  readonly secrets: readonly string[]
}

function asked({config = {}, logins = [], env = {}, answer = {}}: Given): Asked {
  const secrets: string[] = []
  const processes = scriptedProcesses(async () => Promise.resolve(answer))
  const onSecret = (text: string): void => {
    secrets.push(text)
  }
  const credentialsOf = keychain({processes, env, logins, userConfig: config, onSecret})
  return {of: async (host) => shown(await credentialsOf(host)), processes, secrets}
}

/** `basic mona s3cret`, so that a row can say it in a word. */
function shown(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials === undefined) return undefined
  return credentials.kind === 'basic'
    ? `basic ${credentials.username} ${credentials.password.reveal()}`
    : `${credentials.kind} ${credentials.token.reveal()}`
}

const fromHelper = {stdout: JSON.stringify({ServerURL: 'x', Username: 'helped', Secret: 'h'})}
const nothing = {exitCode: 1, stdout: 'credentials not found in native keychain\n'}
const auths = {'ghcr.io': {auth: encoded('mona:s3cret')}, [hub]: {auth: encoded('whale:d0ck')}}
const login = {host: 'ghcr.io', username: 'octo', password: new Secret('given')}
const environmentAuths = JSON.stringify({auths: {'ghcr.io': {auth: encoded('env:e')}}})

describe('what is known for a host', () => {
  test.each<Given & {name: string; host?: string; expected: string | undefined}>([
    {name: 'nothing', expected: undefined},
    {
      name: 'a login of the step',
      logins: [login],
      config: withEnvironmentLogins({auths}, environmentAuths),
      expected: 'basic octo given',
    },
    {name: 'a login of the step for another registry', logins: [{...login, host: 'quay.io'}], expected: undefined},
    {
      name: 'a login of the step for Docker Hub, asked by another of its names',
      logins: [{...login, host: 'docker.io'}],
      host: 'registry-1.docker.io',
      expected: 'basic octo given',
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
    {name: 'the store', config: {credsStore: 's'}, answer: fromHelper, expected: 'basic helped h'},
    {
      name: 'the store before the file',
      config: {auths, credsStore: 's'},
      answer: fromHelper,
      expected: 'basic helped h',
    },
    {name: 'an empty store', config: {auths, credsStore: ''}, answer: fromHelper, expected: 'basic mona s3cret'},
    {name: 'a helper', config: {credHelpers: {'ghcr.io': 'h'}}, answer: fromHelper, expected: 'basic helped h'},
    {
      name: 'an empty helper: the file, whatever the store',
      config: {auths, credsStore: 's', credHelpers: {'ghcr.io': ''}},
      answer: fromHelper,
      expected: 'basic mona s3cret',
    },
    {
      name: 'a helper for another registry',
      config: {auths, credHelpers: {'quay.io': 'h'}},
      answer: fromHelper,
      expected: 'basic mona s3cret',
    },
    {
      name: 'a helper that has none, beside a file',
      config: {auths, credsStore: 's'},
      answer: nothing,
      expected: undefined,
    },
    {
      name: 'an identity token of a helper',
      config: {credsStore: 's'},
      answer: {stdout: '{"Username":"<token>","Secret":"refresh"}'},
      expected: 'identity-token refresh',
    },
    {
      name: 'an empty entry of a helper',
      config: {credsStore: 's'},
      answer: {stdout: '{"ServerURL":"","Username":"","Secret":""}'},
      expected: undefined,
    },
  ])('$name', async ({host = 'ghcr.io', expected, ...given}) => {
    const {of, secrets} = asked(given)
    expect(await of(host)).toBe(expected)
    expect(secrets).toEqual(expected === undefined ? [] : [expected.split(' ').at(-1)])
  })
})

describe('the helper', () => {
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
      name: 'a helper of its own before the store',
      host: 'gcr.io',
      config: {credsStore: 'desktop', credHelpers: {'gcr.io': 'gcloud'}},
      file: 'docker-credential-gcloud',
      input: 'gcr.io',
    },
  ])('is asked by the key of the Docker CLI: $name', async ({host, config, file, input}) => {
    const {of, processes} = asked({config, answer: nothing, env: {HOME: '/h'}})
    await of(host)
    expect(processes.commands).toEqual([{file, args: ['get'], env: {HOME: '/h'}, input}])
  })

  test('is asked once for a host, and at the same time for two', async () => {
    const {of, processes} = asked({config: {credsStore: 's'}, answer: fromHelper})
    const hosts = ['ghcr.io', 'ghcr.io', 'docker.io', 'index.docker.io']
    expect(await Promise.all(hosts.map(of))).toEqual(hosts.map(() => 'basic helped h'))
    expect(await of('ghcr.io')).toBe('basic helped h')
    expect(processes.commands.map(({input}) => input)).toEqual(['ghcr.io', hub])
    expect(processes.mostAtOnce()).toBe(2)
  })

  const leak = 'pa55-of-the-store'
  test.each<{name: string; store?: string; answer: Partial<CommandResult>; says: string}>([
    {name: 'it fails', answer: {exitCode: 1, stdout: leak, stderr: leak}, says: 'it ended with code 1'},
    {name: 'it prints no JSON', answer: {stdout: leak}, says: 'its answer is not the JSON'},
    {name: 'it prints other JSON', answer: {stdout: JSON.stringify([leak])}, says: 'its answer is not the JSON'},
    {name: 'a field is missing', answer: {stdout: JSON.stringify({Secret: leak})}, says: 'its answer is not the JSON'},
    {name: 'it says "not found" and ends well', answer: {stdout: nothing.stdout}, says: 'its answer is not the JSON'},
    {name: 'its name is a path', store: '../evil', answer: fromHelper, says: 'its name cannot be that of a program'},
    {name: 'its name has an argument', store: 'a b', answer: fromHelper, says: 'its name cannot be that of a program'},
  ])('an error, not nobody, and nothing that it printed: $name', async ({store = 's', answer, says}) => {
    const {of, secrets} = asked({config: {auths, credsStore: store}, answer})
    const error = toTagboatError(await of('ghcr.io').catch((thrown: unknown) => thrown))
    expect(error.code).toBe('credential-helper-failed')
    const text = renderError(error)
    for (const part of [`docker-credential-${store}`, 'ghcr.io', says]) expect(text).toContain(part)
    expect([text, String(error.cause), error.stack].join('\n')).not.toContain(leak)
    expect(secrets).toEqual([])
  })

  test.each([
    {name: 'a helper that is not there', thrown: new TagboatError('docker-missing'), code: 'credential-helper-failed'},
    {name: 'the end of the run', thrown: new TagboatError('cancelled'), code: 'cancelled'},
  ])('$name', async ({thrown, code}) => {
    const processes = scriptedProcesses(() => {
      throw thrown
    })
    const options = {processes, env: {}, logins: [], userConfig: {credsStore: 's'}, onSecret: () => undefined}
    const error = toTagboatError(await keychain(options)('ghcr.io').catch((one: unknown) => one))
    expect([error.code, error.message.includes('docker-credential-s')]).toEqual([code, code !== 'cancelled'])
  })
})
