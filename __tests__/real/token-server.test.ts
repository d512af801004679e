import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {digestOf} from '../../src/oci/digest.ts'
import {rawRequest, type RawAnswer} from '../../testing/raw-http.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'
import {startTokenServer, type TokenServer} from '../../testing/token-server.ts'

let tokens: TokenServer
let registry: Registry

beforeAll(async () => {
  tokens = await startTokenServer({
    users: {mona: 's3cret', lisa: 'reads'},
    identityTokens: {refresh: 'mona'},
    allows: (user) => (user === 'mona' ? ['pull', 'push', 'delete'] : user === 'lisa' ? ['pull'] : []),
  })
  registry = await startRegistry({token: tokens})
})

afterAll(async () => {
  await registry.stop()
  await tokens.stop()
})

const scope = 'repository:app:pull,push'
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

async function byGet(login: string | undefined, requested = scope): Promise<RawAnswer> {
  const headers = login === undefined ? {} : {authorization: basic(login)}
  return rawRequest(tokens.host, {method: 'GET', path: `/token?service=x&scope=${requested}`, headers})
}

async function byPost(form: Readonly<Record<string, string>>): Promise<RawAnswer> {
  return rawRequest(tokens.host, {method: 'POST', path: '/token', body: new URLSearchParams(form).toString()})
}

function tokenOf({text}: RawAnswer): string {
  return (JSON.parse(text) as {readonly access_token: string}).access_token
}

async function upload(token: string, repository = 'app'): Promise<RawAnswer> {
  const path = `/v2/${repository}/blobs/uploads/`
  return rawRequest(registry.host, {method: 'POST', path, headers: {authorization: `Bearer ${token}`}})
}

test('the registry names the token server and the scope', async () => {
  const {status, header} = await rawRequest(registry.host, {method: 'POST', path: '/v2/app/blobs/uploads/'})
  // The order of the actions is not specified.
  const challenge = header('www-authenticate')?.replace('push,pull', 'pull,push')
  expect(status).toBe(401)
  expect(challenge).toBe(
    `Bearer realm="http://${tokens.host}/token",service="tagboat-test-registry",scope="repository:app:pull,push"`,
  )
})

test.each([
  {name: 'a login', login: 'mona:s3cret', status: 202},
  {name: 'a login that may only read', login: 'lisa:reads', status: 401},
  {name: 'an anonymous client', login: undefined, status: 401},
])('a token of $name has the allowed actions', async ({login, status}) => {
  expect((await upload(tokenOf(await byGet(login)))).status).toBe(status)
})

test('a token is valid only for its repository', async () => {
  const {status, header} = await upload(tokenOf(await byGet('mona:s3cret')), 'other')
  expect(status).toBe(401)
  expect(header('www-authenticate')).toEqual(expect.stringContaining('error="insufficient_scope"'))
})

test.each([
  {name: 'a wrong password', ask: async () => byGet('mona:wrong')},
  {name: 'a wrong identity token', ask: async () => byPost({grant_type: 'refresh_token', refresh_token: 'x', scope})},
])('$name gets no token', async ({ask}) => {
  expect((await ask()).status).toBe(401)
})

test('identity tokens are issued and accepted', async () => {
  const issued = await byPost({grant_type: 'password', username: 'mona', password: 's3cret', scope})
  const {refresh_token: refresh} = JSON.parse(issued.text) as {readonly refresh_token: string}
  for (const token of [refresh, 'refresh']) {
    const exchanged = await byPost({grant_type: 'refresh_token', refresh_token: token, scope})
    expect((await upload(tokenOf(exchanged))).status).toBe(202)
  }
  expect(tokens.requests.at(-1)).toEqual({method: 'POST', scopes: [scope], status: 200})
})

test('a token expires after its lifetime, regardless of `expires_in`', async () => {
  tokens.setLifetime(0, 300)
  const answer = await byGet('mona:s3cret')
  tokens.setLifetime(300)
  expect(JSON.parse(answer.text)).toMatchObject({expires_in: 300})
  // With a lifetime of zero, a token expires at the end of the current second. The check may happen before.
  const ended = await untilRefused(tokenOf(answer))
  expect(ended.header('www-authenticate')).toContain('error="invalid_token"')
})

async function untilRefused(token: string): Promise<RawAnswer> {
  for (;;) {
    const answer = await upload(token)
    if (answer.status === 401) return answer
  }
}

test('the test helper of the registry can read with tokens', async () => {
  const token = tokenOf(await byGet('mona:s3cret'))
  const blob = Buffer.from('{}')
  const begun = await upload(token)
  const headers = {authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream'}
  const path = `${begun.header('location') ?? ''}&digest=${digestOf(blob)}`
  expect((await rawRequest(registry.host, {method: 'PUT', path, headers, body: blob})).status).toBe(201)
  expect(await registry.blob('app', digestOf(blob))).toEqual(blob)
  expect(await registry.tags('app')).toEqual([])
})
