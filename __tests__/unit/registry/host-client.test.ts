import {describe, expect, test} from '@jest/globals'
import type {HttpRequest, HttpResponse} from '../../../src/io/http.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {RegistryOptions} from '../../../src/registry/client.ts'
import type {RegistryCredentials} from '../../../src/registry/auth/credentials.ts'
import {scriptedHttp} from '../../../testing/fake-io.ts'
import {bytesOf, randomBlob, testClients} from '../../../testing/registry-client.ts'

const host = 'r.example'
const monaLogin: RegistryCredentials = {kind: 'basic', username: 'mona', password: new Secret('canary')}
const mona: Partial<RegistryOptions> = {credentials: async () => Promise.resolve(monaLogin)}

function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = '',
): HttpResponse {
  return {status, headers, body: Buffer.from(body)}
}

const bearer = (realm: string): HttpResponse => answer(401, {'www-authenticate': `Bearer realm="${realm}",service="s"`})
const token = answer(200, {}, '{"token":"t"}')

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof TagboatError ? error.code : error),
  )
}

function asked({requests}: {readonly requests: readonly HttpRequest[]}): readonly string[] {
  return requests.map(
    ({url, headers}) => `${url.host}${url.pathname} ${headers['authorization']?.split(' ')[0] ?? '-'}`,
  )
}

describe('the target of a redirect', () => {
  const blob = randomBlob(100)

  /** Registry whose blobs are in a storage that requires other credentials. */
  function storing(storage: () => HttpResponse): ReturnType<typeof scriptedHttp> {
    return scriptedHttp(({url, headers}) => {
      if (url.host === 'cdn.example') return storage()
      if (url.host !== host) return token
      if (headers['authorization'] !== 'Bearer t') return bearer('https://auth.example/token')
      return url.pathname.includes('/blobs/') ? answer(307, {location: 'https://cdn.example/x'}) : answer(404)
    })
  }

  test('does not choose where credentials go', async () => {
    const http = storing(() => bearer('https://evil.example/token'))
    const client = testClients(http, mona).of(host, 'o/app')
    expect(await codeOf(bytesOf(client.readBlob(blob)))).toBe('pull-denied')
    expect(await client.manifest('1')).toBeUndefined()
    expect(asked(http)).toEqual([
      'r.example/v2/ -',
      'auth.example/token Basic',
      `r.example/v2/o/app/blobs/${blob.digest} Bearer`,
      'cdn.example/x -',
      'r.example/v2/o/app/manifests/1 Bearer',
    ])
  })

  test('that refuses a request has not refused the password of the registry', async () => {
    const http = scriptedHttp(({url}) => {
      if (url.host === 'cdn.example') return answer(401)
      if (url.pathname === '/v2/') return answer(401, {'www-authenticate': 'Basic realm="r"'})
      return answer(307, {location: 'https://cdn.example/x'})
    })
    const client = testClients(http, mona).of(host, 'o/app')
    expect(await codeOf(bytesOf(client.readBlob(blob)))).toBe('pull-denied')
    expect(asked(http)[1]).toContain('Basic')
  })

  test('can be the registry itself, under another path', async () => {
    const http = scriptedHttp(({url, headers}) => {
      if (url.host !== host) return answer(200, {}, JSON.stringify({token: url.host}))
      if (url.pathname === '/v2/') return bearer('https://auth.example/token')
      if (url.pathname.includes('/manifests/')) return answer(307, {location: '/moved'})
      return headers['authorization'] === 'Bearer other.example' ? answer(404) : bearer('https://other.example/token')
    })
    expect(await testClients(http, mona).of(host, 'o/app').head('1')).toBeUndefined()
    expect(asked(http)).toContain('other.example/token Basic')
  })
})

describe('TLS without verification', () => {
  const selfSigned = Object.assign(new Error('self-signed'), {code: 'DEPTH_ZERO_SELF_SIGNED_CERT'})

  /** HTTPS alone, with a certificate of its own. */
  function secured(answerTo: (request: HttpRequest) => HttpResponse): ReturnType<typeof scriptedHttp> {
    return scriptedHttp((request) => {
      if (request.url.protocol === 'http:') return answer(400)
      if (request.tls?.unverified !== true) throw selfSigned
      return answerTo(request)
    })
  }

  function guarded(realm: string): ReturnType<typeof scriptedHttp> {
    return secured(({url, headers}) => {
      if (url.href.startsWith(realm)) return token
      return headers['authorization'] === 'Bearer t' ? answer(404) : bearer(realm)
    })
  }

  const insecure = (name: string): boolean => name.startsWith('r.example')

  test.each([
    {name: 'an insecure registry', at: host, realm: 'https://r.example/service/token'},
    {name: 'an insecure registry with a port', at: 'r.example:5000', realm: 'https://r.example:5000/token'},
    {name: 'another insecure host', at: host, realm: 'https://r.example:5001/token'},
    {name: 'this machine', at: 'localhost:5000', realm: 'https://localhost:5001/token'},
  ])('is taken for the token server too: $name', async ({at, realm}) => {
    const clients = testClients(guarded(realm), {...mona, insecure})
    expect(await codeOf(clients.of(at, 'o/app').head('1'))).toBe('done')
  })

  test('but not of a token server elsewhere', async () => {
    const clients = testClients(guarded('https://auth.example/token'), {...mona, insecure})
    expect(await codeOf(clients.of(host, 'o/app').head('1'))).toBe('registry-unreachable')
  })

  test('is taken for the storage of an insecure registry, with one connection for all', async () => {
    const blob = randomBlob(10)
    const http = secured(({url}) => {
      if (url.port === '9000') return answer(200, {}, blob.bytes)
      return url.pathname === '/v2/' ? answer(200) : answer(307, {location: 'https://r.example:9000/x'})
    })
    const client = testClients(http, {insecure}).of(host, 'o/app')
    for (const time of [1, 2]) {
      expect(time).toEqual(time)
      expect(await codeOf(bytesOf(client.readBlob(blob)))).toBe('done')
    }
    expect(new Set(http.requests.map(({tls}) => tls)).size).toBe(2)
  })

  test('is not taken where an authority is given', async () => {
    const tls = async (): Promise<{ca: string[]}> => Promise.resolve({ca: ['PEM']})
    const clients = testClients(guarded('https://r.example/token'), {...mona, insecure, tls})
    expect(await codeOf(clients.of(host, 'o/app').head('1'))).toBe('registry-unreachable')
  })
})

describe('a token server', () => {
  function issuing(answerTo: (request: HttpRequest) => HttpResponse): ReturnType<typeof scriptedHttp> {
    return scriptedHttp((request) => {
      if (request.url.host !== host) return answerTo(request)
      return request.headers['authorization'] === 'Bearer t' ? answer(404) : bearer('https://auth.example/token')
    })
  }

  test.each([
    {status: 404, expected: 'registry-failed'},
    {status: 400, expected: 'registry-failed'},
    {status: 204, expected: 'registry-failed'},
    {status: 401, expected: 'login-refused'},
    {status: 403, expected: 'pull-denied'},
    {status: 429, expected: 'rate-limited'},
    {status: 500, expected: 'registry-failed'},
  ])('that responds with $status is not about a repository: $expected', async ({status, expected}) => {
    const clients = testClients(
      issuing(() => answer(status)),
      mona,
    )
    expect(await codeOf(clients.of(host, 'o/app').head('1'))).toBe(expected)
  })

  test('that has moved is followed, without the login to another origin', async () => {
    const http = issuing(({url}) => {
      if (url.pathname === '/token') return answer(307, {location: '/v1/token?moved'})
      return url.host === 'auth.example' ? answer(302, {location: 'https://other.example/token2'}) : token
    })
    expect(await codeOf(testClients(http, mona).of(host, 'o/app').manifest('1'))).toBe('done')
    expect(asked(http).slice(1)).toEqual([
      'auth.example/token Basic',
      'auth.example/v1/token Basic',
      'other.example/token2 -',
      'r.example/v2/o/app/manifests/1 Bearer',
    ])
  })

  test.each(['http://auth.example/open', 'https://127.0.0.1/token', 'https://a.localhost/token'])(
    'that has moved to %s is not followed',
    async (location) => {
      const http = issuing(() => answer(307, {location}))
      expect(await codeOf(testClients(http, mona).of(host, 'o/app').head('1'))).toBe('registry-failed')
      expect(asked(http)).toHaveLength(2)
    },
  )
})

test('an invalid certificate file is reported at once', async () => {
  const failure = Object.assign(new Error('EISDIR: illegal operation on a directory, read'), {code: 'EISDIR'})
  const http = scriptedHttp(() => answer(404))
  const clients = testClients(http, {tls: async () => Promise.reject(failure)})
  await expect(clients.of(host, 'o/app').head('1')).rejects.toBe(failure)
  expect(clients.waits).toEqual([])
  expect(http.requests).toEqual([])
})

describe('an address that the registry names', () => {
  const blob = randomBlob(100)
  const refused = Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), {code: 'ECONNREFUSED'})
  const uploads = 'https://192.0.2.1/v2/o/app/blobs/uploads/x'

  /** Registry behind a proxy that names other addresses, which do not respond. */
  function behindProxy(answers: (request: HttpRequest) => HttpResponse): ReturnType<typeof scriptedHttp> {
    return scriptedHttp((request) => {
      if (request.url.host !== host) throw refused
      return request.url.pathname === '/v2/' ? answer(200) : answers(request)
    })
  }

  async function errorOf(
    http: ReturnType<typeof scriptedHttp>,
    work: 'upload' | 'download' | 'chunks',
  ): Promise<TagboatError> {
    const sizes = work === 'chunks' ? {sizes: {monolithicBytes: 10, chunkBytes: 10}} : {}
    const client = testClients(http, {...mona, retries: 1, ...sizes}).of(host, 'o/app')
    const done = work === 'download' ? bytesOf(client.readBlob(blob)) : client.uploadBlob(blob, blob.open)
    return done.then(
      () => {
        throw new Error('no error')
      },
      (error: unknown) => {
        if (error instanceof TagboatError) return error
        throw error
      },
    )
  }

  const takesUploads = ({method}: HttpRequest): HttpResponse =>
    method === 'POST' ? answer(202, {location: uploads}) : answer(404)

  test.each([
    {
      name: 'for an upload',
      work: 'upload' as const,
      answers: takesUploads,
      use: 'uploads',
      evidence: `PUT ${uploads}?digest=${blob.digest}`,
    },
    {
      name: 'for an upload in chunks',
      work: 'chunks' as const,
      answers: takesUploads,
      use: 'uploads',
      evidence: `GET ${uploads}`,
    },
    {
      name: 'in a redirect',
      work: 'download' as const,
      answers: () => answer(307, {location: 'https://192.0.2.1/blob'}),
      use: 'downloads',
      evidence: 'GET https://192.0.2.1/blob',
    },
    {
      name: 'for its tokens',
      work: 'download' as const,
      answers: () => bearer('https://192.0.2.1/token'),
      use: 'tokens',
      evidence: 'GET https://192.0.2.1/token?service=s&scope=repository:o/app:pull',
    },
  ])('$name, which does not respond, is named in the error', async ({work, answers, use, evidence}) => {
    const error = await errorOf(behindProxy(answers), work)
    expect(error.code).toBe('registry-unreachable')
    expect(error.message).toContain(`https://192.0.2.1 for ${use}`)
    expect(error.evidence).toEqual([`${evidence}: the connection to 192.0.2.1:443 was refused (ECONNREFUSED)`])
    expect(error.remedy).toContain('X-Forwarded-Host')
  })

  test.each(['http://10.0.0.5:5000/v2/o/app/blobs/uploads/x?_state=canary', 'https://127.0.0.1/u?_state=canary'])(
    'for uploads is in the error: %s',
    async (location) => {
      const error = await errorOf(
        behindProxy(() => answer(202, {location})),
        'upload',
      )
      const {origin, pathname} = new URL(location)
      expect(error.code).toBe('registry-failed')
      expect(error.message).toContain(`${origin} for uploads`)
      expect(error.evidence).toEqual([
        `POST o/app/blobs/uploads/: 202 with the Location ${origin}${pathname}?_state=***`,
      ])
      expect(error.remedy).toContain('X-Forwarded-Proto')
    },
  )

  test('corrupt bytes are not a failure of the address', async () => {
    const http = scriptedHttp(async ({url, method, body}) => {
      if (url.host === host) return url.pathname === '/v2/' ? answer(200) : takesUploads({url, method, headers: {}})
      for await (const chunk of body instanceof Uint8Array ? [body] : (body ?? [])) if (chunk.length === 0) break
      return answer(201)
    })
    const client = testClients(http, mona).of(host, 'o/app')
    const other = randomBlob(100)
    expect(await codeOf(client.uploadBlob(blob, other.open))).toBe('content-corrupt')
  })
})

describe('the scope of a read from a repository that the run pushes to', () => {
  test.each([
    {name: 'is that of the push', realm: 'https://auth.example/token', expected: 'repository:o/app:pull,push'},
    {
      name: 'is that of a read with Quay, which would create the repository',
      realm: `https://${host}/v2/auth`,
      expected: 'repository:o/app:pull',
    },
  ])('$name', async ({realm, expected}) => {
    const http = scriptedHttp(({url, headers}) => {
      if (realm.endsWith(url.pathname)) return token
      return headers['authorization'] === 'Bearer t' ? answer(404) : bearer(realm)
    })
    const clients = testClients(http, {...mona, pushedTo: [{host, path: 'o/app'}]})
    await clients.of(host, 'o/app').head('1')
    const scopes = http.requests.flatMap(({url}) => url.searchParams.getAll('scope'))
    expect(scopes).toEqual([expected])
  })
})
