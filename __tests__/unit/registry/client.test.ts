import {describe, expect, test} from '@jest/globals'
import type {Http, HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import type {RegistryOptions} from '../../../src/registry/client.ts'
import type {RegistryCredentials} from '../../../src/registry/auth/credentials.ts'
import {scriptedHttp} from '../../../testing/fake-io.ts'
import {
  makeImage,
  makeReferrer,
  memoryRegistry,
  type Fault,
  type MemoryRegistry,
  type MemoryRegistryOptions,
  type RecordedRequest,
} from '../../../testing/memory-registry.ts'
import {bytesOf, randomBlob, testClients, type TestClients} from '../../../testing/registry-client.ts'

const host = 'registry.example'
const users = {mona: 'canary-password'}
const monaLogin: RegistryCredentials = {kind: 'basic', username: 'mona', password: new Secret('canary-password')}

interface Given extends TestClients {
  readonly registry: MemoryRegistry
}

function given(registryOptions: MemoryRegistryOptions, options: Partial<RegistryOptions> = {}): Given {
  const registry = memoryRegistry(registryOptions)
  return {registry, ...testClients(registry.http(), options)}
}

function as(credentials: RegistryCredentials): Partial<RegistryOptions> {
  return {credentials: async () => Promise.resolve(credentials)}
}

async function errorOf(work: Promise<unknown>): Promise<TagboatError> {
  return work.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => {
      if (error instanceof TagboatError) return error
      throw error
    },
  )
}

function asked({registry}: Given): readonly string[] {
  return registry.requests.map(({method, path, query}) => {
    const scopes = query.getAll('scope')
    return [method, path, ...scopes].join(' ')
  })
}

/** The first requests of one method, and part of the path, go wrong in turn. */
function faults(
  method: string,
  part: string,
  script: readonly (Fault | undefined)[],
): NonNullable<MemoryRegistryOptions['fault']> {
  const left = [...script]
  return (request) => (request.method === method && request.path.includes(part) ? left.shift() : undefined)
}

const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'answer',
  status,
  headers,
})

describe('tokens', () => {
  const bearer = {kind: 'bearer', users, identityTokens: {'canary-refresh': 'mona'}} as const

  test('one for concurrent requests, and one ping', async () => {
    const one = given({auth: bearer}, as(monaLogin))
    one.registry.putImage('o/app', {tag: '1'})
    const client = one.of(host, 'o/app')
    await Promise.all(['1', '1', '1', '2'].map(async (tag) => client.head(tag)))
    expect(asked(one).slice(0, 2)).toEqual(['GET /v2/', expect.stringMatching(/^GET \/\S+ repository:o\/app:pull$/)])
    expect(asked(one)).toHaveLength(7)
  })

  test('a token for pushes is used for reads', async () => {
    const one = given({auth: bearer}, as(monaLogin))
    const image = one.registry.putImage('o/app', {tag: '1'})
    const client = one.of(host, 'o/app')
    const {digest, mediaType, bytes} = image
    await client.putManifest('2', {digest, mediaType, bytes: Buffer.from(bytes)})
    await client.head('2')
    expect(asked(one).filter((line) => line.includes('repository:'))).toHaveLength(1)
  })

  test('where a run pushes to, reading asks for all at once', async () => {
    const pushedTo = [{host, path: 'o/app'}]
    const one = given({auth: bearer}, {...as(monaLogin), pushedTo})
    await one.of(host, 'o/app').head('1')
    await one
      .of(host, 'o/app')
      .uploadBlob(randomBlob(3), randomBlob(3).open)
      .catch(() => undefined)
    await one.of(host, 'o/other').head('1')
    expect(asked(one).filter((line) => line.includes('repository:'))).toEqual([
      expect.stringMatching(/ repository:o\/app:pull,push$/),
      expect.stringMatching(/ repository:o\/other:pull$/),
    ])
  })

  test('a mount asks for both repositories in one', async () => {
    const one = given({auth: bearer}, as(monaLogin))
    await one.of(host, 'o/to').mountBlob(randomBlob(3), {host, path: 'o/from'})
    expect(asked(one)[1]).toMatch(/ repository:o\/to:pull,push repository:o\/from:pull$/)
  })

  test.each([
    {name: 'while it is good', minutes: 4, fetched: 1},
    {name: 'before its end', minutes: 4.9, fetched: 2},
  ])('one is used $name', async ({minutes, fetched}) => {
    let time = Date.parse('2026-01-02T03:00:00Z')
    const now = (): Date => new Date(time)
    const timer = {sleep: async () => Promise.resolve(), random: () => 0, now}
    const one = given({auth: {...bearer, now: () => time}}, {...as(monaLogin), timer})
    const client = one.of(host, 'o/app')
    await client.head('1')
    time += minutes * 60_000
    await client.head('1')
    expect(asked(one).filter((line) => line.includes('repository:'))).toHaveLength(fetched)
    expect(one.registry.requests.filter(({status, path}) => status === 401 && path !== '/v2/')).toEqual([])
  })

  test('one that ended too soon is renewed once, by all who meet with it', async () => {
    let time = Date.parse('2026-01-02T03:00:00Z')
    const one = given({auth: {...bearer, now: () => time}}, as(monaLogin))
    one.registry.putImage('o/app', {tag: '1'})
    const client = one.of(host, 'o/app')
    await client.head('1')
    time += 3_600_000
    const heads = await Promise.all([client.head('1'), client.head('1'), client.head('1')])
    expect(heads.every((head) => head !== undefined)).toBe(true)
    expect(asked(one).filter((line) => line.includes('repository:'))).toHaveLength(2)
    expect(one.waits).toEqual([])
  })

  test.each([
    {
      name: 'an identity token',
      credentials: {kind: 'identity-token', token: new Secret('canary-refresh')},
      method: 'POST',
    },
    {name: 'a password', credentials: monaLogin, method: 'GET'},
    {name: 'anonymous', credentials: undefined, method: 'GET'},
  ] as const)('are asked for by $name', async ({credentials, method}) => {
    const allows = (): readonly ['pull'] => ['pull']
    const one = given({auth: {...bearer, allows}}, credentials === undefined ? {} : as(credentials))
    one.registry.putImage('o/app', {tag: '1'})
    expect(await one.of(host, 'o/app').head('1')).toBeDefined()
    expect(one.registry.requests[1]?.method).toBe(method)
  })

  test('a registry token of the configuration is sent unchanged', async () => {
    const one = given({auth: bearer}, as({kind: 'bearer', token: new Secret('canary-token')}))
    const error = await errorOf(one.of(host, 'o/app').head('1'))
    expect(error.code).toBe('pull-denied')
    expect(one.registry.requests.map(({headers}) => headers['authorization'])).toEqual([
      undefined,
      'Bearer canary-token',
    ])
  })

  test.each([
    {name: 'a wrong password', credentials: {...monaLogin, password: new Secret('canary-wrong')}},
    {name: 'a wrong identity token', credentials: {kind: 'identity-token', token: new Secret('canary-wrong')}},
  ] as const)('$name is reported at once, without quoting it', async ({credentials}) => {
    const one = given({auth: bearer}, as(credentials))
    const error = await errorOf(one.of(host, 'o/app').head('1'))
    expect(error.code).toBe('login-refused')
    expect(JSON.stringify([error.message, error.evidence])).not.toContain('canary')
    expect(one.waits).toEqual([])
  })

  test.each([
    {status: 401, access: 'pull', expected: 'pull-denied'},
    {status: 403, access: 'pull', expected: 'pull-denied'},
    {status: 401, access: 'push', expected: 'push-denied'},
    {status: 403, access: 'push', expected: 'push-denied'},
  ] as const)('a token that is not enough, $status: $expected', async ({status, access, expected}) => {
    const allows = (): readonly ['pull'] | readonly [] => (access === 'push' ? ['pull'] : [])
    const one = given({auth: {...bearer, allows, deniedStatus: status}}, as(monaLogin))
    const {digest, mediaType, bytes} = one.registry.putImage('o/app', {tag: '1'})
    const client = one.of(host, 'o/app')
    const content = {digest, mediaType, bytes: Buffer.from(bytes)}
    const error = await errorOf(access === 'pull' ? client.manifest('1') : client.putManifest('2', content))
    expect(error.code).toBe(expected)
    expect(one.waits).toEqual([])
  })

  test.each([
    {name: 'on this machine', realm: 'http://127.0.0.1:1/token'},
    {name: 'over plain HTTP', realm: 'http://token.example/?canary=1'},
  ])('a token server $name is not asked for a registry elsewhere', async ({realm}) => {
    const headers = {'www-authenticate': `Bearer realm="${realm}"`}
    const http = scriptedHttp(() => ({status: 401, headers, body: Buffer.alloc(0)}))
    const error = await errorOf(testClients(http, as(monaLogin)).of(host, 'a').head('1'))
    expect(error.code).toBe('registry-failed')
    expect(new Set(http.requests.map(({url}) => url.host))).toEqual(new Set([host]))
    expect(error.evidence.join()).not.toContain('canary=1')
  })
})

describe('a registry that never asks for a login', () => {
  const hiding = {kind: 'basic', users, hides: true} as const

  test('reads private content with credentials', async () => {
    const one = given({auth: hiding}, as(monaLogin))
    const {digest} = one.registry.putImage('o/app', {tag: '1.2.3'})
    expect((await one.of(host, 'o/app').head('1.2.3'))?.digest).toBe(digest)
    expect(await one.of(host, 'o/app').tags()).toEqual(['1.2.3'])
    expect(one.registry.requests.map(({headers}) => headers['authorization'] !== undefined)).toEqual([
      false,
      true,
      true,
    ])
  })

  test('refuses a wrong one', async () => {
    const one = given({auth: hiding}, as({...monaLogin, password: new Secret('canary-wrong')}))
    expect((await errorOf(one.of(host, 'o/app').head('1.2.3'))).code).toBe('login-refused')
  })

  test.each([
    {
      name: 'an identity token, which is for the token server',
      credentials: {kind: 'identity-token', token: new Secret('x')},
    },
    {name: 'anonymous', credentials: undefined},
  ] as const)('is not shown $name', async ({credentials}) => {
    const one = given({auth: hiding}, credentials === undefined ? {} : as(credentials))
    one.registry.putImage('o/app', {tag: '1.2.3'})
    expect(await one.of(host, 'o/app').head('1.2.3')).toBeUndefined()
    expect(one.registry.requests.filter(({headers}) => headers['authorization'] !== undefined)).toEqual([])
  })

  test.each([
    {name: 'an insecure host', insecure: true, shown: 0},
    {name: 'another', insecure: false, shown: 1},
  ])('over plain HTTP is shown none unasked: $name', async ({insecure, shown}) => {
    const http = scriptedHttp(({url}) => ({
      status: url.pathname === '/v2/' ? 200 : 404,
      headers: {},
      body: Buffer.alloc(0),
    }))
    await testClients(http, {...as(monaLogin), insecure: () => insecure})
      .of(host, 'o/app')
      .manifest('1')
    expect(http.requests.filter(({headers}) => headers['authorization'] !== undefined)).toHaveLength(shown)
  })
})

describe('retries', () => {
  test.each([
    {name: '429 with Retry-After', fault: answer(429, {'retry-after': '2'}), reason: '429', seconds: 3},
    {name: '503', fault: answer(503), reason: '503', seconds: 1},
    {name: 'a reset', fault: {kind: 'reset'}, reason: 'ECONNRESET', seconds: 1},
    {
      name: 'a reset after the effect',
      fault: {kind: 'reset', when: 'after'},
      reason: 'ECONNRESET',
      seconds: 1,
    },
    {name: 'silence', fault: {kind: 'timeout'}, reason: 'ETIMEDOUT', seconds: 1},
  ] satisfies {name: string; fault: Fault; reason: string; seconds: number}[])(
    'pushes after $name',
    async ({fault, reason, seconds}) => {
      const one = given({fault: faults('PUT', '/manifests/', [fault])})
      const {digest, mediaType, bytes} = one.registry.putImage('o/app')
      await one.of(host, 'o/app').putManifest('1.2.3', {digest, mediaType, bytes: Buffer.from(bytes)})
      expect(one.registry.tagsOf('o/app')).toEqual({'1.2.3': digest})
      expect(one.lines).toEqual([`${host}: PUT manifests/1.2.3 failed (${reason}); attempt 2 of 5 in ${seconds} s`])
    },
  )

  test.each([
    {name: '503', fault: answer(503), code: 'registry-failed', evidence: '503'},
    {name: '429', fault: answer(429), code: 'rate-limited', evidence: '429'},
    {name: 'resets', fault: {kind: 'reset'}, code: 'registry-unreachable', evidence: 'ECONNRESET'},
    {name: 'silence', fault: {kind: 'timeout'}, code: 'registry-unreachable', evidence: 'ETIMEDOUT'},
  ] satisfies {name: string; fault: Fault; code: string; evidence: string}[])(
    'permanent $name is an error after the last attempt',
    async ({fault, code, evidence}) => {
      const one = given({fault: ({method}) => (method === 'HEAD' ? fault : undefined)}, {retries: 2})
      const error = await errorOf(one.of(host, 'o/app').head('1.2.3'))
      expect(error.code).toBe(code)
      expect(error.evidence.join()).toContain(`HEAD https://${host}/v2/o/app/manifests/1.2.3`)
      expect(error.evidence.join()).toContain(evidence)
      expect(one.waits).toEqual([1000, 2000])
    },
  )

  test.each([
    {name: 'the ping', part: '/v2/', method: 'GET', code: 'registry-failed'},
    {name: 'the token server', part: '/token', method: 'GET', code: 'registry-failed'},
  ])('$name that fails for ever', async ({part, code}) => {
    const auth = {kind: 'bearer', users} as const
    const one = given({auth, fault: ({path}) => (path.endsWith(part) ? answer(502) : undefined)}, as(monaLogin))
    const error = await errorOf(one.of(host, 'o/app').head('1'))
    expect(error.code).toBe(code)
    expect(one.waits).toHaveLength(4)
  })

  test('no retries', async () => {
    const one = given({fault: ({method}) => (method === 'HEAD' ? answer(503) : undefined)}, {retries: 0})
    expect((await errorOf(one.of(host, 'o/app').head('1'))).code).toBe('registry-failed')
    expect(one.waits).toEqual([])
  })

  test.each([400, 403, 404, 409, 501])('%s is not tried again', async (status) => {
    const one = given({fault: ({method}) => (method === 'PUT' ? answer(status) : undefined)})
    const {digest, mediaType, bytes} = one.registry.putImage('o/app')
    const client = one.of(host, 'o/app')
    await errorOf(client.putManifest('absent', {digest, mediaType, bytes: Buffer.from(bytes)}))
    expect(one.registry.requests.filter(({method}) => method === 'PUT')).toHaveLength(1)
    expect(one.waits).toEqual([])
  })

  test('a cancelled run ends at once, with its own error', async () => {
    const abort = new AbortController()
    const cancelled = new TagboatError('cancelled')
    const registry = memoryRegistry({fault: ({method}) => (method === 'HEAD' ? {kind: 'hang'} : undefined)})
    const clients = testClients(registry.http({signal: abort.signal}), {signal: abort.signal})
    const head = errorOf(clients.of(host, 'o/app').head('1'))
    await clients.of(host, 'o/app').manifest('1')
    abort.abort(cancelled)
    expect(await head).toBe(cancelled)
    expect(clients.lines).toEqual([])
  })
})

describe('manifests', () => {
  function lying(http: Http, change: (request: HttpRequest, response: HttpResponse) => Partial<HttpResponse>): Http {
    return {
      ...http,
      send: async (request) => {
        const response = await http.send(request)
        return {...response, ...change(request, response)}
      },
    }
  }

  const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
  const image = makeImage({annotations: {note: 'one'}})
  const other = makeImage({annotations: {note: 'other'}})

  function lied(change: (request: HttpRequest, response: HttpResponse) => Partial<HttpResponse>): TestClients {
    const registry = memoryRegistry()
    registry.store('o/app', image, ['1'])
    return testClients(lying(registry.http(), change))
  }

  test('content that was changed on its way is an error', async () => {
    const clients = lied(({method}) => (method === 'GET' ? {body: Buffer.from('{}')} : {}))
    const client = clients.of(host, 'o/app')
    for (const reference of ['1', image.digest]) {
      expect((await errorOf(client.manifest(reference))).code).toBe('content-corrupt')
    }
  })

  test.each([
    {name: 'no digest', stated: 'latest'},
    {name: 'another digest than requested', stated: other.digest},
  ])('a HEAD that states $name', async ({stated}) => {
    const clients = lied((_, {headers}) => ({headers: {...headers, 'docker-content-digest': stated}}))
    expect((await errorOf(clients.of(host, 'o/app').head(image.digest))).code).toBe('content-corrupt')
  })

  test.each([
    {name: 'digest', without: 'docker-content-digest'},
    {name: 'length', without: 'content-length'},
  ])('a HEAD without a $name is answered by GET', async ({without}) => {
    const clients = lied(({method}, {headers}) =>
      method === 'HEAD' ? {headers: {...headers, [without]: undefined}} : {},
    )
    expect(await clients.of(host, 'o/app').head('1')).toEqual({
      digest: image.digest,
      mediaType: image.mediaType,
      sizeBytes: image.bytes.length,
    })
  })

  const ofSha512 = `sha512:${'a'.repeat(128)}`

  test('a digest of another algorithm is as good as none', async () => {
    const clients = lied((_, {headers}) => ({headers: {...headers, 'docker-content-digest': ofSha512}}))
    const client = clients.of(host, 'o/app')
    const {digest, mediaType, bytes} = image
    for (const reference of ['1', digest]) {
      expect(await client.head(reference)).toEqual({digest, mediaType, sizeBytes: bytes.length})
      expect((await client.manifest(reference))?.digest).toBe(digest)
    }
    await client.putManifest('2', {digest, mediaType, bytes: Buffer.from(bytes)})
  })

  test.each([
    {name: 'a type of any JSON', stated: 'application/json', expected: image.mediaType},
    {name: 'none', stated: undefined, expected: image.mediaType},
    {name: 'with a parameter', stated: `${image.mediaType}; charset=utf-8`, expected: image.mediaType},
    {name: 'another type of a manifest', stated: dockerManifest, expected: dockerManifest},
  ])('the type of a manifest whose header states $name', async ({stated, expected}) => {
    const clients = lied((_, {headers}) => ({headers: {...headers, 'content-type': stated}}))
    expect((await clients.of(host, 'o/app').manifest('1'))?.mediaType).toBe(expected)
  })

  test('the type in a manifest has to be one', async () => {
    const bytes = Buffer.from('{"mediaType":"a/b\\r\\nx: y"}')
    const headers = {'content-type': 'application/json'}
    const http = scriptedHttp(() => ({status: 200, headers, body: bytes}))
    expect((await testClients(http).of(host, 'o/app').manifest('1'))?.mediaType).toBe('application/json')
  })

  test('a PUT whose response has another digest is an error', async () => {
    const clients = lied(({method}, {headers}) =>
      method === 'PUT' ? {headers: {...headers, 'docker-content-digest': other.digest}} : {},
    )
    const {digest, mediaType, bytes} = image
    const error = await errorOf(
      clients.of(host, 'o/app').putManifest('2', {digest, mediaType, bytes: Buffer.from(bytes)}),
    )
    expect(error.code).toBe('content-corrupt')
  })

  test('content with a wrong digest is not sent', async () => {
    const one = given({})
    const client = one.of(host, 'o/app')
    const content = {digest: image.digest, mediaType: image.mediaType, bytes: Buffer.from(other.bytes)}
    expect((await errorOf(client.putManifest('1', content))).code).toBe('content-corrupt')
    const right = {...content, digest: other.digest}
    expect((await errorOf(client.putManifest(image.digest, right))).code).toBe('content-corrupt')
    expect(one.registry.requests).toEqual([])
  })

  test('a conflict over a digest is an error, unless the registry has the content', async () => {
    const one = given({fault: ({method}) => (method === 'PUT' ? answer(409) : undefined)})
    const {digest, mediaType, bytes} = one.registry.putImage('o/app')
    const content = {digest, mediaType, bytes: Buffer.from(bytes)}
    await one.of(host, 'o/app').putManifest(digest, content)
    const error = await errorOf(one.of(host, 'o/other').putManifest(digest, content))
    expect(error.code).toBe('registry-failed')
  })

  test('an immutable tag is an error, unless it has the same content', async () => {
    const one = given({immutable: () => true, fault: faults('PUT', '/manifests/2', [{kind: 'reset', when: 'after'}])})
    const held = one.registry.putImage('o/app', {tag: '1', annotations: {note: 'held'}})
    const {digest, mediaType, bytes} = one.registry.putImage('o/app', {annotations: {note: 'new'}})
    const client = one.of(host, 'o/app')
    const content = {digest, mediaType, bytes: Buffer.from(bytes)}
    const error = await errorOf(client.putManifest('1', content))
    expect(error.code).toBe('tag-immutable')
    expect(one.registry.tagsOf('o/app')).toEqual({'1': held.digest})
    await client.putManifest('2', content)
    expect(one.registry.tagsOf('o/app')).toEqual({'1': held.digest, '2': digest})
  })

  test.each<{name: string; script: readonly (Fault | undefined)[]; answers: readonly boolean[]; expected: object}>([
    {name: 'a PUT calls it once', script: [], answers: [true], expected: {sent: 1, result: true}},
    {
      name: 'and again before each retry',
      script: [answer(429), {kind: 'reset', when: 'after'}],
      answers: [true, true, true],
      expected: {sent: 3, result: true},
    },
    {name: 'without it, nothing is sent', script: [], answers: [false], expected: {sent: 0, result: false}},
    {
      name: 'and a retry that has none is not sent',
      script: [answer(503)],
      answers: [true, false],
      expected: {sent: 1, result: false},
    },
  ])('$name', async ({script, answers, expected}) => {
    const one = given({fault: faults('PUT', 'manifests/', script)})
    const {digest, mediaType, bytes} = one.registry.putImage('o/app')
    const left = [...answers]
    const result = await one
      .of(host, 'o/app')
      .putManifest('1', {digest, mediaType, bytes: Buffer.from(bytes)}, async () =>
        Promise.resolve(left.shift() === true),
      )
    const sent = one.registry.requests.filter(({method}) => method === 'PUT').length
    expect({sent, result}).toEqual(expected)
    expect(left).toEqual([])
  })

  test('a 404 of HEAD is confirmed by GET', async () => {
    const one = given({
      fault: ({method, path}) => (method === 'HEAD' && path.includes('manifests') ? answer(404) : undefined),
    })
    const {digest} = one.registry.putImage('o/app', {tag: '1'})
    expect((await one.of(host, 'o/app').head('1'))?.digest).toBe(digest)
    expect(await one.of(host, 'o/app').head('2')).toBeUndefined()
  })

  test('what a digest names is read once', async () => {
    const one = given({})
    const {digest} = one.registry.putImage('o/app')
    const client = one.of(host, 'o/app')
    expect(await client.manifest(digest)).toEqual(await client.manifest(digest))
    expect(asked(one).filter((line) => line.startsWith('GET /v2/o/app'))).toHaveLength(1)
  })

  test('concurrent callers share one read of a digest', async () => {
    const one = given({})
    const {digest} = one.registry.putImage('o/app')
    const client = one.of(host, 'o/app')
    const [first, second] = await Promise.all([client.manifest(digest), client.manifest(digest)])
    expect(first?.digest).toBe(digest)
    expect(second).toEqual(first)
    expect(asked(one).filter((line) => line.startsWith('GET /v2/o/app'))).toHaveLength(1)
  })

  test('a missing manifest is not an error', async () => {
    const one = given({})
    const {digest} = one.registry.putImage('o/app', {tag: '1'})
    const client = one.of(host, 'o/app')
    await client.deleteManifest('1')
    await client.deleteManifest('1')
    await client.deleteManifest(digest)
    expect(one.registry.snapshot()['o/app']?.manifests).not.toContain(digest)
  })
})

describe('tags', () => {
  const many = Array.from({length: 7}, (_, number) => `v${number}`)

  test.each(['absolute', 'relative'] as const)('every page, by %s links', async (locations) => {
    const one = given({locations, pageSize: 3})
    one.registry.putImage('o/app', {tags: many})
    expect(await one.of(host, 'o/app').tags()).toEqual(many)
    expect(one.registry.requests.filter(({path}) => path.endsWith('/tags/list'))).toHaveLength(3)
  })

  test('a failed page is retried, not the whole list', async () => {
    const one = given({pageSize: 3, fault: faults('GET', '/tags/list', [undefined, answer(502)])})
    one.registry.putImage('o/app', {tags: many})
    expect(await one.of(host, 'o/app').tags()).toEqual(many)
    expect(one.registry.requests.filter(({path}) => path.endsWith('/tags/list'))).toHaveLength(4)
  })

  test('none of a missing repository', async () => {
    expect(await given({}).of(host, 'o/app').tags()).toEqual([])
  })

  test.each([401, 403, 405] as const)('a registry that does not list them: %s', async (status) => {
    const one = given({listsTags: status})
    one.registry.putImage('o/app', {tags: many})
    const error = await errorOf(one.of(host, 'o/app').tags())
    expect(error.code).toBe('tags-unlisted')
    expect(error.evidence[0]).toContain(String(status))
  })

  /** A registry with seven tags on three pages, in which the second is another. */
  function bent(second: (response: HttpResponse) => Partial<HttpResponse>): Given {
    const registry = memoryRegistry({pageSize: 3})
    registry.putImage('o/app', {tags: many})
    const http = registry.http()
    let page = 0
    const send = async (request: HttpRequest): Promise<HttpResponse> => {
      const response = await http.send(request)
      const isSecond = request.url.pathname.endsWith('/tags/list') && (page += 1) === 2
      return isSecond ? {...response, ...second(response)} : response
    }
    return {registry, ...testClients({...http, send})}
  }

  const link = (text: string): Readonly<Record<string, string>> => ({link: `<${text}>; rel="next"`})

  test.each([
    {name: 'does not exist', second: () => ({status: 404})},
    {name: 'is a page for people', second: () => ({body: Buffer.from('<html>')})},
    {name: 'is a list of something else', second: () => ({body: Buffer.from('{"tags":{"v1":{}}}')})},
    {name: 'has another type', second: () => ({body: Buffer.from('[]')})},
    {name: 'leads back to itself', second: () => ({headers: link(`/v2/o/app/tags/list?last=v2&n=3`)})},
    {name: 'leads to no address', second: () => ({headers: link('http://[')})},
  ] satisfies {name: string; second: () => Partial<HttpResponse>}[])(
    'a partial list is an error: a later page $name',
    async ({second}) => {
      const error = await errorOf(bent(second).of(host, 'o/app').tags())
      expect(error.code).toBe('tags-unlisted')
      expect(error.evidence[0]).toMatch(/^GET https:\/\/registry\.example\/v2\/o\/app\/tags\/list\?last=v2&n=3: \d/)
    },
  )

  test.each([
    {name: 'plain HTTP', second: () => ({headers: link(`http://${host}/v2/o/app/tags/list?last=v5&n=3`)})},
    {name: 'a name inside', second: () => ({headers: link('http://core:8080/v2/o/app/tags/list?last=v5&n=3')})},
  ])('every page behind a proxy, which the registry knows as $name', async ({second}) => {
    const one = bent(second)
    expect(await one.of(host, 'o/app').tags()).toEqual(many)
    expect(new Set(one.registry.requests.map((request) => request.host))).toEqual(new Set([host]))
  })

  test.each([
    {name: 'null', body: '{"name":"o/app","tags":null}'},
    {name: 'nothing', body: '{"name":"o/app"}'},
  ])('none, written as $name', async ({body}) => {
    const http = scriptedHttp(() => ({status: 200, headers: {}, body: Buffer.from(body)}))
    expect(await testClients(http).of(host, 'o/app').tags()).toEqual([])
  })

  test.each([
    {name: 'a list with all manifests of a large repository', size: 5 * 1024 * 1024, expected: ['v1']},
    {name: 'a list that is longer than any', size: 64 * 1024 * 1024, expected: 'tags-unlisted'},
  ])('$name', async ({size, expected}) => {
    const body = JSON.stringify({manifest: {text: 'x'.repeat(size)}, tags: ['v1']})
    const one = given({fault: faults('GET', '/tags/list', [{kind: 'answer', status: 200, body}])})
    const tags: Promise<unknown> = one.of(host, 'o/app').tags()
    expect(await tags.catch((error: unknown) => (error instanceof TagboatError ? error.code : error))).toEqual(expected)
  })

  test('a list without an end', async () => {
    let page = 0
    const http = scriptedHttp(() => ({status: 200, headers: link(`/v2/x?${(page += 1)}`), body: Buffer.from('{}')}))
    expect((await errorOf(testClients(http).of(host, 'o/app').tags())).code).toBe('tags-unlisted')
  })

  /** Refuses a page of more than `most`, or any page without a number, by its own words. */
  function refusesMoreThan(
    most: number,
    refusal: Fault,
    needsNumber = false,
  ): (request: RecordedRequest) => Fault | undefined {
    return ({path, query}) => {
      if (!path.endsWith('/tags/list')) return undefined
      const size = query.get('n')
      return (size === null ? needsNumber : Number(size) > most) ? refusal : undefined
    }
  }

  const quay: Fault = {
    kind: 'answer',
    status: 413,
    body: '{"errors":[{"code":"TOO_MANY_TAGS_REQUESTED","message":"n: 1000 requested, max is 100"}]}',
  }

  test.each([
    {name: 'Quay', refusal: quay},
    {name: 'the specification', refusal: answer(400)},
    {name: 'another', refusal: answer(422)},
    {name: 'a range', refusal: answer(416)},
    {
      name: 'words for it',
      refusal: {kind: 'answer', status: 404, body: '{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}'},
    },
  ] satisfies {name: string; refusal: Fault}[])(
    'a registry with a smaller limit gets no number, and gives every page: $name',
    async ({refusal}) => {
      const one = given({pageSize: 3, fault: refusesMoreThan(100, refusal)})
      one.registry.putImage('o/app', {tags: many})
      expect(await one.of(host, 'o/app').tags()).toEqual(many)
      expect(one.registry.requests.filter(({path}) => path.endsWith('/tags/list'))).toHaveLength(4)
    },
  )

  test('one that wants a small number gets one', async () => {
    const one = given({pageSize: 3, fault: refusesMoreThan(100, quay, true)})
    one.registry.putImage('o/app', {tags: many})
    expect(await one.of(host, 'o/app').tags()).toEqual(many)
  })

  test('a registry that refuses all page sizes', async () => {
    const one = given({fault: refusesMoreThan(0, quay, true)})
    one.registry.putImage('o/app', {tags: many})
    const error = await errorOf(one.of(host, 'o/app').tags())
    expect(error.code).toBe('tags-unlisted')
    expect(error.evidence).toEqual([
      `GET https://${host}/v2/o/app/tags/list?n=100: 413`,
      'TOO_MANY_TAGS_REQUESTED: n: 1000 requested, max is 100',
    ])
    expect(one.registry.requests.filter(({path}) => path.endsWith('/tags/list'))).toHaveLength(3)
  })

  test.each([
    {name: 'alternates between two pages', next: (page: number) => `/v2/o/app/tags/list?last=${page % 2}`, asked: 3},
    {name: 'ignores `last`', next: (page: number) => `/v2/o/app/tags/list?last=${page}`, asked: 2},
  ])('a list that $name ends', async ({next, asked}) => {
    let page = 0
    const body = Buffer.from('{"tags":["v1"]}')
    const empty = Buffer.from('{"tags":[]}')
    const http = scriptedHttp(({url}) => {
      if (url.pathname === '/v2/') return {status: 200, headers: {}, body}
      page += 1
      return {status: 200, headers: link(next(page)), body: asked === 3 ? empty : body}
    })
    expect((await errorOf(testClients(http).of(host, 'o/app').tags())).code).toBe('tags-unlisted')
    expect(page).toBe(asked)
  })

  test('pages that are too long together are an error', async () => {
    let page = 0
    const body = Buffer.from(JSON.stringify({tags: ['v1'], manifest: 'x'.repeat(20 * 1024 * 1024)}))
    const http = scriptedHttp(({url, maxBytes = 0}) => {
      if (url.pathname === '/v2/') return {status: 200, headers: {}, body: Buffer.from('{}')}
      if (body.length > maxBytes) throw Object.assign(new Error('too long'), {code: 'EMSGSIZE'})
      page += 1
      const tags = Buffer.from(JSON.stringify({tags: [`v${page}`]}))
      const padding = Buffer.alloc(body.length - tags.length, ' ')
      return {status: 200, headers: link(`/v2/x?${page}`), body: Buffer.concat([tags, padding])}
    })
    expect((await errorOf(testClients(http).of(host, 'o/app').tags())).code).toBe('tags-unlisted')
    expect(page).toBe(3)
  })
})

describe('referrers', () => {
  test.each([
    {name: 'by the API', referrers: true},
    {name: 'by the fallback tag', referrers: false},
  ])('$name', async ({referrers}) => {
    const one = given({referrers})
    const image = one.registry.putImage('o/app', {tag: '1'})
    const client = one.of(host, 'o/app')
    expect(await client.referrers(image.digest)).toEqual([])
    const signature = makeReferrer(image, 'application/vnd.example.signature')
    one.registry.store('o/app', signature)
    if (!referrers) {
      const mediaType = 'application/vnd.oci.image.index.v1+json'
      const manifests = [{mediaType: signature.mediaType, digest: signature.digest, size: signature.bytes.length}]
      const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests}))
      await client.putManifest(image.digest.replace(':', '-'), {digest: digestOf(bytes), mediaType, bytes})
    }
    expect((await client.referrers(image.digest)).map(({digest}) => digest)).toEqual([signature.digest])
  })
})

describe('a list of referrers', () => {
  const {digest} = makeImage()
  const page = (next?: string): HttpResponse => ({
    status: 200,
    headers: next === undefined ? {} : {link: `<${next}>; rel="next"`},
    body: Buffer.from(JSON.stringify({manifests: []})),
  })

  test.each([
    {name: 'with an invalid link', next: () => 'http://['},
    {name: 'that is endless', next: (number: number) => `/v2/x?${number}`},
  ])('$name is an error, since signatures would be lost', async ({next}) => {
    let number = 0
    const http = scriptedHttp(() => page(next((number += 1))))
    const error = await errorOf(testClients(http).of(host, 'o/app').referrers(digest))
    expect(error.code).toBe('registry-failed')
  })

  test('includes referrers that the registry has just accepted', async () => {
    const registry = memoryRegistry()
    const image = registry.putImage('o/app', {tag: '1'})
    const signature = makeReferrer(image, 'application/vnd.example.signature')
    for (const bytes of signature.blobs.values())
      registry.endpoint.core.store.repositories.get('o/app')?.blobs.set(digestOf(bytes), bytes)
    const http = registry.http()
    const late = async (request: HttpRequest): Promise<HttpResponse> =>
      request.url.pathname.includes('/referrers/') ? page() : http.send(request)
    const client = testClients({...http, send: late}).of(host, 'o/app')
    expect(await client.referrers(image.digest)).toEqual([])
    await client.putManifest(signature.digest, signature)
    expect((await client.referrers(image.digest)).map((one) => one.digest)).toEqual([signature.digest])
  })
})

describe('where a registry answers', () => {
  const nothing = {status: 404, headers: {}, body: Buffer.alloc(0)}

  function answering(speaks: 'http' | 'https', error: Error | 400): ReturnType<typeof scriptedHttp> {
    return scriptedHttp(({url}) => {
      if (url.protocol === `${speaks}:`) return nothing
      if (error === 400) return {...nothing, status: 400}
      throw error
    })
  }

  const wrongVersion = Object.assign(new Error('wrong version'), {code: 'EPROTO'})
  const hangUp = Object.assign(new Error('hang up'), {code: 'ECONNRESET'})

  test.each([
    {name: 'elsewhere', at: 'r.example', speaks: 'https', error: wrongVersion, expected: ['https']},
    {name: 'this machine', at: 'localhost:5000', speaks: 'http', error: wrongVersion, expected: ['http']},
    {name: 'this machine with TLS', at: 'localhost:5000', speaks: 'https', error: 400, expected: ['http', 'https']},
    {name: 'the same, less polite', at: '[::1]:5000', speaks: 'https', error: hangUp, expected: ['http', 'https']},
    {
      name: 'an insecure host',
      at: 'insecure.example',
      speaks: 'http',
      error: wrongVersion,
      expected: ['https', 'http'],
    },
    {
      name: 'an insecure host with TLS',
      at: 'insecure.example',
      speaks: 'https',
      error: wrongVersion,
      expected: ['https'],
    },
    {name: 'a name with that prefix', at: 'localhost.example', speaks: 'https', error: hangUp, expected: ['https']},
  ] as const)('$name', async ({at, speaks, error, expected}) => {
    const http = answering(speaks, error)
    const clients = testClients(http, {insecure: (name) => name === 'insecure.example'})
    const client = clients.of(at, 'o/app')
    await client.manifest('1')
    await client.manifest('2')
    expect(http.requests.map(({url}) => url.href)).toEqual([
      ...expected.map((scheme) => `${scheme}://${at}/v2/`),
      `${speaks}://${at}/v2/o/app/manifests/1`,
      `${speaks}://${at}/v2/o/app/manifests/2`,
    ])
    expect(http.requests.every(({tls}) => tls === undefined || tls.unverified === true)).toBe(true)
    expect(clients.lines).toEqual([])
  })

  test('plain HTTP is never tried elsewhere', async () => {
    const http = answering('http', wrongVersion)
    expect((await errorOf(testClients(http, {retries: 1}).of('r.example', 'a').head('1'))).code).toBe(
      'registry-unreachable',
    )
    expect(new Set(http.requests.map(({url}) => url.protocol))).toEqual(new Set(['https:']))
  })

  test('an untrusted certificate does not cause plain HTTP', async () => {
    const untrusted = Object.assign(new Error('self-signed'), {code: 'DEPTH_ZERO_SELF_SIGNED_CERT'})
    const http = answering('http', untrusted)
    const tls = async (): Promise<{ca: string[]}> => Promise.resolve({ca: ['PEM']})
    const clients = testClients(http, {insecure: () => true, tls})
    expect((await errorOf(clients.of('r.example', 'a').head('1'))).evidence.join()).toContain('self-signed')
    expect(http.requests).toHaveLength(1)
  })

  test('Docker Hub, under each of its names', async () => {
    const http = answering('https', wrongVersion)
    await testClients(http).of('docker.io', 'library/app').manifest('1')
    expect(http.requests.map(({url}) => url.href)).toEqual([
      'https://registry-1.docker.io/v2/',
      'https://registry-1.docker.io/v2/library/app/manifests/1',
    ])
  })

  test('one client for one repository', () => {
    const clients = testClients(answering('https', wrongVersion))
    expect(clients.of('ghcr.io', 'o/app')).toBe(clients.of('ghcr.io', 'o/app'))
    expect(clients.of('ghcr.io', 'o/app')).not.toBe(clients.of('ghcr.io', 'o/other'))
  })

  test('certificates of a host go with each request to it', async () => {
    const http = answering('https', wrongVersion)
    const tls = {ca: ['PEM']}
    await testClients(http, {tls: async () => Promise.resolve(tls)})
      .of('r.example', 'a')
      .manifest('1')
    expect(http.requests.map((request) => request.tls)).toEqual([tls, tls])
  })
})

describe('together', () => {
  test('thirty-two requests to one host, and uploads that read from it', async () => {
    const one = given({schedule: async () => new Promise((resolve) => setImmediate(resolve))})
    const from = one.of(host, 'o/from')
    const to = one.of(host, 'o/to')
    const blobs = Array.from({length: 30}, () => randomBlob(100))
    await Promise.all(blobs.map(async (blob) => from.uploadBlob(blob, blob.open)))
    await Promise.all(blobs.map(async (blob) => to.uploadBlob(blob, () => from.readBlob(blob))))
    for (const blob of blobs) expect(one.registry.blob('o/to', blob.digest)?.equals(blob.bytes)).toBe(true)
    await Promise.all(Array.from({length: 100}, async (_, number) => to.head(`v${number}`)))
    expect(one.registry.maxConcurrent()).toBeLessThanOrEqual(38)
    expect(one.registry.maxConcurrent()).toBeGreaterThan(16)
    expect((await bytesOf(to.readBlob(blobs[0] ?? randomBlob(1)))).length).toBe(100)
  })
})
