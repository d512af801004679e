import {describe, expect, test} from '@jest/globals'
import {
  authOf,
  hasLoginFor,
  mergeAuths,
  parseDockerConfig,
  withFileLogins,
  type DockerConfig,
} from '../../../src/credentials/docker-config.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64')

describe('parseDockerConfig', () => {
  test.each([
    {name: 'an object', given: '{"auths":{},"psFormat":"x"}', expected: {auths: {}, psFormat: 'x'}},
    {name: 'an empty object', given: '{}', expected: {}},
  ])('$name', ({given, expected}) => {
    expect(parseDockerConfig(given)).toEqual(expected)
  })

  test.each([
    {name: 'nothing', given: ''},
    {name: 'no JSON', given: '{auths}'},
    {name: 'a list', given: '[]'},
    {name: 'null', given: 'null'},
    {name: 'a text', given: '"x"'},
  ])('$name is an error', ({given}) => {
    expect(() => parseDockerConfig(given)).toThrow(SyntaxError)
  })
})

describe('withFileLogins', () => {
  const user: DockerConfig = {
    auths: {'ghcr.io': {auth: 'old'}, 'quay.io': {auth: 'theirs'}},
    credsStore: 'desktop',
    credHelpers: {'gcr.io': 'gcloud', 'ghcr.io': 'gh'},
    currentContext: 'remote',
    proxies: {default: {httpProxy: 'http://proxy:3128'}},
  }

  test('logins of this run are kept in the file, and all else is as it was', () => {
    expect(withFileLogins(user, ['ghcr.io', 'https://index.docker.io/v1/'])).toEqual({
      ...user,
      auths: {'quay.io': {auth: 'theirs'}},
      credHelpers: {'gcr.io': 'gcloud', 'ghcr.io': '', 'https://index.docker.io/v1/': ''},
    })
  })

  test('the configuration of the user is not changed', () => {
    const before = JSON.stringify(user)
    withFileLogins(user, ['ghcr.io'])
    expect(JSON.stringify(user)).toBe(before)
  })

  test.each([
    {name: 'an empty one', given: {}},
    {name: 'one whose values are of other types', given: {auths: 'x', credHelpers: []}},
  ])('$name', ({given}) => {
    expect(withFileLogins(given, ['a.example'])).toEqual({auths: {}, credHelpers: {'a.example': ''}})
  })
})

describe('mergeAuths', () => {
  test('adds the logins of all, and nothing else of them', () => {
    const merged = mergeAuths({auths: {a: {auth: '1'}}, credsStore: 'x'}, [
      {auths: {b: {auth: '2'}}, credsStore: 'y'},
      {auths: {c: {auth: '3'}}},
      {},
    ])
    expect(merged).toEqual({auths: {a: {auth: '1'}, b: {auth: '2'}, c: {auth: '3'}}, credsStore: 'x'})
  })
})

describe('authOf', () => {
  test.each([
    {name: 'a login', given: {auth: encoded('mona:s3cret')}, expected: {username: 'mona', password: 's3cret'}},
    {
      name: 'a password with colons',
      given: {auth: encoded('mona:a:b:')},
      expected: {username: 'mona', password: 'a:b:'},
    },
    {name: 'an empty user name', given: {auth: encoded(':x')}, expected: {username: '', password: 'x'}},
    {name: 'no colon', given: {auth: encoded('mona')}, expected: undefined},
    {name: 'an entry of a credential store', given: {}, expected: undefined},
    {name: 'another type', given: {auth: 7}, expected: undefined},
    {name: 'no object', given: 'x', expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(authOf({auths: {'ghcr.io': given}}, 'ghcr.io')).toEqual(expected)
  })

  test('no such key', () => {
    expect(authOf({}, 'ghcr.io')).toBeUndefined()
  })
})

describe('hasLoginFor', () => {
  test.each([
    {name: 'in the file', given: {auths: {'ghcr.io': {auth: 'x'}}}, expected: true},
    {name: 'in a store, which leaves an empty entry', given: {auths: {'ghcr.io': {}}, credsStore: 'x'}, expected: true},
    {name: 'as older tools wrote it', given: {auths: {'https://ghcr.io': {auth: 'x'}}}, expected: true},
    {name: 'by a helper', given: {credHelpers: {'ghcr.io': 'gh'}}, expected: true},
    {name: 'another registry', given: {auths: {'docker.ghcr.io': {auth: 'x'}}}, expected: false},
    {name: 'none', given: {}, expected: false},
  ])('$name', ({given, expected}) => {
    expect(hasLoginFor(given, 'ghcr.io')).toBe(expected)
  })
})
