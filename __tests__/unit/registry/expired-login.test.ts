import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import type {RegistryCredentials} from '../../../src/registry/auth/credentials.ts'
import type {RepositoryClient} from '../../../src/registry/repository-client.ts'
import {scriptedHttp} from '../../../testing/fake-io.ts'
import {testBlob, testClients} from '../../../testing/registry-client.ts'

/** Credentials of a cloud: each refusal of the current ones makes the next. */
class Source {
  readonly #passwords: readonly string[]
  /** Passwords that were refused, in order. */
  readonly refused: string[] = []
  #current: RegistryCredentials

  constructor(...passwords: readonly string[]) {
    this.#passwords = passwords
    this.#current = login(passwords[0] ?? '')
  }

  async get(refused?: RegistryCredentials): Promise<RegistryCredentials> {
    if (refused === this.#current && refused.kind === 'basic') {
      this.refused.push(refused.password.reveal())
      const next = this.#passwords[this.refused.length]
      if (next !== undefined) this.#current = login(next)
    }
    return Promise.resolve(this.#current)
  }
}

function login(password: string): RegistryCredentials {
  return {kind: 'basic', username: 'AWS', password: new Secret(password)}
}

function answer(status: number, headers: Readonly<Record<string, string>> = {}, body: unknown = {}): HttpResponse {
  return {status, headers, body: Buffer.from(JSON.stringify(body))}
}

function passwordIn({headers}: HttpRequest): string {
  const [scheme = '', value = ''] = headers['authorization']?.split(' ') ?? []
  return scheme === 'Basic' ? (Buffer.from(value, 'base64').toString().split(':')[1] ?? '') : value
}

interface Scene {
  readonly client: RepositoryClient
  readonly source: Source
  readonly valid: Set<string>
  /** Passwords and tokens of the requests, in order; those of the token server in brackets. */
  readonly used: readonly string[]
}

/** Registry that accepts the passwords in `valid`, which the test changes while the client is in use. */
function scene(source: Source, guard: (request: HttpRequest, valid: ReadonlySet<string>) => HttpResponse): Scene {
  const valid = new Set<string>()
  const used: string[] = []
  const http = scriptedHttp((request) => {
    const {host, pathname} = request.url
    if (pathname !== '/v2/') used.push(host === 'auth.example' ? `(${passwordIn(request)})` : passwordIn(request))
    return guard(request, valid)
  })
  const clients = testClients(http, {credentials: async (_, use) => source.get(use?.refused)})
  return {client: clients.of('r.example', 'o/app'), source, valid, used}
}

const basic = {'www-authenticate': 'Basic realm="r"'}
const bearer = {'www-authenticate': 'Bearer realm="https://auth.example/token",service="s"'}

function basicRegistry(request: HttpRequest, valid: ReadonlySet<string>): HttpResponse {
  return valid.has(passwordIn(request)) ? answer(404) : answer(401, basic)
}

/** Token server and registry. A token is `t-` and the password that it was issued for. */
function tokenRegistry(request: HttpRequest, valid: ReadonlySet<string>): HttpResponse {
  const password = passwordIn(request)
  if (request.url.host === 'auth.example')
    return valid.has(password) ? answer(200, {}, {token: `t-${password}`}) : answer(401)
  return valid.has(password.replace('t-', '')) ? answer(404) : answer(401, bearer)
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof TagboatError ? error.code : String(error)),
  )
}

describe.each([
  {name: 'a registry with Basic authentication', guard: basicRegistry},
  {name: 'a registry with a token server', guard: tokenRegistry},
])('$name', ({guard}) => {
  test('gets new credentials once the old ones have expired', async () => {
    const {client, source, valid} = scene(new Source('one', 'two', 'three'), guard)
    valid.add('one')
    expect(await client.head('1')).toBeUndefined()
    valid.clear()
    valid.add('two')
    expect(await client.head('1')).toBeUndefined()
    valid.clear()
    valid.add('three')
    expect(await client.head('1')).toBeUndefined()
    expect(source.refused).toEqual(['one', 'two'])
  })

  test('gets others in place of those that another user of the source has got, and that have expired, too', async () => {
    const {client, source, valid} = scene(new Source('one', 'two', 'three'), guard)
    valid.add('one')
    await client.head('1')
    await source.get(await source.get())
    valid.clear()
    valid.add('three')
    expect(await client.head('1')).toBeUndefined()
    expect(source.refused).toEqual(['one', 'two'])
  })

  test('gets them once for concurrent requests', async () => {
    const {client, source, valid} = scene(new Source('one', 'two', 'three'), guard)
    valid.add('one')
    await client.head('1')
    valid.clear()
    valid.add('two')
    expect(await Promise.all(['1', '2', '3'].map(async (tag) => client.head(tag)))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(source.refused).toEqual(['one'])
  })

  test('that refuses new credentials, too, ends the run without a loop', async () => {
    const {client, source, valid} = scene(new Source('one', 'two', 'three'), guard)
    valid.add('one')
    await client.head('1')
    valid.clear()
    expect(await codeOf(client.head('1'))).toBe('login-expired')
    expect(await codeOf(client.head('2'))).toBe('login-expired')
    expect(source.refused).toEqual(['one'])
  })

  test('gets no others in place of credentials that it never accepted', async () => {
    const {client, source} = scene(new Source('one', 'two'), guard)
    expect(await codeOf(client.head('1'))).toBe('login-refused')
    expect(source.refused).toEqual([])
  })

  test('gets no others from a source that has none, with a single request', async () => {
    const {client, source, valid} = scene(new Source('one'), guard)
    valid.add('one')
    await client.head('1')
    valid.clear()
    const code = guard === basicRegistry ? 'pull-denied' : 'login-expired'
    expect(await codeOf(client.head('1'))).toBe(code)
    expect(await codeOf(client.head('2'))).toBe(code)
    expect(source.refused).toEqual(['one'])
  })
})

test.each([
  {name: 'Basic authentication', guard: basicRegistry},
  {name: 'a token server', guard: tokenRegistry},
])('with $name, one of two logins is renewed', async ({guard}) => {
  const sources = {one: new Source('one-1', 'one-2'), two: new Source('two-1', 'two-2')}
  const valid = new Set(['one-1', 'two-1'])
  const http = scriptedHttp((request) => guard(request, valid))
  const clients = testClients(http, {
    login: (_, scope) => scope?.path ?? '',
    credentials: async (_, use) => sources[use?.scope?.path === 'one/app' ? 'one' : 'two'].get(use?.refused),
  })
  const [one, two] = ['one/app', 'two/app'].map((repository) => clients.of('r.example', repository))
  await one?.head('1')
  await two?.head('1')
  valid.delete('one-1')
  valid.add('one-2')
  // The login of the other repository is used last: what is remembered of it does not replace that of this one.
  await two?.head('2')
  expect(await Promise.all([one?.head('2'), two?.head('3')])).toEqual([undefined, undefined])
  expect({one: sources.one.refused, two: sources.two.refused}).toEqual({one: ['one-1'], two: []})
})

test('a denial is not taken for the end of a login: a token server that issues tokens to read, and none to push', async () => {
  const {client, source, valid} = scene(new Source('one', 'two'), (request, known) =>
    request.url.host === 'auth.example' && request.url.search.includes('push')
      ? answer(401)
      : tokenRegistry(request, known),
  )
  valid.add('one').add('two')
  await client.head('1')
  const {digest, bytes} = testBlob(Buffer.from('{}'))
  const content = {digest, bytes, mediaType: 'application/vnd.oci.image.index.v1+json'}
  expect(await codeOf(client.putManifest('1', content))).toBe('login-refused')
  expect(source.refused).toEqual(['one'])
})

test('Amazon ECR states with 403 that a password has expired', async () => {
  const message = 'Your authorization token has expired. Reauthenticate and try again.'
  const {client, used, valid} = scene(new Source('one', 'two'), (request, known) => {
    if (passwordIn(request) === '') return answer(401, basic)
    return known.has(passwordIn(request)) ? answer(404) : answer(403, {}, {errors: [{code: 'DENIED', message}]})
  })
  valid.add('one')
  await client.manifest('1')
  valid.clear()
  valid.add('two')
  expect(await client.manifest('1')).toBeUndefined()
  expect(used).toEqual(['one', 'one', 'two'])
  valid.clear()
  expect(await codeOf(client.manifest('1'))).toBe('login-expired')
})
