import {describe, expect, test} from '@jest/globals'
import type {HttpRequest, HttpResponse} from '../../../../src/io/http.ts'
import {secretKeeper, type SecretKeeper} from '../../../../src/errors/known-secrets.ts'
import {Secret} from '../../../../src/errors/secret.ts'
import {authorization, type Authorization} from '../../../../src/registry/auth/authorization.ts'
import type {RegistryCredentials} from '../../../../src/registry/auth/credentials.ts'
import {reading, writing} from '../../../../src/registry/auth/scope.ts'

const challenge = 'Bearer realm="https://auth.example/token",service="r.example"'
const mona: RegistryCredentials = {kind: 'basic', username: 'mona', password: new Secret('canary-password')}

interface Scenario {
  readonly login: Authorization
  readonly requests: readonly HttpRequest[]
  readonly kept: readonly string[]
  readonly secrets: SecretKeeper
}

function scenario(
  answer: (request: HttpRequest, count: number) => Partial<HttpResponse>,
  credentials = mona,
): Scenario {
  const requests: HttpRequest[] = []
  const kept: string[] = []
  const keeper = secretKeeper()
  const secrets: SecretKeeper = {
    keep(secret) {
      kept.push(secret)
      keeper.keep(secret)
    },
    hide: keeper.hide,
  }
  const login = authorization({
    host: 'r.example',
    owner: {isLocal: false, isInsecure: () => false},
    credentials: async () => Promise.resolve(credentials),
    sendTokenRequest: async (request) => {
      requests.push(request)
      return Promise.resolve({status: 200, headers: {}, body: Buffer.alloc(0), ...answer(request, requests.length)})
    },
    now: () => new Date('2026-01-02T03:04:05Z'),
    secrets,
  })
  login.learn(challenge)
  return {login, requests, kept, secrets}
}

function json(value: unknown): Partial<HttpResponse> {
  return {body: Buffer.from(JSON.stringify(value))}
}

function scopesOf({url, body}: HttpRequest): readonly string[] {
  if (!(body instanceof Uint8Array)) return url.searchParams.getAll('scope')
  return new URLSearchParams(Buffer.from(body).toString()).getAll('scope')
}

describe('a token', () => {
  test('is known as a secret before it is used, as is what came with it', async () => {
    const {login, kept} = scenario(() =>
      json({token: 'canary-token', access_token: 'canary-token', refresh_token: 'canary-refresh'}),
    )
    const header = login.header([reading('o/app')])
    await expect(header).resolves.toBe('Bearer canary-token')
    expect(new Set(kept)).toEqual(new Set(['canary-token', 'canary-refresh']))
  })

  test('that is renewed is a secret too', async () => {
    const {login, kept} = scenario((_, count) => json({token: `canary-${count}`}))
    const used = await login.header([reading('o/app')])
    await expect(login.renew([reading('o/app')], used, challenge)).resolves.toBe('Bearer canary-2')
    expect(kept).toEqual(['canary-1', 'canary-2'])
  })

  test('is hidden in an error that repeats it', async () => {
    const {login} = scenario(() => ({
      status: 500,
      ...json({token: 'canary-token', errors: [{code: 'UNKNOWN', message: 'lost canary-token'}]}),
    }))
    await expect(login.header([reading('o/app')])).rejects.toMatchObject({
      evidence: [expect.stringContaining('500'), 'UNKNOWN: lost ***'],
    })
  })
})

describe('a challenge', () => {
  const named = (scope: string): string => `${challenge},scope="${scope}"`

  test.each([
    {name: 'another repository', scope: 'repository:victim/secret:pull,push,delete'},
    {name: 'the catalogue', scope: 'registry:catalog:*'},
    {name: 'more rights', scope: 'repository:o/app:pull,push,delete'},
  ])('gets no token for $name', async ({scope}) => {
    const {login, requests} = scenario((_, count) => json({token: `token-${count}`}))
    login.learn(named(scope))
    const used = await login.header([reading('o/app')])
    await login.renew([reading('o/app')], used, named(scope))
    expect(requests.map(scopesOf)).toEqual([['repository:o/app:pull'], ['repository:o/app:pull']])
  })

  test('that names fewer rights than requested, at first', async () => {
    const {login, requests} = scenario(() => json({token: 'token'}))
    login.learn(named('repository:o/app:pull'))
    await login.header([writing('o/app')])
    expect(requests.map(scopesOf)).toEqual([['repository:o/app:pull,push']])
  })

  test('gets no wider identity token either', async () => {
    const identity: RegistryCredentials = {kind: 'identity-token', token: new Secret('canary-identity')}
    const {login, requests} = scenario((_, count) => json({access_token: `token-${count}`}), identity)
    const used = await login.header([reading('o/app')])
    await login.renew([reading('o/app')], used, named('repository:victim/secret:pull'))
    expect(requests.map(scopesOf)).toEqual([['repository:o/app:pull'], ['repository:o/app:pull']])
  })

  test('of a mount is answered for both repositories', async () => {
    const {login, requests} = scenario((_, count) => json({token: `token-${count}`}))
    const scopes = [writing('o/app'), reading('o/base')]
    const used = await login.header(scopes)
    await login.renew(scopes, used, named('repository:o/app:push,pull repository:o/base:pull'))
    const own = ['repository:o/app:pull,push', 'repository:o/base:pull']
    expect(requests.map(scopesOf)).toEqual([own, own])
  })

  test('with an invalid realm is an error without secrets', async () => {
    const {login, secrets} = scenario(() => ({}))
    secrets.keep('canary-password')
    login.learn('Bearer realm="http://x:canary-password@auth.example/canary-password?a=canary-password"')
    await expect(login.header([reading('o/app')])).rejects.toMatchObject({
      code: 'registry-failed',
      evidence: [expect.stringContaining('http://auth.example/***?a=***')],
    })
  })
})

describe('a Basic challenge for a refused token', () => {
  const basic = 'Basic realm="harbor"'

  test('does not put the password into later requests', async () => {
    const {login} = scenario((_, count) => json({token: `t${count}`}))
    const used = await login.header([reading('o/app')])
    await expect(login.renew([reading('o/app')], used, basic)).resolves.toBe('Bearer t2')
    await expect(login.header([reading('o/app')])).resolves.toBe('Bearer t2')
  })

  test('gives way to a Bearer challenge', async () => {
    const {login} = scenario(() => json({token: 't'}))
    login.learn(basic)
    login.learn(challenge)
    await expect(login.header([reading('o/app')])).resolves.toBe('Bearer t')
  })
})
