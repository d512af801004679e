import {afterEach, beforeEach, expect, test} from '@jest/globals'
import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {keychain} from '../../src/credentials/keychain.ts'
import {processes} from '../../src/io/process.ts'
import {toTagboatError} from '../../src/errors/error.ts'
import type {CredentialLookup} from '../../src/registry/auth/credentials.ts'

/** Credential helper with a password for one registry and a token for another, which records its calls. */
const program = `#!/bin/sh
server=$(cat)
echo "$1 $server" >> "$CALLS"
case "$server" in
  basic.example) echo '{"ServerURL":"basic.example","Username":"mona","Secret":"p a$$ wörd"}' ;;
  token.example) echo '{"ServerURL":"token.example","Username":"<token>","Secret":"refresh"}' ;;
  broken.example) echo "secret-on-the-way-out"; echo "secret-in-the-error" >&2; exit 3 ;;
  *) echo "credentials not found in native keychain"; exit 1 ;;
esac
`

const searchPath = process.env['PATH']
let directory: string

// On Windows, the program is searched on the PATH of this process, not on that of the child.
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagboat-helper-'))
  const file = path.join(directory, 'docker-credential-tagboat-test')
  await writeFile(file, program)
  await chmod(file, 0o755)
  process.env['PATH'] = `${directory}${path.delimiter}${searchPath ?? ''}`
})

afterEach(async () => {
  process.env['PATH'] = searchPath
  await rm(directory, {recursive: true, force: true})
})

const secrets: string[] = []

function realKeychain(helper: string): CredentialLookup {
  secrets.length = 0
  return keychain({
    processes: processes(new AbortController().signal),
    env: {PATH: process.env['PATH'] ?? '', CALLS: path.join(directory, 'calls')},
    logins: [],
    userConfig: {credsStore: helper},
    onSecret: (text) => secrets.push(text),
  })
}

test('a real helper is called once per registry', async () => {
  const credentialsOf = realKeychain('tagboat-test')
  const hosts = ['basic.example', 'basic.example', 'token.example', 'other.example', 'docker.io']
  const found = await Promise.all(hosts.map(async (host) => credentialsOf(host)))
  expect(found.map((one) => one?.kind)).toEqual(['basic', 'basic', 'identity-token', undefined, undefined])
  expect(secrets.sort()).toEqual(['p a$$ wörd', 'refresh'])
  const calls = await readFile(path.join(directory, 'calls'), 'utf8')
  expect(calls.trim().split('\n').sort()).toEqual([
    'get basic.example',
    'get https://index.docker.io/v1/',
    'get other.example',
    'get token.example',
  ])
})

test('a real helper is called again if the registry refuses what it returned', async () => {
  const credentialsOf = realKeychain('tagboat-test')
  const first = await credentialsOf('basic.example')
  await credentialsOf('basic.example')
  await Promise.all([
    credentialsOf('basic.example', {refused: first}),
    credentialsOf('basic.example', {refused: first}),
  ])
  const calls = await readFile(path.join(directory, 'calls'), 'utf8')
  expect(calls.trim().split('\n')).toEqual(['get basic.example', 'get basic.example'])
})

test.each([
  {name: 'fails', helper: 'tagboat-test', host: 'broken.example', evidence: 'ended with code 3'},
  {name: 'does not exist', helper: 'tagboat-none', host: 'basic.example', evidence: 'on the PATH'},
])('a helper that $name results in an error without its output', async ({helper, host, evidence}) => {
  const error = toTagboatError(await realKeychain(helper)(host).catch((thrown: unknown) => thrown))
  expect(error.code).toBe('credential-helper-failed')
  expect(error.message).toContain(`docker-credential-${helper}`)
  expect(error.message).toContain(host)
  expect(error.evidence.join('\n')).toContain(evidence)
  expect(`${error.stack ?? ''}${error.evidence.join('\n')}`).not.toContain('secret')
})
