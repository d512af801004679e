import {describe, expect, test} from '@jest/globals'
import type {Http, HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import {digestOf, type Digest} from '../../../src/oci/digest.ts'
import {
  makeImage,
  makeReferrer,
  memoryNetwork,
  memoryRegistry,
  type Fault,
  type MemoryRegistryOptions,
} from '../../../testing/memory-registry.ts'
import {rawRequest} from '../../../testing/raw-http.ts'
import fc from '../../../testing/properties.ts'

const origin = 'https://registry.example'
const ociIndex = 'application/vnd.oci.image.index.v1+json'
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const accept = `${ociIndex}, ${ociManifest}`

type Asked = Partial<Omit<HttpRequest, 'url'>> & {readonly path: string}

async function ask(http: Http, {path, method = 'GET', headers = {}, ...rest}: Asked): Promise<HttpResponse> {
  return http.send({method, url: new URL(path, origin), headers, ...rest})
}

function parsed({body}: HttpResponse): unknown {
  return JSON.parse(body.toString())
}

function codes(response: HttpResponse): readonly string[] {
  return (parsed(response) as {readonly errors: readonly {readonly code: string}[]}).errors.map(({code}) => code)
}

async function putTag(
  http: Http,
  tag: string,
  image: {readonly mediaType: string; readonly bytes: Buffer},
): Promise<HttpResponse> {
  return ask(http, {
    method: 'PUT',
    path: `/v2/app/manifests/${tag}`,
    headers: {'content-type': image.mediaType},
    body: image.bytes,
  })
}

describe('features that the real registry of the tests lacks', () => {
  test.each([
    {name: 'whole addresses', options: {}, prefix: origin},
    {name: 'paths', options: {locations: 'relative'}, prefix: ''},
  ] as const)('tags come in pages, linked by $name', async ({options, prefix}) => {
    const registry = memoryRegistry({...options, pageSize: 2})
    registry.putImage('app', {tags: ['1.10', '1.9', 'latest', '1.0', 'B']})
    const http = registry.http()
    const first = await ask(http, {path: '/v2/app/tags/list'})
    expect(parsed(first)).toEqual({name: 'app', tags: ['1.0', '1.10']})
    expect(first.headers['link']).toBe(`<${prefix}/v2/app/tags/list?last=1.10&n=2>; rel="next"`)
    const last = await ask(http, {path: '/v2/app/tags/list?last=B&n=5'})
    expect(parsed(last)).toEqual({name: 'app', tags: ['latest']})
    expect(last.headers['link']).toBeUndefined()
  })

  test.each([
    {listsTags: false, status: 405},
    {listsTags: 401, status: 401},
    {listsTags: 403, status: 403},
    {listsTags: 404, status: 404},
    {listsTags: 405, status: 405},
  ] as const)('tags that are not listed: $listsTags', async ({listsTags, status}) => {
    const registry = memoryRegistry({listsTags})
    registry.putImage('app', {tag: '1.0'})
    expect((await ask(registry.http(), {path: '/v2/app/tags/list'})).status).toBe(status)
    expect((await ask(registry.http(), {path: '/v2/app/manifests/1.0', headers: {accept}})).status).toBe(200)
  })

  test('referrers of a manifest are listed, also by artifact type', async () => {
    const registry = memoryRegistry()
    const image = registry.putImage('app', {tag: '1.0'})
    const signature = makeReferrer(image, 'application/vnd.example.signature')
    const sbom = makeReferrer(image, 'application/vnd.example.sbom')
    registry.store('app', signature)
    const http = registry.http()
    for (const bytes of sbom.blobs.values()) {
      const path = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`
      await ask(http, {method: 'POST', path, body: bytes})
    }
    expect((await putTag(http, sbom.digest, sbom)).headers['oci-subject']).toBe(image.digest)
    const list = async (query: string): Promise<readonly (readonly [Digest, string])[]> => {
      const answer = await ask(http, {path: `/v2/app/referrers/${image.digest}${query}`})
      expect(answer.headers['content-type']).toBe(ociIndex)
      const {manifests} = parsed(answer) as {readonly manifests: readonly {digest: Digest; artifactType: string}[]}
      return manifests.map(({digest, artifactType}) => [digest, artifactType])
    }
    expect(await list('')).toEqual([
      [signature.digest, 'application/vnd.example.signature'],
      [sbom.digest, 'application/vnd.example.sbom'],
    ])
    expect(await list('?artifactType=application/vnd.example.sbom')).toHaveLength(1)
    expect(parsed(await ask(http, {path: `/v2/none/referrers/${image.digest}`}))).toMatchObject({manifests: []})
  })

  test('a deleted tag leaves its manifest', async () => {
    const registry = memoryRegistry()
    const image = registry.putImage('app', {tags: ['1.0', 'latest']})
    expect((await ask(registry.http(), {method: 'DELETE', path: '/v2/app/manifests/latest'})).status).toBe(202)
    expect(registry.snapshot()['app']).toMatchObject({tags: {'1.0': image.digest}, manifests: [image.digest]})
  })

  test('chunks must be consecutive', async () => {
    const registry = memoryRegistry({minimumChunkBytes: 4})
    const http = registry.http()
    const begun = await ask(http, {method: 'POST', path: '/v2/app/blobs/uploads/'})
    expect(begun.headers['oci-chunk-min-length']).toBe('4')
    const path = begun.headers['location'] ?? ''
    const chunk = async (range: string, text: string): Promise<readonly unknown[]> => {
      const request = {method: 'PATCH', path, headers: {'content-range': range}, body: Buffer.from(text)} as const
      const {status, headers} = await ask(http, request)
      return [status, headers['range']]
    }
    expect(await chunk('0-4', 'hello')).toEqual([202, '0-4'])
    expect(await chunk('0-4', 'hello')).toEqual([416, '0-4'])
    expect(await chunk('9-10', ', ')).toEqual([416, '0-4'])
    expect(await chunk('5-6', ', ')).toEqual([202, '0-6'])
    expect(await chunk('7-11', 'world')).toEqual([400, undefined])
    const digest = digestOf(Buffer.from('hello, '))
    expect((await ask(http, {method: 'PUT', path: `${path}&digest=${digest}`})).status).toBe(201)
    expect(registry.blob('app', digest)?.toString()).toBe('hello, ')
  })
})

describe('switches', () => {
  test.each([
    {name: 'not even the current', options: {}, same: 400},
    {name: 'only the current', options: {immutableAcceptsSame: true}, same: 201},
  ])('an immutable tag accepts $name content', async ({options, same}) => {
    const registry = memoryRegistry({...options, immutable: (_, tag) => tag !== 'latest'})
    const old = registry.putImage('app', {tags: ['1.0', 'latest'], text: 'old'})
    const other = registry.putImage('app', {text: 'other'})
    const http = registry.http({name: 'one'})
    expect((await putTag(http, '1.0', old)).status).toBe(same)
    const refused = await putTag(http, '1.0', other)
    expect(refused.status).toBe(400)
    expect(codes(refused)).toEqual(['TAG_INVALID'])
    expect((await putTag(http, 'latest', other)).status).toBe(201)
    expect((await putTag(http, '1.1', other)).status).toBe(201)
    expect((await ask(http, {method: 'DELETE', path: '/v2/app/manifests/1.0'})).status).toBe(403)
    expect(registry.tagsOf('app')).toEqual({'1.0': old.digest, '1.1': other.digest, latest: other.digest})
    expect(registry.moves.filter(({client, tag}) => client === 'one' && tag !== '1.0')).toEqual([
      {client: 'one', repository: 'app', tag: 'latest', from: old.digest, to: other.digest},
      {client: 'one', repository: 'app', tag: '1.1', from: undefined, to: other.digest},
    ])
  })

  test('blobs can be in a storage that accepts only signed addresses', async () => {
    const registry = memoryRegistry({blobOrigin: 'https://cdn.example'})
    const image = registry.putImage('app')
    const [[digest, bytes] = []] = [...image.blobs]
    const http = registry.http()
    const led = await ask(http, {path: `/v2/app/blobs/${digest ?? ''}`, headers: {authorization: 'Basic x'}})
    expect(led.status).toBe(307)
    expect(new URL(led.headers['location'] ?? '').origin).toBe('https://cdn.example')
    const signed = led.headers['location'] ?? ''
    expect((await ask(http, {path: signed})).body).toEqual(bytes)
    expect((await ask(http, {path: signed, headers: {authorization: 'Basic x'}})).status).toBe(400)
    expect((await ask(http, {path: signed.replace(/signature=./, 'signature=z')})).status).toBe(403)
  })

  test('a mount can be refused', async () => {
    const registry = memoryRegistry({mounts: false})
    const [digest] = registry.putImage('from').blobs.keys()
    const path = `/v2/app/blobs/uploads/?mount=${digest ?? ''}&from=from`
    expect((await ask(registry.http(), {method: 'POST', path})).status).toBe(202)
  })

  test('a body can be too large', async () => {
    const registry = memoryRegistry({maxBodyBytes: 3})
    const path = `/v2/app/blobs/uploads/?digest=${digestOf(Buffer.from('four'))}`
    expect((await ask(registry.http(), {method: 'POST', path, body: Buffer.from('four')})).status).toBe(413)
  })

  test.each([
    {name: 'plain HTTP for another machine', url: `http://registry.example/v2/`, expected: 400},
    {name: 'TLS for this machine', url: 'https://127.0.0.1:5000/v2/', expected: 'EPROTO'},
    {name: 'an unknown host', url: 'https://nowhere.example/v2/', expected: 'ENOTFOUND'},
    {name: 'plain HTTP for this machine', url: 'http://127.0.0.1:5000/v2/', expected: 200},
  ])('$name', async ({url, expected}) => {
    const http = memoryNetwork([memoryRegistry(), memoryRegistry({host: '127.0.0.1:5000'})])
    const sent = http.send({method: 'GET', url: new URL(url), headers: {}})
    expect(
      await sent.then(
        ({status}) => status,
        (error: unknown) => (error as {code: string}).code,
      ),
    ).toBe(expected)
  })
})

describe('authentication', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

  test('a password', async () => {
    const http = memoryRegistry({auth: {kind: 'basic', users: {me: 'pass:word'}}}).http()
    const refused = await ask(http, {path: '/v2/'})
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toBe('Basic realm="tagboat"')
    expect((await ask(http, {path: '/v2/', headers: {authorization: basic('me:pass:word')}})).status).toBe(200)
    expect((await ask(http, {path: '/v2/', headers: {authorization: basic('me:word')}})).status).toBe(401)
  })

  let time = 0
  const bearer = (changes: object = {}): MemoryRegistryOptions => ({
    auth: {
      kind: 'bearer',
      users: {me: 'secret'},
      identityTokens: {refresh: 'me'},
      lifetimeSeconds: 60,
      now: () => time,
      ...changes,
    },
  })
  const token = async (http: Http, scope: string, header?: string): Promise<HttpResponse> => {
    const url = new URL(`https://auth.registry.example/token?service=registry.example&scope=${scope}`)
    return http.send({method: 'GET', url, headers: header === undefined ? {} : {authorization: header}})
  }
  const tokenOf = (response: HttpResponse): string => (parsed(response) as {readonly access_token: string}).access_token
  const reading = (bearerToken: string, repository = 'app'): Asked => ({
    path: `/v2/${repository}/manifests/1.0`,
    headers: {accept, authorization: `Bearer ${bearerToken}`},
  })

  test('a token is valid for its scope until it expires', async () => {
    time = 0
    const registry = memoryRegistry(bearer())
    registry.putImage('app', {tag: '1.0'})
    const http = registry.http()
    const refused = await ask(http, {path: '/v2/app/manifests/1.0'})
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="https://auth.registry.example/token",service="registry.example",scope="repository:app:pull"',
    )
    expect((await token(http, 'repository:app:pull', basic('me:wrong'))).status).toBe(401)
    const issued = await token(http, 'repository:app:pull', basic('me:secret'))
    expect(parsed(issued)).toMatchObject({expires_in: 60, issued_at: '1970-01-01T00:00:00.000Z'})
    expect((await ask(http, reading(tokenOf(issued)))).status).toBe(200)
    const other = await ask(http, reading(tokenOf(issued), 'other'))
    expect(other.status).toBe(401)
    expect(other.headers['www-authenticate']).toEqual(
      expect.stringContaining('scope="repository:other:pull",error="insufficient_scope"'),
    )
    time = 60_000
    const late = await ask(http, reading(tokenOf(issued)))
    expect(late.status).toBe(401)
    expect(late.headers['www-authenticate']).toEqual(expect.stringContaining('invalid_token'))
  })

  test('a mount requires read access', async () => {
    const http = memoryRegistry(bearer()).http()
    const path = `/v2/app/blobs/uploads/?mount=${digestOf(Buffer.alloc(0))}&from=from`
    const {headers} = await ask(http, {method: 'POST', path})
    expect(headers['www-authenticate']).toContain('scope="repository:app:pull,push repository:from:pull"')
  })

  test('an identity token is exchanged by POST', async () => {
    const registry = memoryRegistry(bearer())
    registry.putImage('app', {tag: '1.0'})
    const http = registry.http()
    const exchanged = async (refresh: string): Promise<HttpResponse> => {
      const form = {
        grant_type: 'refresh_token',
        refresh_token: refresh,
        service: 'registry.example',
        scope: 'repository:app:pull',
      }
      const body = Buffer.from(new URLSearchParams(form).toString())
      return http.send({method: 'POST', url: new URL('https://auth.registry.example/token'), headers: {}, body})
    }
    expect((await exchanged('wrong')).status).toBe(401)
    expect((await ask(http, reading(tokenOf(await exchanged('refresh'))))).status).toBe(200)
  })

  test('an anonymous client may do what the registry allows', async () => {
    const allows = (user: string | undefined): readonly 'pull'[] => (user === undefined ? ['pull'] : [])
    const registry = memoryRegistry(bearer({allows, deniedStatus: 403}))
    registry.putImage('app', {tag: '1.0'})
    const http = registry.http()
    const authorization = `Bearer ${tokenOf(await token(http, 'repository:app:pull,push'))}`
    expect((await ask(http, {path: '/v2/app/manifests/1.0', headers: {accept, authorization}})).status).toBe(200)
    const denied = await ask(http, {method: 'POST', path: '/v2/app/blobs/uploads/', headers: {authorization}})
    expect(denied.status).toBe(403)
    expect(codes(denied)).toEqual(['DENIED'])
  })
})

describe('faults', () => {
  const image = makeImage({text: 'a fault'})
  const put = async (
    fault: Fault,
    signal?: AbortSignal,
  ): Promise<{readonly answer: unknown; readonly took: boolean}> => {
    const registry = memoryRegistry({fault: (_, count) => (count === 1 ? fault : undefined)})
    registry.store('app', image)
    const http = registry.http(signal === undefined ? {} : {signal})
    const answer = await putTag(http, '1.0', image).then(({status}) => status, String)
    return {answer, took: '1.0' in registry.tagsOf('app')}
  }

  test.each<{name: string; fault: Fault; answer: unknown; took: boolean}>([
    {name: 'an answer before', fault: {kind: 'answer', status: 503}, answer: 503, took: false},
    {name: 'an answer after', fault: {kind: 'answer', status: 500, when: 'after'}, answer: 500, took: true},
    {name: 'a reset before', fault: {kind: 'reset'}, answer: 'Error: socket hang up', took: false},
    {name: 'a reset after', fault: {kind: 'reset', when: 'after'}, answer: 'Error: socket hang up', took: true},
    {name: 'a time-out before', fault: {kind: 'timeout'}, answer: 'Error: no answer in 15 s', took: false},
    {name: 'a time-out after', fault: {kind: 'timeout', when: 'after'}, answer: 'Error: no answer in 15 s', took: true},
  ])('$name', async ({fault, answer, took}) => {
    expect(await put(fault)).toEqual({answer, took})
  })

  test.each([
    {when: 'before', took: false},
    {when: 'after', took: true},
  ] as const)('a hang $when the effect ends with the signal', async ({when, took}) => {
    const controller = new AbortController()
    const ended = put({kind: 'hang', when}, controller.signal)
    setImmediate(() => {
      controller.abort(new Error('cancelled'))
    })
    expect(await ended).toEqual({answer: 'Error: cancelled', took})
  })

  const read = async (fault: Fault): Promise<string> => {
    const registry = memoryRegistry({fault: () => fault})
    registry.store('app', image, ['1.0'])
    return ask(registry.http(), {path: '/v2/app/manifests/1.0', headers: {accept}}).then(
      ({body, headers}) => `${body.equals(image.bytes) ? 'whole' : body.length} of ${headers['content-length'] ?? '?'}`,
      String,
    )
  }

  test.each<{name: string; fault: Fault; expected: string}>([
    {name: 'a broken body', fault: {kind: 'broken-body', bytes: 7}, expected: 'Error: aborted'},
    {name: 'a cut body', fault: {kind: 'cut-body', bytes: 7}, expected: '7 of ?'},
    {
      name: 'a corrupt body',
      fault: {kind: 'corrupt-body'},
      expected: `${image.bytes.length} of ${image.bytes.length}`,
    },
  ])('$name', async ({fault, expected}) => {
    expect(await read(fault)).toBe(expected)
  })

  test('depend on the request and its count', async () => {
    const seen: string[] = []
    const registry = memoryRegistry({
      fault: ({number, client, method, path}, count) => {
        seen.push(`${number} ${client} ${method} ${path} ${count}`)
        return undefined
      },
    })
    const http = registry.http({name: 'one'})
    for (const path of ['/v2/', '/v2/app/tags/list', '/v2/']) await ask(http, {path})
    expect(seen).toEqual(['1 one GET /v2/ 1', '2 one GET /v2/app/tags/list 1', '3 one GET /v2/ 2'])
    expect(registry.requests.map(({status}) => status)).toEqual([200, 404, 200])
  })

  test('a body with a wrong length has no effect', async () => {
    const registry = memoryRegistry()
    const body = Buffer.from('four')
    const path = `/v2/app/blobs/uploads/?digest=${digestOf(body)}`
    const sent = ask(registry.http(), {method: 'POST', path, headers: {'content-length': '5'}, body})
    await expect(sent).rejects.toThrow('content-length 5')
    expect(registry.snapshot()).toEqual({})
  })
})

test('the scheduler decides the order of effects, which is that of the history', async () => {
  const orders = new Set<string>()
  const one = makeImage({text: 'one'})
  const two = makeImage({text: 'two'})
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const registry = memoryRegistry({schedule: async (label) => scheduler.schedule(Promise.resolve(), label)})
      registry.store('app', one)
      registry.store('app', two)
      const puts = [
        putTag(registry.http({name: 'one'}), 'latest', one),
        putTag(registry.http({name: 'two'}), 'latest', two),
      ]
      await scheduler.waitFor(Promise.all(puts))
      const last = registry.moves.at(-1)
      expect(registry.tagsOf('app')).toEqual({latest: last?.to})
      expect(registry.moves.map(({from}) => from)).toEqual([undefined, registry.moves[0]?.to])
      expect(registry.maxConcurrent()).toBe(2)
      orders.add(registry.moves.map(({client}) => client).join(' '))
    }),
    {seed: 1, numRuns: 30},
  )
  expect(orders).toEqual(new Set(['one two', 'two one']))
})

test('it can be served on sockets', async () => {
  const registry = memoryRegistry({
    auth: {kind: 'bearer', users: {me: 'secret'}},
    fault: (_, count) => (count === 2 ? {kind: 'reset'} : undefined),
  })
  registry.putImage('app', {tag: '1.0'})
  await using served = await registry.serve()
  const refused = await rawRequest(served.host, {method: 'GET', path: '/v2/app/tags/list'})
  expect(refused.header('www-authenticate')).toContain(`realm="http://${served.host}/token"`)
  await expect(rawRequest(served.host, {method: 'GET', path: '/v2/app/tags/list'})).rejects.toThrow('socket hang up')
  const path = '/token?scope=repository:app:pull'
  const headers = {authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`}
  const {token} = JSON.parse((await rawRequest(served.host, {method: 'GET', path, headers})).text) as {token: string}
  const authorization = `Bearer ${token}`
  const listed = await rawRequest(served.host, {method: 'GET', path: '/v2/app/tags/list', headers: {authorization}})
  expect(listed.text).toBe('{"name":"app","tags":["1.0"]}\n')
})

test('an image is valid: every descriptor refers to existing content', () => {
  const image = makeImage({
    platforms: ['linux/amd64', 'linux/arm/v7'],
    attestations: true,
    annotations: {'org.opencontainers.image.revision': 'abc'},
    labels: {a: 'b'},
  })
  const kept = new Map([...image.blobs, ...image.manifests.map(({digest, bytes}) => [digest, bytes] as const)])
  for (const [digest, bytes] of kept) expect(digestOf(bytes)).toBe(digest)
  const descriptors = image.manifests.flatMap(({bytes}) => {
    const {
      config,
      layers = [],
      manifests = [],
    } = JSON.parse(bytes.toString()) as Record<string, Descriptor[]> & {config?: Descriptor}
    return [...(config === undefined ? [] : [config]), ...layers, ...manifests]
  })
  expect(descriptors).toHaveLength(4 * 2 + 4)
  for (const {digest, size} of descriptors) expect(kept.get(digest)?.length).toBe(size)
  expect([...image.platforms.keys()]).toEqual(['linux/amd64', 'linux/arm/v7'])
  expect(image.digest).toBe(image.manifests.at(-1)?.digest)
})

interface Descriptor {
  readonly digest: Digest
  readonly size: number
}
