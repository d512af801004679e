import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {createConfigDirectory} from '../../../src/credentials/config-directory.ts'
import {keychain} from '../../../src/credentials/keychain.ts'
import {logIn} from '../../../src/credentials/login.ts'
import {TagboatError, toTagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {files} from '../../../src/io/files.ts'
import {scriptedProcesses, temporaryDirectory, type Script} from '../../../testing/fake-io.ts'

/** Wording of the errors of `src/credentials`. The other tests of this folder assert codes and values only. */
interface Row {
  readonly name: string
  readonly script: Script
  readonly message: string
  readonly evidence?: string
  readonly remedy?: RegExp
}

const throwing =
  (code: 'docker-missing' | 'command-failed'): Script =>
  () => {
    throw new TagboatError(code)
  }

const helperMessage = 'The credential helper docker-credential-s did not return credentials for ghcr.io.'
const helper = (reason: string): string => `docker-credential-s get, with ghcr.io on its standard input: ${reason}`

const helperRows: readonly Row[] = [
  {
    name: 'a helper that fails',
    script: () => ({exitCode: 1}),
    message: helperMessage,
    evidence: helper('it ended with code 1'),
  },
  {
    name: 'output that is not JSON',
    script: () => ({stdout: 'x'}),
    message: helperMessage,
    evidence: helper('its output is not the JSON of the protocol'),
  },
  {
    name: 'a missing helper',
    script: throwing('docker-missing'),
    message: helperMessage,
    evidence: helper('it is not on the PATH'),
  },
  {
    name: 'too much output',
    script: throwing('command-failed'),
    message: helperMessage,
    evidence: helper('its output is too long'),
  },
]

const loginRows: readonly (Row & {readonly host?: string})[] = [
  {
    name: 'a refused login',
    script: () => ({exitCode: 1, stderr: 'unauthorized'}),
    message: 'ghcr.io refused the login of mona.',
    evidence: 'docker login ghcr.io as mona ended with code 1',
  },
  {
    name: 'a refused login to Docker Hub',
    host: 'docker.io',
    script: () => ({exitCode: 1, stderr: 'unauthorized'}),
    message: 'docker.io refused the login of mona.',
    remedy: /If they are for another registry, set `registry`/,
  },
  {
    name: 'a failed login',
    script: () => ({exitCode: 1, stderr: 'something else'}),
    message: 'The login to ghcr.io failed.',
    evidence: 'docker login ghcr.io as mona ended with code 1',
  },
  {
    name: 'a login to a registry that does not respond',
    script: () => ({
      exitCode: 1,
      stderr:
        'Error response from daemon: Get "https://ghcr.io/v2/": dial tcp: lookup ghcr.io on 127.0.0.53:53: no such host',
    }),
    message: 'The login to ghcr.io failed. ghcr.io did not respond: no server has this host name.',
    evidence: 'docker login ghcr.io as mona ended with code 1: no server has this host name',
    remedy: /^Check the spelling of ghcr\.io\./,
  },
  {
    name: 'an invalid configuration',
    script: async ({env}) => {
      await writeFile(path.join(env['DOCKER_CONFIG'] ?? '', 'config.json'), '{')
      return {}
    },
    message: '`docker login` for ghcr.io wrote an invalid configuration.',
    evidence: 'its config.json is not a JSON object',
  },
]

function expectWording(error: TagboatError, {message, evidence, remedy}: Row): void {
  expect(error.message).toBe(message)
  if (evidence !== undefined) expect(error.evidence[0]).toBe(evidence)
  if (remedy !== undefined) expect(error.remedy).toMatch(remedy)
}

describe('wording of errors', () => {
  test.each(helperRows)('$name', async (row) => {
    const processes = scriptedProcesses(row.script)
    const options = {processes, env: {}, logins: [], userConfig: {credsStore: 's'}, onSecret: () => undefined}
    expectWording(toTagboatError(await keychain(options)('ghcr.io').catch((thrown: unknown) => thrown)), row)
  })

  test('a helper with an invalid name', async () => {
    const processes = scriptedProcesses(() => ({}))
    const options = {processes, env: {}, logins: [], userConfig: {credsStore: '../x'}, onSecret: () => undefined}
    const error = toTagboatError(await keychain(options)('ghcr.io').catch((thrown: unknown) => thrown))
    expect(error.evidence[0]).toMatch(/: its name is not a valid program name$/)
  })

  test.each(loginRows)('$name', async (row) => {
    await using directory = await temporaryDirectory()
    const userDirectory = path.join(directory.path, 'none')
    const home = await createConfigDirectory({directory: path.join(directory.path, 'home'), userDirectory}, files)
    const logins = [{host: row.host ?? 'ghcr.io', username: 'mona', password: new Secret('s')}]
    const processes = scriptedProcesses(row.script)
    const error = await logIn(logins, home, {processes, files, childEnv: {}}).catch((thrown: unknown) => thrown)
    expectWording(toTagboatError(error), row)
  })

  test('an unreadable configuration', async () => {
    await using directory = await temporaryDirectory()
    const request = {directory: path.join(directory.path, 'home'), userDirectory: '/user'}
    const read = async (): Promise<never> => Promise.reject(new Error('EACCES: permission denied'))
    const error = toTagboatError(
      await createConfigDirectory(request, {...files, read}).catch((thrown: unknown) => thrown),
    )
    expect(error.message).toBe('The configuration of the Docker CLI on this runner cannot be read.')
    expect(error.remedy).toMatch(/^Make the file readable for the user of this step/)
  })
})
