import {describe, expect, test} from '@jest/globals'
import {chooseLogins, hostsWithoutLogin} from '../../../src/credentials/choose-logins.ts'
import {withEnvironmentLogins, type DockerConfig} from '../../../src/credentials/docker-config.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {CredentialInput} from '../../../src/inputs/inputs.ts'
import {parseRepository, type Repository} from '../../../src/oci/reference.ts'
import {pushOf} from '../../support/plans.ts'

function repository(text: string): Repository {
  const parsed = parseRepository(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

function given(host: string, username: string, password: string): CredentialInput {
  return {host, username, password: new Secret(password), source: 'inputs'}
}

interface Row {
  readonly name: string
  readonly given: {
    readonly logins?: readonly CredentialInput[]
    readonly token?: string
    readonly server?: string
    readonly pushedTo?: readonly string[]
    readonly userConfig?: DockerConfig
  }
  /** `host user password`. */
  readonly expected: readonly string[]
}

const ghcr = ['ghcr.io/octocat/app']
const token = 'job-token'

const rows: readonly Row[] = [
  {name: 'nothing asked for, nothing pushed', given: {token}, expected: []},
  {name: 'ghcr.io needs no input', given: {token, pushedTo: ghcr}, expected: ['ghcr.io octocat job-token']},
  {name: 'not without a token', given: {pushedTo: ghcr}, expected: []},
  {name: 'not with an empty one', given: {token: '', pushedTo: ghcr}, expected: []},
  {name: 'not when nothing is pushed there', given: {token, pushedTo: ['docker.io/octocat/app']}, expected: []},
  {
    name: 'not to a registry that only looks like it',
    given: {token, pushedTo: ['ghcr.io.example/o/app']},
    expected: [],
  },
  {
    name: 'not when the user has logged in before',
    given: {token, pushedTo: ghcr, userConfig: {auths: {'ghcr.io': {auth: 'x'}}}},
    expected: [],
  },
  {
    name: 'not when the user has logged in by a variable',
    given: {
      token,
      pushedTo: ghcr,
      userConfig: withEnvironmentLogins({}, JSON.stringify({auths: {'ghcr.io': {auth: btoa('env:e')}}})),
    },
    expected: [],
  },
  {
    name: 'a helper without a name is no login',
    given: {token, pushedTo: ghcr, userConfig: {credHelpers: {'ghcr.io': ''}}},
    expected: ['ghcr.io octocat job-token'],
  },
  {
    name: 'the token of an Enterprise server is none of ghcr.io',
    given: {token, pushedTo: ghcr, server: 'https://git.example'},
    expected: [],
  },
  {
    name: 'inputs are taken as they are, also when nothing is pushed: base images may need them',
    given: {token, logins: [given('docker.io', 'mona', 'p1'), given('quay.io', 'lisa', 'p2')]},
    expected: ['docker.io mona p1', 'quay.io lisa p2'],
  },
  {
    name: 'inputs for ghcr.io win over the token',
    given: {token, pushedTo: ghcr, logins: [given('ghcr.io', 'bot', 'pat')]},
    expected: ['ghcr.io bot pat'],
  },
  {
    name: 'for ghcr.io the actor and the token fill in',
    given: {token, pushedTo: ghcr, logins: [given('ghcr.io', '', '')]},
    expected: ['ghcr.io octocat job-token'],
  },
  {
    name: 'for ghcr.io a password of its own is kept',
    given: {token, logins: [given('ghcr.io', '', 'pat')]},
    expected: ['ghcr.io octocat pat'],
  },
  {
    name: 'the token fills in for no other registry',
    given: {token, pushedTo: ['quay.io/o/a'], logins: [given('quay.io', 'lisa', ''), given('docker.io', '', 'x')]},
    expected: [],
  },
  {
    name: 'beside another registry ghcr.io is logged in too',
    given: {token, pushedTo: [...ghcr, 'quay.io/o/a'], logins: [given('quay.io', 'lisa', 'p')]},
    expected: ['quay.io lisa p', 'ghcr.io octocat job-token'],
  },
  {
    name: 'an Enterprise token does not fill in for ghcr.io',
    given: {token, server: 'https://git.example', logins: [given('ghcr.io', 'mona', '')]},
    expected: [],
  },
]

describe('chooseLogins', () => {
  test.each(rows)('$name', ({given: {logins = [], token: text, server, pushedTo = [], userConfig = {}}, expected}) => {
    const context = pushOf('refs/heads/main')
    const chosen = chooseLogins({
      inputs: {logins, exportLogin: false, githubToken: text === undefined ? undefined : new Secret(text)},
      context: server === undefined ? context : {...context, server: {url: server, apiUrl: `${server}/api/v3`}},
      pushedTo: pushedTo.map(repository),
      userConfig,
    })
    expect(chosen.map(({host, username, password}) => `${host} ${username} ${password.reveal()}`)).toEqual(expected)
  })
})

describe('hostsWithoutLogin', () => {
  const login = {host: 'localhost:5000', username: 'u', password: new Secret('password')}
  test.each([
    {name: 'a login for another name of the host', userConfig: {}, expected: ['127.0.0.1:5000', 'docker.io']},
    {name: "the user's own login", userConfig: {auths: {'127.0.0.1:5000': {}}}, expected: ['docker.io']},
    {name: 'a store that cannot be asked', userConfig: {credsStore: 'pass'}, expected: []},
  ])('$name', ({userConfig, expected}) => {
    const pushedTo = ['127.0.0.1:5000/a', 'localhost:5000/a', 'user/a', 'user/b'].map(repository)
    const inputs = {logins: [], exportLogin: false, githubToken: undefined}
    const question = {inputs, context: pushOf('refs/heads/main'), pushedTo, userConfig}
    expect(hostsWithoutLogin(question, [login])).toEqual(expected)
  })
})
