import {describe, expect, test} from '@jest/globals'
import {keychain} from '../../../src/credentials/keychain.ts'
import {loginFor} from '../../../src/credentials/scoped-logins.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {formatLoginScope, parseLoginScope} from '../../../src/inputs/credentials/login-scope.ts'
import {reading, writing} from '../../../src/registry/auth/scope.ts'
import {scriptedProcesses} from '../../../testing/fake-io.ts'

interface Given {
  readonly host: string
  readonly scope?: ReturnType<typeof parseLoginScope>
  readonly name: string
}

const host = 'europe-docker.pkg.dev'

function login(scope?: string): Given {
  const name = scope ?? 'all'
  return scope === undefined ? {host, name} : {host, name, scope: parseLoginScope(scope)}
}

describe('a scope', () => {
  test.each(['project', 'project/images/app', 'project@push', '@pull', '@pull,push', 'a.b/c__d/e-f'])(
    '%s is read',
    (text) => {
      const scope = parseLoginScope(text)
      expect(scope === undefined ? undefined : formatLoginScope(scope)).toBe(text)
    },
  )

  test.each([
    ['project/', 'project'],
    ['project/*', 'project'],
  ])('%s is %s', (text, expected) => {
    expect(parseLoginScope(text)).toEqual({path: expected, actions: []})
  })

  test.each(['', '@', 'Project', 'a//b', '/a', 'a@delete', 'a@push@pull', 'a b', 'a*b'])('%j is refused', (text) => {
    expect(parseLoginScope(text)).toBeUndefined()
  })
})

test.each([
  {logins: [undefined, 'one', 'two'], path: 'one/app', expected: 'one'},
  {logins: [undefined, 'one', 'two'], path: 'three/app', expected: 'all'},
  {logins: ['one', 'one/images'], path: 'one/images/app', expected: 'one/images'},
  {logins: ['one/images', 'one'], path: 'one/imagesx', expected: 'one'},
  {logins: ['one'], path: 'one', expected: 'one'},
  {logins: ['one'], path: 'oneself/app', expected: undefined},
  {logins: [undefined, '@push'], path: 'one/app', expected: '@push'},
  {logins: [undefined, '@pull'], path: 'one/app', expected: 'all'},
  {logins: ['one', 'one@push'], path: 'one/app', expected: 'one@push'},
  {logins: ['one@pull', 'one'], path: 'one/app', expected: 'one'},
])('$path has the login $expected of $logins', ({logins, path, expected}) => {
  expect(loginFor(logins.map(login), {host, path, isPushed: true})?.name).toBe(expected)
  expect(loginFor(logins.map(login), {host: 'other.example', path, isPushed: true})).toBeUndefined()
})

test('the keychain has several logins for a registry, and the configuration of Docker for the rest of it', async () => {
  const given = ['one', 'two@push'].map((scope) => ({
    ...login(scope),
    username: scope,
    password: new Secret('password'),
  }))
  const lookUp = keychain({
    logins: given,
    minted: [
      {
        host,
        scope: {path: 'three', actions: []},
        get: async () =>
          Promise.resolve({
            kind: 'basic',
            username: 'three',
            password: new Secret('p'),
            until: undefined,
            identity: 'i',
          }),
      },
    ],
    userConfig: {auths: {[host]: {username: 'docker', password: 'p'}}},
    onSecret: () => undefined,
    processes: scriptedProcesses(async () => Promise.reject(new Error('no helper'))),
    env: {},
  })
  const users = await Promise.all(
    [writing('one/app'), writing('two/app'), reading('two/app'), reading('three/app'), undefined].map(async (scope) => {
      const found = await lookUp(host, {scope})
      return found?.kind === 'basic' ? found.username : undefined
    }),
  )
  expect(users).toEqual(['one', 'two@push', 'docker', 'three', 'docker'])
})
