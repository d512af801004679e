import {createHash} from 'node:crypto'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {describe, expect, test} from '@jest/globals'
import type {DockerAuth} from '../../../src/credentials/docker-config.ts'
import {httpClient} from '../../../src/edge/http.ts'
import type {Repository} from '../../../src/oci/reference.ts'
import {registryReader, type Content} from '../../../src/registry/reader.ts'
import {scriptedHttp} from '../../support/fake-edges.ts'
import {loopback, type Loopback} from '../../support/loopback.ts'

const text = '{"schemaVersion":2,"manifests":[]}'
const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
const mona = {username: 'mona', password: 's3cret:with colon'}
const basic = `Basic ${Buffer.from('mona:s3cret:with colon').toString('base64')}`

interface Seen {
  readonly path: string
  readonly authorization: string | undefined
  readonly accept: string | undefined
}

interface Registry extends Loopback {
  readonly seen: readonly Seen[]
}

type Answer = (request: IncomingMessage, response: ServerResponse, host: string) => void

/** A registry that writes down who asks, and as whom. */
async function registry(answer: Answer): Promise<Registry> {
  const seen: Seen[] = []
  const server = await loopback((request, response) => {
    const {authorization, accept, host = ''} = request.headers
    seen.push({path: request.url ?? '', authorization, accept})
    answer(request, response, host)
  })
  return {...server, seen, [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose]()}
}

async function read(server: Loopback, auth: DockerAuth | undefined, reference = '1.2.3'): Promise<Content | undefined> {
  using http = httpClient(new AbortController().signal, {})
  return await registryReader({host: server.host, path: 'octocat/app'}, auth, http).manifest(reference)
}

/** Answers only to this authorization, and else with a challenge. */
function guarded(wanted: string, challenge: (host: string) => string): Answer {
  return (request, response, host) => {
    if (request.headers.authorization === wanted) response.end(text)
    else response.writeHead(401, {'www-authenticate': challenge(host)}).end()
  }
}

describe('a registry without a login', () => {
  test('the bytes that came, and their digest', async () => {
    await using server = await registry((_, response) => response.end(text))
    const content = await read(server, mona)
    expect({digest: content?.digest, text: content?.bytes.toString()}).toEqual({digest, text})
    expect(server.seen).toEqual([
      {
        path: '/v2/octocat/app/manifests/1.2.3',
        // Credentials wait until somebody asks for them.
        authorization: undefined,
        accept:
          'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json',
      },
    ])
  })

  test.each([
    {status: 404, auth: undefined},
    {status: 404, auth: mona},
    {status: 403, auth: undefined},
    {status: 401, auth: undefined},
  ])('$status to who sent no login says nothing of what is there', async ({status, auth}) => {
    await using server = await registry((_, response) => response.writeHead(status).end())
    await expect(read(server, auth)).rejects.toThrow(`answered ${status} to GET /v2/octocat/app/manifests/1.2.3: it is`)
    expect(server.seen[0]?.authorization).toBeUndefined()
  })

  test.each([{status: 500}, {status: 403}, {status: 429}, {status: 307}])('$status is an error', async ({status}) => {
    await using server = await registry((_, response) => response.writeHead(status, {location: '/x'}).end())
    await expect(read(server, undefined)).rejects.toThrow(
      `${server.host} answered ${status} to GET /v2/octocat/app/manifests/1.2.3`,
    )
  })

  test('a body that is cut is an error', async () => {
    await using server = await registry((_, response) => {
      response.writeHead(200, {'content-length': '1000'}).write(text)
      setTimeout(() => response.destroy(), 30)
    })
    await expect(read(server, undefined)).rejects.toMatchObject({code: 'ECONNRESET'})
  })

  test('a body that is too large is an error', async () => {
    await using server = await registry((_, response) => response.end(Buffer.alloc(5 * 1024 * 1024)))
    await expect(read(server, undefined)).rejects.toThrow('an answer of more than')
  })
})

describe('basic', () => {
  const answer = guarded(basic, () => 'Basic realm="Registry Realm"')

  test('the login is sent when it is asked for, and from then on', async () => {
    await using server = await registry(answer)
    using http = httpClient(new AbortController().signal, {})
    const reader = registryReader({host: server.host, path: 'octocat/app'}, mona, http)
    expect((await reader.manifest('1'))?.digest).toBe(digest)
    expect((await reader.manifest('2'))?.digest).toBe(digest)
    expect(server.seen.map(({path, authorization}) => [path.slice(-1), authorization])).toEqual([
      ['1', undefined],
      ['1', basic],
      ['2', basic],
    ])
  })

  test('what is not there', async () => {
    await using server = await registry((request, response, host) => {
      if (request.headers.authorization === basic) response.writeHead(404).end()
      else answer(request, response, host)
    })
    expect(await read(server, mona)).toBeUndefined()
  })

  test('a wrong login is asked once more, and then is an error', async () => {
    await using server = await registry(answer)
    await expect(read(server, {username: 'mona', password: 'wrong'})).rejects.toThrow('answered 401')
    expect(server.seen).toHaveLength(2)
  })

  test('without a login too', async () => {
    await using server = await registry(answer)
    await expect(read(server, undefined)).rejects.toThrow('answered 401')
  })
})

describe('bearer', () => {
  const withTokens =
    (token: (request: IncomingMessage) => {readonly status: number; readonly body: string}): Answer =>
    (request, response, host) => {
      if (request.url?.startsWith('/token') === true) {
        const {status, body} = token(request)
        response.writeHead(status).end(body)
      } else {
        guarded('Bearer t0ken', (own) => `Bearer realm="http://${own}/token",service="registry"`)(
          request,
          response,
          host,
        )
      }
    }

  test.each([
    {name: 'token', given: '{"token":"t0ken"}'},
    {name: 'access_token', given: '{"access_token":"t0ken"}'},
  ])('a token is fetched with the login: $name', async ({given}) => {
    await using server = await registry(withTokens(() => ({status: 200, body: given})))
    expect((await read(server, mona))?.digest).toBe(digest)
    expect(server.seen.map(({path, authorization}) => [path, authorization])).toEqual([
      ['/v2/octocat/app/manifests/1.2.3', undefined],
      ['/token?service=registry&scope=repository%3Aoctocat%2Fapp%3Apull', basic],
      ['/v2/octocat/app/manifests/1.2.3', 'Bearer t0ken'],
    ])
  })

  test('an anonymous one without', async () => {
    await using server = await registry(withTokens(() => ({status: 200, body: '{"token":"t0ken"}'})))
    expect((await read(server, undefined))?.digest).toBe(digest)
    expect(server.seen[1]?.authorization).toBeUndefined()
  })

  test.each([
    {name: 'of a login: it is not there', auth: mona, expected: 'not there'},
    {name: 'of nobody: it may be hidden', auth: undefined, expected: 'unread'},
  ])('404 to a token $name', async ({auth, expected}) => {
    const tokens = withTokens(() => ({status: 200, body: '{"token":"t0ken"}'}))
    await using server = await registry((request, response, host) => {
      if (request.headers.authorization === 'Bearer t0ken') response.writeHead(404).end()
      else tokens(request, response, host)
    })
    const found = await read(server, auth).then(
      (content) => (content === undefined ? 'not there' : 'there'),
      () => 'unread',
    )
    expect(found).toBe(expected)
  })

  test('one token for all that is asked at the same time', async () => {
    let fetched = 0
    await using server = await registry(
      withTokens(() => {
        fetched += 1
        return {status: 200, body: '{"token":"t0ken"}'}
      }),
    )
    using http = httpClient(new AbortController().signal, {})
    const reader = registryReader({host: server.host, path: 'octocat/app'}, mona, http)
    const contents = await Promise.all(['1', '2', '3', '4'].map(async (tag) => reader.manifest(tag)))
    expect(contents.map((content) => content?.digest)).toEqual([digest, digest, digest, digest])
    expect(fetched).toBe(1)
  })

  test.each([
    {name: 'a server that refuses', given: {status: 403, body: 'no'}, expected: 'answered 401'},
    {name: 'an answer without a token', given: {status: 200, body: '{}'}, expected: 'answered 401'},
    {name: 'a token of another type', given: {status: 200, body: '{"token":7}'}, expected: 'answered 401'},
    {name: 'a wrong token', given: {status: 200, body: '{"token":"other"}'}, expected: 'answered 401'},
    {name: 'no JSON', given: {status: 200, body: '<html>'}, expected: 'JSON'},
  ])('$name is an error', async ({given, expected}) => {
    await using server = await registry(withTokens(() => given))
    await expect(read(server, mona)).rejects.toThrow(expected)
  })

  test('a token server on this machine is not asked for a registry elsewhere', async () => {
    const headers = {'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"'}
    const http = scriptedHttp(() => ({status: 401, headers, body: Buffer.alloc(0)}))
    await expect(registryReader({host: 'r.example', path: 'a'}, mona, http).manifest('1')).rejects.toThrow('401')
    expect(http.requests.map(({url}) => url.host)).toEqual(['r.example', 'r.example'])
  })

  test('a token server on plain HTTP elsewhere sees no login', async () => {
    const answer = guarded('Bearer t0ken', () => 'Bearer realm="http://token.example/"')
    await using server = await registry(answer)
    await expect(read(server, mona)).rejects.toThrow('answered 401')
    expect(server.seen.map(({authorization}) => authorization)).toEqual([undefined, undefined])
  })
})

describe('where a registry answers', () => {
  test.each([
    {
      name: 'Docker Hub',
      given: {host: 'docker.io', path: 'library/app'},
      expected: 'https://registry-1.docker.io/v2/library/app/manifests/1',
    },
    {name: 'another', given: {host: 'ghcr.io', path: 'a/b'}, expected: 'https://ghcr.io/v2/a/b/manifests/1'},
    {
      name: 'this machine',
      given: {host: 'localhost:5000', path: 'a'},
      expected: 'http://localhost:5000/v2/a/manifests/1',
    },
    {
      name: 'this machine, by number',
      given: {host: '[::1]:5000', path: 'a'},
      expected: 'http://[::1]:5000/v2/a/manifests/1',
    },
    {
      name: 'a name that only begins so',
      given: {host: 'localhost.example', path: 'a'},
      expected: 'https://localhost.example/v2/a/manifests/1',
    },
  ] satisfies {name: string; given: Repository; expected: string}[])('$name', async ({given, expected}) => {
    const http = scriptedHttp(() => ({status: 404, headers: {}, body: Buffer.alloc(0)}))
    await expect(registryReader(given, undefined, http).manifest('1')).rejects.toThrow('404')
    expect(http.requests.map(({url}) => url.href)).toEqual([expected])
  })
})
