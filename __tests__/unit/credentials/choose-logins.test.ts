import {describe, expect, test} from '@jest/globals'
import {chooseLogins, hostsWithoutLogin, incompleteHosts} from '../../../src/credentials/choose-logins.ts'
import {withEnvironmentLogins, type DockerConfig} from '../../../src/credentials/docker-config.ts'
import type {Login} from '../../../src/credentials/login.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {CredentialInput} from '../../../src/inputs/credentials/credentials.ts'
import {parseRepository, type Repository} from '../../../src/oci/reference.ts'
import {pushOf} from '../../../testing/plans.ts'

function repository(text: string): Repository {
  const parsed = parseRepository(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

function input(host: string, username: string, password: string): CredentialInput {
  return {host, username, password: new Secret(password), source: 'inputs'}
}

interface Row {
  readonly name: string
  readonly given: {
    readonly logins?: readonly CredentialInput[]
    readonly token?: string
    readonly server?: string
    readonly pushedTo?: readonly string[]
    readonly readsPackages?: boolean
    readonly userConfig?: DockerConfig
  }
  /** `host user password`, and `optional` for a login that the run can do without. */
  readonly expected: readonly string[]
}

const ghcr = ['ghcr.io/octocat/app']
const token = 'job-token'

const rows: readonly Row[] = [
  {name: 'no inputs, no push', given: {token}, expected: []},
  {name: 'ghcr.io needs no input', given: {token, pushedTo: ghcr}, expected: ['ghcr.io octocat job-token']},
  {name: 'no token', given: {pushedTo: ghcr}, expected: []},
  {name: 'an empty token', given: {token: '', pushedTo: ghcr}, expected: []},
  {name: 'a push to another registry', given: {token, pushedTo: ['docker.io/octocat/app']}, expected: []},
  {
    name: 'a registry with a similar name',
    given: {token, pushedTo: ['ghcr.io.example/o/app']},
    expected: [],
  },
  {
    name: 'a login in the user configuration',
    given: {token, pushedTo: ghcr, userConfig: {auths: {'ghcr.io': {auth: 'x'}}}},
    expected: [],
  },
  {
    name: 'a login in DOCKER_AUTH_CONFIG',
    given: {
      token,
      pushedTo: ghcr,
      userConfig: withEnvironmentLogins({}, JSON.stringify({auths: {'ghcr.io': {auth: btoa('env:e')}}})),
    },
    expected: [],
  },
  {
    name: 'an unnamed helper is not a login',
    given: {token, pushedTo: ghcr, userConfig: {credHelpers: {'ghcr.io': ''}}},
    expected: ['ghcr.io octocat job-token'],
  },
  {
    name: 'the token of an Enterprise server is not for ghcr.io',
    given: {token, pushedTo: ghcr, server: 'https://git.example'},
    expected: [],
  },
  {
    name: 'logins of the inputs without a push: base images may need them',
    given: {token, logins: [input('docker.io', 'mona', 'p1'), input('quay.io', 'lisa', 'p2')]},
    expected: ['docker.io mona p1', 'quay.io lisa p2'],
  },
  {
    name: 'inputs for ghcr.io have priority over the token',
    given: {token, pushedTo: ghcr, logins: [input('ghcr.io', 'bot', 'pat')]},
    expected: ['ghcr.io bot pat'],
  },
  {
    name: 'actor and token are the defaults for ghcr.io',
    given: {token, pushedTo: ghcr, logins: [input('ghcr.io', '', '')]},
    expected: ['ghcr.io octocat job-token'],
  },
  {
    name: 'the actor is the default beside a password for ghcr.io',
    given: {token, logins: [input('ghcr.io', '', 'pat')]},
    expected: ['ghcr.io octocat pat'],
  },
  {
    name: 'the token is never sent to other registries',
    given: {token, pushedTo: ['quay.io/o/a'], logins: [input('quay.io', 'lisa', ''), input('docker.io', '', 'x')]},
    expected: [],
  },
  {
    name: 'ghcr.io beside another registry',
    given: {token, pushedTo: [...ghcr, 'quay.io/o/a'], logins: [input('quay.io', 'lisa', 'p')]},
    expected: ['quay.io lisa p', 'ghcr.io octocat job-token'],
  },
  {
    name: 'a build that reads from ghcr.io, as on a pull request',
    given: {token, readsPackages: true},
    expected: ['ghcr.io octocat job-token optional'],
  },
  {
    name: 'a build that reads from ghcr.io and pushes there',
    given: {token, pushedTo: ghcr, readsPackages: true},
    expected: ['ghcr.io octocat job-token'],
  },
  {
    name: 'a build that reads from ghcr.io and pushes to another registry',
    given: {token, pushedTo: ['quay.io/o/a'], readsPackages: true, logins: [input('quay.io', 'lisa', 'p')]},
    expected: ['quay.io lisa p', 'ghcr.io octocat job-token optional'],
  },
  {
    name: 'a build that reads from ghcr.io with a login of an earlier step',
    given: {token, readsPackages: true, userConfig: {auths: {'ghcr.io': {auth: 'x'}}}},
    expected: [],
  },
  {
    name: 'a build that reads from ghcr.io on a GitHub Enterprise server',
    given: {token, readsPackages: true, server: 'https://git.example'},
    expected: [],
  },
  {
    name: 'an Enterprise token is never sent to ghcr.io',
    given: {token, server: 'https://git.example', logins: [input('ghcr.io', 'mona', '')]},
    expected: [],
  },
]

describe('chooseLogins', () => {
  test.each(rows)('$name', ({given, expected}) => {
    const {logins = [], token: text, server, pushedTo = [], readsPackages = false, userConfig = {}} = given
    const context = pushOf('refs/heads/main')
    const chosen = chooseLogins({
      inputs: {logins, exportLogin: false, githubToken: text === undefined ? undefined : new Secret(text)},
      context: server === undefined ? context : {...context, server: {url: server, apiUrl: `${server}/api/v3`}},
      pushedTo: pushedTo.map(repository),
      readsPackages,
      userConfig,
    })
    const rowOf = ({host, username, password, isOptional}: Login): string =>
      [host, username, password.reveal(), ...(isOptional === true ? ['optional'] : [])].join(' ')
    expect(chosen.map(rowOf)).toEqual(expected)
  })
})

describe('hostsWithoutLogin', () => {
  const login = {host: 'localhost:5000', username: 'u', password: new Secret('password')}
  test.each([
    {name: 'an alias of the host', userConfig: {}, expected: ['127.0.0.1:5000', 'docker.io']},
    {name: "the user's own login", userConfig: {auths: {'127.0.0.1:5000': {}}}, expected: ['docker.io']},
    {name: 'a credential store', userConfig: {credsStore: 'pass'}, expected: []},
  ])('$name', ({userConfig, expected}) => {
    const pushedTo = ['127.0.0.1:5000/a', 'localhost:5000/a', 'user/a', 'user/b'].map(repository)
    const inputs = {logins: [], exportLogin: false, githubToken: undefined}
    const request = {inputs, context: pushOf('refs/heads/main'), pushedTo, userConfig}
    expect(hostsWithoutLogin(request, [login])).toEqual(expected)
  })
})

test('incompleteHosts lists the registries without a user name or password', () => {
  const logins = [input('docker.io', 'mona', ''), input('quay.io', 'lisa', 'p'), input('ghcr.io', '', '')]
  const context = pushOf('refs/heads/main')
  const inputs = {logins, exportLogin: false, githubToken: new Secret(token)}
  expect(incompleteHosts({inputs, context})).toEqual(['docker.io'])
  expect(incompleteHosts({inputs: {...inputs, githubToken: undefined}, context})).toEqual(['docker.io', 'ghcr.io'])
})
