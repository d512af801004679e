import {expect, test} from '@jest/globals'
import type {Login} from '../../../../src/credentials/login.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import {Secret} from '../../../../src/errors/secret.ts'
import {parseLoginScope} from '../../../../src/inputs/credentials/login-scope.ts'
import type {BuildSession} from '../../../../src/stage/build-session.ts'
import {loginsOfBuild, requirePushLogins} from '../../../../src/stage/logins/scoped-builds.ts'

const host = 'europe-docker.pkg.dev'

function login(scope: string): Login {
  return {host, scope: parseLoginScope(scope), username: scope, password: new Secret('p')}
}

/** Session of a build of a Dockerfile, with the parts that choose logins. */
function session(dockerfile: string, pushed: readonly string[], logins: readonly Login[]): BuildSession {
  const build = {
    context: '.',
    file: undefined,
    cache: 'off',
    cacheFrom: [],
    cacheTo: [],
    attests: [],
    sbom: undefined,
    buildContexts: [],
    buildArgs: [],
  }
  const tags = pushed.map((path) => ({reference: {repository: {host, path}, tag: 'latest'}}))
  const prepared = {plan: {push: {do: true}, tags}, inputs: {build, builder: {mirrors: []}}}
  const files = {read: async () => Promise.resolve(dockerfile)}
  return {prepared, logins, minted: [], io: {files, environment: {}}} as unknown as BuildSession
}

const logins = [login('one'), login('two'), {host: 'ghcr.io', username: 'me', password: new Secret('p')}]

async function chosen(dockerfile: string, pushed: readonly string[]): Promise<readonly string[]> {
  const {prepared, io} = session(dockerfile, pushed, logins)
  const found = await loginsOfBuild({logins, minted: []}, prepared, io)
  return found.logins.map(({username}) => username)
}

test.each([
  {name: 'that of the base image', dockerfile: `FROM ${host}/two/base:1\n`, pushed: ['one/app'], expected: 'two'},
  {name: 'that of the first image', dockerfile: 'FROM alpine\n', pushed: ['one/app', 'two/app'], expected: 'one'},
  {
    name: 'the only one of several base images',
    dockerfile: `FROM ${host}/one/a\nFROM ${host}/one/b\n`,
    pushed: [],
    expected: 'one',
  },
])('Docker gets one login of a registry: $name', async ({dockerfile, pushed, expected}) => {
  expect(await chosen(dockerfile, pushed)).toEqual([expected, 'me'])
})

test('base images with different logins are an error that names them', async () => {
  const error = await chosen(`FROM ${host}/one/a:1\nFROM ${host}/two/b@sha256:0\n`, []).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(TagboatError)
  expect(error).toMatchObject({
    code: 'logins-ambiguous',
    evidence: [`${host}/one/a: login with the scope one`, `${host}/two/b: login with the scope two`],
  })
})

test('a builder that pushes itself needs one login for all images of a registry, and for the base images', async () => {
  const require = async (dockerfile: string, pushed: readonly string[]): Promise<unknown> =>
    requirePushLogins(session(dockerfile, pushed, logins)).catch((cause: unknown) => cause)
  const ambiguous = expect.objectContaining({code: 'logins-ambiguous'})
  expect(await require('', ['one/app', 'one/other'])).toBeUndefined()
  expect(await require(`FROM ${host}/one/base\n`, ['one/app'])).toBeUndefined()
  expect(await require('', ['one/app', 'two/app'])).toEqual(ambiguous)
  expect(await require(`FROM ${host}/two/base\n`, ['one/app'])).toEqual(ambiguous)
})
