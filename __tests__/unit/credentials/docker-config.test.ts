import {describe, expect, test} from '@jest/globals'
import {
  fileCredentials,
  forLogin,
  hasLoginFor,
  helperFor,
  mergeAuths,
  parseDockerConfig,
  withEnvironmentLogins,
  withFileLogins,
  type DockerConfig,
} from '../../../src/credentials/docker-config.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64')

describe('parseDockerConfig', () => {
  test.each([
    {name: 'an object', given: '{"auths":{},"psFormat":"x"}', expected: {auths: {}, psFormat: 'x'}},
    {name: 'an empty object', given: '{}', expected: {}},
    {name: 'an empty file', given: '', expected: {}},
    {name: 'blanks alone', given: '\uFEFF \n', expected: {}},
    {name: 'a byte order mark', given: '\uFEFF{"a":1}', expected: {a: 1}},
  ])('$name', ({given, expected}) => {
    expect(parseDockerConfig(given)).toEqual(expected)
  })

  test.each([
    {name: 'not JSON', given: '{auths}'},
    {name: 'a list', given: '[]'},
    {name: 'null', given: 'null'},
    {name: 'a text', given: '"x"'},
  ])('$name is an error', ({given}) => {
    expect(() => parseDockerConfig(given)).toThrow(SyntaxError)
  })
})

describe('withFileLogins', () => {
  const user: DockerConfig = {
    auths: {'ghcr.io': {auth: 'old'}, 'quay.io': {auth: 'user'}},
    credsStore: 'desktop',
    credHelpers: {'gcr.io': 'gcloud', 'ghcr.io': 'gh'},
    currentContext: 'remote',
    proxies: {default: {httpProxy: 'http://proxy:3128'}},
  }

  test('stores logins in the file and preserves all other settings', () => {
    expect(withFileLogins(user, ['ghcr.io', 'https://index.docker.io/v1/'])).toEqual({
      ...user,
      auths: {'quay.io': {auth: 'user'}},
      credHelpers: {'gcr.io': 'gcloud', 'ghcr.io': '', 'https://index.docker.io/v1/': ''},
    })
  })

  test('does not change its argument', () => {
    const before = JSON.stringify(user)
    withFileLogins(user, ['ghcr.io'])
    expect(JSON.stringify(user)).toBe(before)
  })

  test.each([
    {name: 'an empty one', given: {}},
    {name: 'one whose values are of other types', given: {auths: 'x', credHelpers: []}},
  ])('$name', ({given}) => {
    expect(forLogin(given, ['a.example'])).toEqual({auths: {}, credHelpers: {'a.example': ''}})
  })

  test.each([
    {name: 'no store and no helper', given: {}, expected: undefined},
    {name: 'a helper for another registry', given: {'gcr.io': 'gcloud'}, expected: {'gcr.io': 'gcloud'}},
    {name: 'a helper for this one', given: {'a.example': 'gh'}, expected: {'a.example': ''}},
  ])('adds an empty helper only if needed, since skopeo reads it as a helper: $name', ({given, expected}) => {
    const helpers = Object.keys(given).length === 0 ? {} : {credHelpers: given}
    expect(withFileLogins({auths: {}, ...helpers}, ['a.example'])['credHelpers']).toEqual(expected)
  })
})

describe('forLogin', () => {
  test.each([
    {
      name: 'an earlier login',
      given: {auths: {'a.example': {auth: 'x'}}},
      expected: {'a.example': ''},
    },
    {name: 'an empty store', given: {credsStore: ''}, expected: {'a.example': ''}},
    {name: 'another login', given: {auths: {'b.example': {}}}, expected: undefined},
    {name: 'another helper', given: {credHelpers: {'b.example': 'b'}}, expected: {'b.example': 'b'}},
    {name: 'a store', given: {credsStore: 'desktop'}, expected: {'a.example': ''}},
  ])('prevents that the CLI uses a default store: $name', ({given, expected}) => {
    expect(forLogin(given, ['a.example'])['credHelpers']).toEqual(expected)
  })

  test('without keys it adds nothing', () => {
    expect(forLogin({}, [])).toEqual({auths: {}})
  })
})

describe('mergeAuths', () => {
  test('adds the logins of all configurations, and no other settings', () => {
    const merged = mergeAuths({auths: {a: {auth: '1'}}, credsStore: 'x'}, [
      {auths: {b: {auth: '2'}}, credsStore: 'y'},
      {auths: {c: {auth: '3'}}},
      {},
    ])
    expect(merged).toEqual({auths: {a: {auth: '1'}, b: {auth: '2'}, c: {auth: '3'}}, credsStore: 'x'})
  })
})

describe('withEnvironmentLogins', () => {
  const login = {auth: encoded('env:e')}
  const text = JSON.stringify({auths: {'ghcr.io': login}, credsStore: 'user', HttpHeaders: {a: 'b'}})

  test.each([
    {name: 'nothing before', given: {}, expected: {auths: {'ghcr.io': login}}},
    {
      name: 'a login of the file',
      given: {auths: {'ghcr.io': {auth: 'x'}, 'quay.io': {auth: 'y'}}},
      expected: {auths: {'ghcr.io': login, 'quay.io': {auth: 'y'}}},
    },
    {
      name: 'a store',
      given: {credsStore: 'desktop'},
      expected: {auths: {'ghcr.io': login}, credsStore: 'desktop', credHelpers: {'ghcr.io': ''}},
    },
    {
      name: 'a helper',
      given: {credHelpers: {'ghcr.io': 'gh', 'gcr.io': 'gcloud'}},
      expected: {auths: {'ghcr.io': login}, credHelpers: {'ghcr.io': '', 'gcr.io': 'gcloud'}},
    },
  ])('its logins have priority over the file and its stores: $name', ({given, expected}) => {
    const config = withEnvironmentLogins(given, text)
    expect(config).toEqual(expected)
    expect(helperFor(config, 'ghcr.io')).toBeUndefined()
    expect(hasLoginFor(config, 'ghcr.io')).toBe(true)
  })

  test.each([
    {name: 'nothing', given: ''},
    {name: 'not JSON', given: '{'},
    {name: 'no logins', given: '{"auths":{}}'},
    {name: 'a login without a password', given: '{"auths":{"ghcr.io":{}}}'},
  ])('changes nothing: $name', ({given}) => {
    const config = {credsStore: 'desktop'}
    expect(withEnvironmentLogins(config, given)).toBe(config)
  })
})

/** Formats the credentials in the file as `basic mona s3cret`. */
function summaryOf(config: DockerConfig, registry: string): string | undefined {
  const found = fileCredentials(config, registry)
  if (found === undefined) return undefined
  return found.kind === 'basic'
    ? `basic ${found.username} ${found.password.reveal()}`
    : `${found.kind} ${found.token.reveal()}`
}

describe('fileCredentials', () => {
  const mona = 'basic mona s3cret'
  test.each([
    {name: 'a login', given: {auth: encoded('mona:s3cret')}, expected: mona},
    {
      name: 'a password with colons',
      given: {auth: encoded('mona:a:b:')},
      expected: 'basic mona a:b:',
    },
    {name: 'an empty username', given: {auth: encoded(':x')}, expected: 'basic  x'},
    {name: 'plain fields', given: {username: 'mona', password: 's3cret'}, expected: mona},
    {name: 'plain fields beside an empty one', given: {auth: '', username: 'mona', password: 's3cret'}, expected: mona},
    {name: 'a plain user name alone', given: {username: 'mona'}, expected: undefined},
    {name: 'an identity token', given: {auth: encoded('mona:'), identitytoken: 't'}, expected: 'identity-token t'},
    {name: 'no colon', given: {auth: encoded('mona')}, expected: undefined},
    {name: 'an entry of a credential store', given: {}, expected: undefined},
    {name: 'another type', given: {auth: 7}, expected: undefined},
    {name: 'not an object', given: 'x', expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(summaryOf({auths: {'ghcr.io': given}}, 'ghcr.io')).toBe(expected)
  })

  test.each([
    {key: 'ghcr.io', registry: 'ghcr.io'},
    {key: 'https://ghcr.io', registry: 'ghcr.io'},
    {key: 'https://ghcr.io/v1/', registry: 'ghcr.io'},
    {key: 'https://ghcr.io/v2/', registry: 'ghcr.io'},
    {key: 'https://ghcr.io/', registry: 'ghcr.io'},
    {key: 'ghcr.io/', registry: 'ghcr.io'},
    {key: 'http://ghcr.io', registry: 'ghcr.io'},
    {key: 'https://ghcr.io/v1', registry: 'ghcr.io'},
    {key: 'https://ghcr.io/v2', registry: 'ghcr.io'},
    {key: 'http://r.example:5000/v1/', registry: 'r.example:5000'},
    {key: 'https://index.docker.io/v1/', registry: 'docker.io'},
    {key: 'https://index.docker.io/v1/', registry: 'https://index.docker.io/v1/'},
    {key: 'docker.io', registry: 'https://index.docker.io/v1/'},
  ])('$key is a login for $registry', ({key, registry}) => {
    const config = {auths: {[key]: {auth: encoded('mona:s3cret')}}}
    expect(summaryOf(config, registry)).toBe(mona)
    expect(hasLoginFor(config, registry)).toBe(true)
  })

  test('the form of the CLI has priority', () => {
    const auths = {'https://ghcr.io': {auth: encoded('lisa:old')}, 'ghcr.io': {auth: encoded('mona:s3cret')}}
    expect(summaryOf({auths}, 'ghcr.io')).toBe(mona)
  })

  test('a missing key', () => {
    expect(summaryOf({}, 'ghcr.io')).toBeUndefined()
    expect(
      summaryOf({auths: {'ghcr.io:5000': {auth: encoded('a:b')}, '': {auth: encoded('a:b')}}}, 'docker.io'),
    ).toBeUndefined()
  })
})

describe('hasLoginFor', () => {
  test.each([
    {name: 'in the file', given: {auths: {'ghcr.io': {auth: 'x'}}}, expected: true},
    {name: 'in a store, which leaves an empty entry', given: {auths: {'ghcr.io': {}}, credsStore: 'x'}, expected: true},
    {name: 'under the key of older tools', given: {auths: {'https://ghcr.io': {auth: 'x'}}}, expected: true},
    {name: 'by a helper', given: {credHelpers: {'ghcr.io': 'gh'}}, expected: true},
    {name: 'a helper without a name', given: {credHelpers: {'ghcr.io': ''}}, expected: false},
    {name: 'a helper under another form of the key', given: {credHelpers: {'http://ghcr.io/': 'gh'}}, expected: false},
    {name: 'another registry', given: {auths: {'docker.ghcr.io': {auth: 'x'}}}, expected: false},
    {name: 'none', given: {}, expected: false},
  ])('$name', ({given, expected}) => {
    expect(hasLoginFor(given, 'ghcr.io')).toBe(expected)
  })
})
