import {describe, expect, test} from '@jest/globals'
import {isLoopback, isThisMachine, parseChallenge, type Challenge} from '../../../../src/registry/auth/challenge.ts'
import {realmUrl, tokenUrl} from '../../../../src/registry/auth/realm.ts'

interface Row {
  readonly name: string
  readonly given: string
  readonly expected: readonly [string, Readonly<Record<string, string>>] | undefined
}

const rows: readonly Row[] = [
  {
    name: 'Docker Hub',
    given: 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
    expected: [
      'bearer',
      {realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull'},
    ],
  },
  {name: 'basic', given: 'Basic realm="Registry Realm"', expected: ['basic', {realm: 'Registry Realm'}]},
  {name: 'another case', given: 'BEARER Realm="https://a/"', expected: ['bearer', {realm: 'https://a/'}]},
  {
    name: 'commas and equals signs in quotes',
    given: 'Bearer scope="a:b:pull,push",realm="x=y"',
    expected: ['bearer', {scope: 'a:b:pull,push', realm: 'x=y'}],
  },
  {name: 'escaped quotes', given: 'Basic realm="a \\"b\\" \\\\c"', expected: ['basic', {realm: 'a "b" \\c'}]},
  {
    name: 'blanks around',
    given: '  Bearer   realm = "a" , service = b ',
    expected: ['bearer', {realm: 'a', service: 'b'}],
  },
  {name: 'no parameters', given: 'Basic', expected: ['basic', {}]},
  {name: 'another scheme alone', given: 'Negotiate', expected: undefined},
  {
    name: 'parameters belong to their own challenge',
    given: 'Bearer realm="https://a/",service="a", Basic realm="b"',
    expected: ['bearer', {realm: 'https://a/', service: 'a'}],
  },
  {
    name: 'Bearer before Basic, whatever their order',
    given: 'Basic realm="r", Bearer realm="https://a/t",service="s"',
    expected: ['bearer', {realm: 'https://a/t', service: 's'}],
  },
  {name: 'Basic without parameters first', given: 'Basic, Bearer realm="a"', expected: ['bearer', {realm: 'a'}]},
  {name: 'after an unsupported one', given: 'Negotiate, Bearer realm="a"', expected: ['bearer', {realm: 'a'}]},
  {
    name: 'after one that has a text of its own',
    given: 'NTLM TlRM+/==, Basic realm="x"',
    expected: ['basic', {realm: 'x'}],
  },
  {name: 'the first of two', given: 'Bearer realm="a", Bearer realm="b"', expected: ['bearer', {realm: 'a'}]},
  {name: 'a parameter twice', given: 'Bearer realm="a", realm="b"', expected: ['bearer', {realm: 'a'}]},
  {name: 'nothing', given: '', expected: undefined},
  {name: 'no scheme', given: '="x"', expected: undefined},
  {name: 'a quote that is never closed', given: 'Bearer realm="https://a', expected: ['bearer', {}]},
  {
    name: 'the part before an unclosed quote, and nothing after it',
    given: 'Bearer service=a,realm="https://a, scope=b',
    expected: ['bearer', {service: 'a'}],
  },
]

describe('parseChallenge', () => {
  test.each(rows)('$name', ({given, expected}) => {
    const parsed = parseChallenge(given)
    expect(parsed === undefined ? undefined : [parsed.scheme, Object.fromEntries(parsed.parameters)]).toEqual(expected)
  })
})

/** URL of a token request. */
function asked(challenge: Challenge, scopes: readonly string[], isLocal: boolean): string | undefined {
  const realm = realmUrl(challenge, {isLocal, isInsecure: (host) => host === 'insecure.example:5000'})
  return realm && tokenUrl(realm, challenge, scopes).href
}

describe('realmUrl and tokenUrl', () => {
  const scope = 'repository:a/b:pull'
  test.each([
    {
      name: 'service and scope are asked for',
      given: 'Bearer realm="https://auth.example/token?x=1",service="a b"',
      expected: 'https://auth.example/token?x=1&service=a+b&scope=repository%3Aa%2Fb%3Apull',
    },
    {
      name: 'the scope of the request, not that of the server',
      given: 'Bearer realm="https://auth.example/",scope="repository:other:push"',
      expected: 'https://auth.example/?scope=repository%3Aa%2Fb%3Apull',
    },
    {
      name: 'plain HTTP on this machine',
      given: 'Bearer realm="http://127.0.0.1:5001/t"',
      expected: 'http://127.0.0.1:5001/t?scope=repository%3Aa%2Fb%3Apull',
    },
    {
      name: 'plain HTTP elsewhere gets no credentials',
      given: 'Bearer realm="http://auth.example/"',
      expected: undefined,
    },
    {
      name: 'plain HTTP to a host that the user calls insecure',
      given: 'Bearer realm="http://insecure.example:5000/"',
      expected: 'http://insecure.example:5000/?scope=repository%3Aa%2Fb%3Apull',
    },
    {name: 'no realm', given: 'Bearer service="a"', expected: undefined},
    {name: 'a realm that is not a URL', given: 'Bearer realm="token"', expected: undefined},
    {name: 'a realm of another scheme', given: 'Bearer realm="file:///etc/passwd"', expected: undefined},
  ])('$name', ({given, expected}) => {
    const challenge = parseChallenge(given)
    expect(challenge === undefined ? 'none' : asked(challenge, [scope], true)).toBe(expected)
  })

  test.each([
    'http://127.0.0.1:5001/t',
    'http://localhost/t',
    'https://[::1]/t',
    'https://0.0.0.0/t',
    'https://[::]/t',
    'https://localhost./t',
    'https://foo.localhost/t',
    'https://[::ffff:127.0.0.1]/t',
  ])('a registry elsewhere cannot name %s', (realm) => {
    const challenge = {scheme: 'bearer', parameters: new Map([['realm', realm]])} as const
    expect(asked(challenge, [scope], false)).toBeUndefined()
  })

  test('plain HTTP is for the common names of this machine alone', () => {
    const challenge = {scheme: 'bearer', parameters: new Map([['realm', 'http://foo.localhost/t']])} as const
    expect(asked(challenge, [scope], true)).toBeUndefined()
  })

  test('a registry elsewhere can name a server elsewhere', () => {
    const challenge = {scheme: 'bearer', parameters: new Map([['realm', 'https://auth.example/']])} as const
    expect(asked(challenge, ['a', 'b'], false)).toBe('https://auth.example/?scope=a&scope=b')
  })
})

describe('isLoopback', () => {
  test.each([
    {given: 'localhost', expected: true},
    {given: '127.0.0.1', expected: true},
    {given: '127.8.9.10', expected: true},
    {given: '[::1]', expected: true},
    {given: '127.0.0.1.example', expected: false},
    {given: 'localhost.example', expected: false},
    {given: '128.0.0.1', expected: false},
    {given: '', expected: false},
  ])('$given: $expected', ({given, expected}) => {
    expect(isLoopback(given)).toBe(expected)
  })
})

describe('isThisMachine', () => {
  test.each([
    {given: 'http://localhost', expected: true},
    {given: 'http://localhost.', expected: true},
    {given: 'http://a.localhost', expected: true},
    {given: 'http://127.0.0.1.', expected: true},
    {given: 'http://0x7f.1', expected: true},
    {given: 'http://0.0.0.0', expected: true},
    {given: 'http://[::]', expected: true},
    {given: 'http://[0::1]', expected: true},
    {given: 'http://[::ffff:127.8.9.10]', expected: true},
    {given: 'http://[::ffff:0.0.0.0]', expected: true},
    {given: 'http://[::127.0.0.1]', expected: true},
    {given: 'http://localhost.example', expected: false},
    {given: 'http://notlocalhost', expected: false},
    {given: 'http://[::ffff:10.0.0.1]', expected: false},
    {given: 'http://[fd00::7f00:1]', expected: false},
    {given: 'http://10.0.0.0', expected: false},
  ])('$given: $expected', ({given, expected}) => {
    expect(isThisMachine(new URL(given).hostname)).toBe(expected)
  })
})
