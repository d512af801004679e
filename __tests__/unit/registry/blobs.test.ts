import {describe, expect, test} from '@jest/globals'
import type {Http} from '../../../src/io/http.ts'
import {TagboatError} from '../../../src/errors/error.ts'
import {Secret} from '../../../src/errors/secret.ts'
import type {RegistryOptions} from '../../../src/registry/client.ts'
import {scriptedHttp} from '../../../testing/fake-io.ts'
import {
  memoryRegistry,
  type Fault,
  type MemoryRegistry,
  type MemoryRegistryOptions,
} from '../../../testing/memory-registry.ts'
import {
  activityOf,
  bytesOf,
  inChunks,
  randomBlob,
  testBlob,
  testClients,
  type TestBlob,
  type TestClients,
} from '../../../testing/registry-client.ts'

const host = 'registry.example'
const sizes = {monolithicBytes: 100_000, chunkBytes: 30_000}

interface Given extends TestClients {
  readonly registry: MemoryRegistry
}

function given(registryOptions: MemoryRegistryOptions, options: Partial<RegistryOptions> = {}): Given {
  const registry = memoryRegistry(registryOptions)
  return {registry, ...testClients(registry.http(), {sizes, ...options})}
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'done',
    (error: unknown) => (error instanceof TagboatError ? error.code : error),
  )
}

function methods({registry}: Given): string {
  return registry.requests
    .slice(1)
    .map(({method}) => method)
    .join(' ')
}

function faults(method: string, script: readonly (Fault | undefined)[]): NonNullable<MemoryRegistryOptions['fault']> {
  const left = [...script]
  return (request) => (request.method === method && request.path !== '/v2/' ? left.shift() : undefined)
}

const unknownUpload: Fault = {
  kind: 'answer',
  status: 404,
  body: JSON.stringify({errors: [{code: 'BLOB_UPLOAD_UNKNOWN', message: 'unknown'}]}),
}
const unavailable: Fault = {kind: 'answer', status: 503}

/** A registry that holds this blob, and what it was asked for it. */
async function holding(
  blob: TestBlob,
  options: MemoryRegistryOptions,
  more: Partial<RegistryOptions> = {},
): Promise<Given> {
  const one = given(options, more)
  await one.of(host, 'o/app').uploadBlob(blob, blob.open)
  return one
}

describe('reading', () => {
  const blob = randomBlob(50_000)

  test.each([
    {name: 'a line that breaks', script: [{kind: 'broken-body', bytes: 20_000}]},
    {
      name: 'one that breaks again further on',
      script: [
        {kind: 'broken-body', bytes: 20_000},
        {kind: 'broken-body', bytes: 9},
      ],
    },
    {name: 'a body that ends early', script: [{kind: 'cut-body', bytes: 20_000}]},
    {name: 'a registry that is not ready', script: [unavailable]},
    {name: 'a reset', script: [{kind: 'reset'}]},
  ] satisfies {name: string; script: Fault[]}[])('goes on after $name', async ({script}) => {
    const one = await holding(blob, {fault: faults('GET', script)})
    expect((await bytesOf(one.of(host, 'o/app').readBlob(blob))).equals(blob.bytes)).toBe(true)
    expect(one.lines).toHaveLength(script.length)
  })

  test.each([
    {name: 'continues at the position of the interruption', contentRange: 'bytes 20000-49999/50000', expected: 'done'},
    {name: 'skips bytes before the position', contentRange: 'bytes 15000-49999/50000', expected: 'done'},
    {name: 'skips bytes of a complete response', contentRange: 'bytes 0-49999/50000', expected: 'done'},
    {name: 'refuses a range after the position', contentRange: 'bytes 20001-49999/50000', expected: 'registry-failed'},
    {name: 'refuses a range without a position', contentRange: 'bytes */50000', expected: 'registry-failed'},
  ])('$name', async ({contentRange, expected}) => {
    const registry = memoryRegistry({fault: faults('GET', [{kind: 'broken-body', bytes: 20_000}])})
    const whole = registry.http()
    const ranges: (string | undefined)[] = []
    let open = 0
    async function* counted(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* inChunks(bytes, 1000)
      } finally {
        open -= 1
      }
    }
    const http: Http = {
      ...whole,
      open: async (request) => {
        ranges.push(request.headers['range'])
        const stream = await whole.open(request)
        if (request.headers['range'] === undefined) return stream
        const begins = Number(/\d+/.exec(contentRange)?.[0])
        const body = (await bytesOf(stream.body)).subarray(begins)
        open += 1
        return {status: 206, headers: {'content-range': contentRange}, body: counted(body)}
      },
    }
    const client = testClients(http).of(host, 'o/app')
    await client.uploadBlob(blob, blob.open)
    expect(await codeOf(bytesOf(client.readBlob(blob)))).toBe(expected)
    expect(ranges).toEqual([undefined, 'bytes=20000-'])
    expect(open).toBe(0)
  })

  test('continues as long as there is progress', async () => {
    const breaks = Array.from({length: 9}, (_, number): Fault => ({kind: 'broken-body', bytes: 5000 * (number + 1)}))
    const one = await holding(blob, {fault: faults('GET', breaks)}, {retries: 1})
    expect((await bytesOf(one.of(host, 'o/app').readBlob(blob))).equals(blob.bytes)).toBe(true)
    expect(one.lines).toHaveLength(9)
  })

  test('ends if each attempt yields one byte', async () => {
    const broken = ({method, path}: {method: string; path: string}): Fault | undefined =>
      method === 'GET' && path.includes('/blobs/') ? {kind: 'broken-body', bytes: 1} : undefined
    const one = await holding(blob, {fault: broken}, {retries: 2})
    expect(await codeOf(bytesOf(one.of(host, 'o/app').readBlob(blob)))).toBe('registry-unreachable')
    expect(one.lines.length).toBeLessThan(10)
  })

  test('ends without progress', async () => {
    const broken = ({method, path}: {method: string; path: string}): Fault | undefined =>
      method === 'GET' && path.includes('/blobs/') ? {kind: 'broken-body', bytes: 0} : undefined
    const one = await holding(blob, {fault: broken}, {retries: 2})
    expect(await codeOf(bytesOf(one.of(host, 'o/app').readBlob(blob)))).toBe('registry-unreachable')
    expect(one.lines).toHaveLength(2)
  })

  test.each([
    {name: 'bytes that were changed', fault: {kind: 'corrupt-body'} satisfies Fault, wanted: blob},
    {name: 'more than was promised', fault: undefined, wanted: {...blob, sizeBytes: 40_000}},
  ])('$name are an error', async ({fault, wanted}) => {
    const one = await holding(blob, {fault: faults('GET', [fault])})
    expect(await codeOf(bytesOf(one.of(host, 'o/app').readBlob(wanted)))).toBe('content-corrupt')
  })

  test('a missing blob', async () => {
    const one = given({})
    expect(await codeOf(bytesOf(one.of(host, 'o/app').readBlob(blob)))).not.toBe('done')
    expect(one.waits).toEqual([])
  })

  test('follows to the storage, without the login', async () => {
    const auth = {kind: 'basic', users: {mona: 'canary'}} as const
    const credentials = async (): Promise<{kind: 'basic'; username: string; password: Secret}> =>
      Promise.resolve({kind: 'basic', username: 'mona', password: new Secret('canary')})
    const one = await holding(blob, {auth, blobOrigin: 'https://cdn.example'}, {credentials})
    expect((await bytesOf(one.of(host, 'o/app').readBlob(blob))).equals(blob.bytes)).toBe(true)
    const elsewhere = one.registry.requests.filter((request) => request.host === 'cdn.example')
    expect(elsewhere.map(({headers}) => headers['authorization'])).toEqual([undefined])
  })

  test('a blob with another length than its descriptor', async () => {
    const one = await holding(blob, {})
    expect(await one.of(host, 'o/app').hasBlob(blob)).toBe(true)
    expect(await codeOf(one.of(host, 'o/app').hasBlob({...blob, sizeBytes: 1}))).toBe('content-corrupt')
    expect(await one.of(host, 'o/app').hasBlob(randomBlob(3))).toBe(false)
  })

  test('a blob whose HEAD states no length, as in a chunked response', async () => {
    const one = scriptedHttp(({url, method}) => ({
      status: 200,
      headers: url.pathname === '/v2/' || method !== 'HEAD' ? {} : {'transfer-encoding': 'chunked'},
      body: Buffer.alloc(0),
    }))
    expect(await testClients(one).of(host, 'o/app').hasBlob(blob)).toBe(true)
  })
})

describe('mounting', () => {
  const blob = randomBlob(1000)

  test('what is there is mounted', async () => {
    const one = await holding(blob, {})
    expect(await one.of(host, 'o/to').mountBlob(blob, {host, path: 'o/app'})).toBe(true)
    expect(one.registry.blob('o/to', blob.digest)?.equals(blob.bytes)).toBe(true)
  })

  test.each([
    {name: 'a registry that mounts nothing', options: {mounts: false}, from: 'o/app'},
    {name: 'a repository that does not have it', options: {}, from: 'o/other'},
  ])('$name starts an upload, which is used', async ({options, from}) => {
    const one = await holding(blob, options)
    const to = one.of(host, 'o/to')
    expect(await to.mountBlob(blob, {host, path: from})).toBe(false)
    expect(await to.hasBlob(blob)).toBe(false)
    await to.uploadBlob(blob, blob.open)
    expect(methods(one)).toBe('POST PUT POST HEAD PUT')
    expect(one.registry.blob('o/to', blob.digest)?.equals(blob.bytes)).toBe(true)
  })

  test('an upload that the registry lost is started again', async () => {
    const one = await holding(blob, {mounts: false, fault: faults('PUT', [undefined, unknownUpload])})
    const to = one.of(host, 'o/to')
    await to.mountBlob(blob, {host, path: 'o/app'})
    await to.uploadBlob(blob, blob.open)
    expect(methods(one)).toBe('POST PUT POST PUT POST PUT')
  })

  test.each([
    {name: 'is cancelled', options: {}},
    {name: 'may stay', options: {fault: faults('DELETE', [{kind: 'reset'}])}},
  ])('an upload that is not needed $name', async ({options}) => {
    const one = await holding(blob, {mounts: false, ...options})
    const app = one.of(host, 'o/app')
    expect(await app.mountBlob(blob, {host, path: 'o/other'})).toBe(false)
    expect(await app.hasBlob(blob)).toBe(true)
    expect(methods(one)).toBe('POST PUT POST HEAD DELETE')
  })

  const credentials = async (): Promise<{kind: 'basic'; username: string; password: Secret}> =>
    Promise.resolve({kind: 'basic', username: 'mona', password: new Secret('canary')})

  test.each([
    {name: 'the registry: 401', part: 'mount=', status: 401},
    {name: 'the registry: 403', part: 'mount=', status: 403},
    {name: 'the token server, as a login: 401', part: 'scope=repository%3Ao%2Fapp', status: 401},
    {name: 'the token server: 403', part: 'scope=repository%3Ao%2Fapp', status: 403},
  ])('a refused mount is not an error, since the blob is uploaded: $name', async ({part, status}) => {
    const auth = {kind: 'bearer', users: {mona: 'canary'}} as const
    const fault = ({query}: {query: URLSearchParams}): Fault | undefined =>
      query.toString().includes(part) ? {kind: 'answer', status} : undefined
    const one = given({auth, fault}, {credentials})
    expect(await one.of(host, 'o/to').mountBlob(blob, {host, path: 'o/app'})).toBe(false)
    expect(await codeOf(one.of(host, 'o/to').uploadBlob(blob, blob.open))).toBe('done')
  })

  test('nothing is mounted from another registry', async () => {
    const one = given({})
    expect(await one.of(host, 'o/to').mountBlob(blob, {host: 'other.example', path: 'o/app'})).toBe(false)
    expect(one.registry.requests).toEqual([])
  })
})

describe('uploading', () => {
  test.each([
    {name: 'nothing', size: 0, expected: 'POST PUT'},
    {name: 'the maximum of a monolithic upload', size: 100_000, expected: 'POST PUT'},
    {name: 'more than that', size: 100_001, expected: 'POST PATCH PATCH PATCH PATCH PUT'},
  ])('$name', async ({size, expected}) => {
    for (const locations of ['absolute', 'relative'] as const) {
      const blob = randomBlob(size)
      const one = await holding(blob, {locations})
      expect(one.registry.blob('o/app', blob.digest)?.equals(blob.bytes)).toBe(true)
      expect(methods(one)).toBe(expected)
    }
  })

  test.each([
    {name: 'in one piece', size: 90_000},
    {name: 'in chunks', size: 120_000},
  ])('what is sent is reported: $name', async ({size}) => {
    const reported: (number | 'stored')[] = []
    const activity = activityOf(() => undefined)
    const transfers = {
      ...activity.transfers,
      sent: (_: unknown, __: unknown, bytes: number) => reported.push(bytes),
      has: () => reported.push('stored'),
    }
    await holding(randomBlob(size), {}, {activity: {...activity, transfers}})
    expect(reported.slice(0, 1)).toEqual([0])
    expect(reported.slice(-2)).toEqual([size, 'stored'])
  })

  test('a refused upload is reported', async () => {
    const failed: unknown[] = []
    const activity = activityOf(() => undefined)
    const transfers = {...activity.transfers, failed: (place: unknown) => failed.push(place)}
    const one = given(
      {fault: faults('PUT', [{kind: 'answer', status: 403, body: 'no'}])},
      {activity: {...activity, transfers}},
    )
    const blob = randomBlob(10)
    expect(await codeOf(one.of(host, 'o/app').uploadBlob(blob, blob.open))).toBe('push-denied')
    expect(failed).toEqual([{host, path: 'o/app'}])
  })

  test('chunks are as large as the registry wants them', async () => {
    const one = await holding(randomBlob(120_000), {minimumChunkBytes: 50_000})
    expect(methods(one)).toBe('POST PATCH PATCH PATCH PUT')
  })

  test('a blob that is too large for one request is uploaded in chunks', async () => {
    const blob = randomBlob(90_000)
    const one = await holding(blob, {maxBodyBytes: 40_000})
    expect(one.registry.blob('o/app', blob.digest)?.equals(blob.bytes)).toBe(true)
    expect(methods(one)).toBe('POST PUT POST PATCH PATCH PATCH PUT')
  })

  test.each([400, 405, 413, 416])('a registry that takes no chunks gets it in one piece: %s', async (status) => {
    const blob = randomBlob(100_001)
    const one = await holding(blob, {fault: faults('PATCH', [{kind: 'answer', status}])})
    expect(one.registry.blob('o/app', blob.digest)?.equals(blob.bytes)).toBe(true)
    expect(methods(one)).toBe('POST PATCH POST PUT')
  })

  test.each([
    {name: 'the beginning', method: 'POST', size: 1000, script: [unavailable]},
    {name: 'the beginning, broken', method: 'POST', size: 1000, script: [{kind: 'reset', when: 'after'}]},
    {name: 'the one piece', method: 'PUT', size: 1000, script: [unavailable, {kind: 'reset'}, {kind: 'timeout'}]},
    {name: 'the one piece, stored', method: 'PUT', size: 1000, script: [{kind: 'reset', when: 'after'}]},
    {name: 'the one piece, forgotten', method: 'PUT', size: 1000, script: [forgotten()]},
    {name: 'a chunk', method: 'PATCH', size: 120_000, script: [undefined, unavailable, {kind: 'reset'}]},
    {name: 'a chunk, stored', method: 'PATCH', size: 120_000, script: [undefined, {kind: 'reset', when: 'after'}]},
    {name: 'the last PUT', method: 'PUT', size: 120_000, script: [unavailable, {kind: 'reset'}]},
    {name: 'the last PUT, stored', method: 'PUT', size: 120_000, script: [{kind: 'reset', when: 'after'}]},
  ] satisfies {name: string; method: string; size: number; script: (Fault | undefined)[]}[])(
    '$name meets with a fault',
    async ({method, size, script}) => {
      const blob = randomBlob(size)
      const one = await holding(blob, {fault: faults(method, script)})
      expect(one.registry.blob('o/app', blob.digest)?.equals(blob.bytes)).toBe(true)
      expect(one.lines).toHaveLength(script.filter((fault) => fault !== undefined).length)
    },
  )

  test.each([
    {name: 'was stored', when: 'after', expected: 'POST PATCH PATCH GET PATCH PATCH PUT'},
    {name: 'was not', when: 'before', expected: 'POST PATCH PATCH GET PATCH PATCH PATCH PUT'},
  ] as const)('a chunk whose answer was lost goes on where the registry is: it $name', async ({when, expected}) => {
    const one = await holding(randomBlob(120_000), {fault: faults('PATCH', [undefined, {kind: 'reset', when}])})
    expect(methods(one)).toBe(expected)
  })

  test('a lost response to the last chunk does not cause an empty chunk', async () => {
    const script = [undefined, undefined, undefined, {kind: 'reset', when: 'after'}] as const
    const one = await holding(randomBlob(120_000), {fault: faults('PATCH', script)})
    expect(methods(one)).toBe('POST PATCH PATCH PATCH PATCH GET PUT')
  })

  test('a position after the end restarts the upload', async () => {
    const blob = randomBlob(120_000)
    const registry = memoryRegistry({fault: faults('PATCH', [undefined, {kind: 'reset'}])})
    const http = registry.http()
    const send: Http['send'] = async (request) => {
      const response = await http.send(request)
      const isStatus = request.method === 'GET' && request.url.pathname.includes('/uploads/')
      return isStatus ? {...response, headers: {...response.headers, range: '0-999999'}} : response
    }
    const clients = testClients({...http, send}, {sizes})
    await clients.of(host, 'o/app').uploadBlob(blob, blob.open)
    expect(registry.blob('o/app', blob.digest)?.equals(blob.bytes)).toBe(true)
    expect(methods({...clients, registry})).toBe('POST PATCH PATCH GET POST PATCH PATCH PATCH PATCH PUT')
  })

  test('a chunk has the same timeout as a blob', async () => {
    const registry = memoryRegistry()
    const http = registry.http()
    const waits: string[] = []
    const send: Http['send'] = async (request) => {
      if (/^P(?:UT|ATCH)$/.test(request.method)) waits.push(`${request.method} ${request.timeoutMs ?? 0}`)
      return http.send(request)
    }
    const client = testClients({...http, send}, {sizes, timeoutMs: 10}).of(host, 'o/app')
    for (const blob of [randomBlob(1000), randomBlob(120_000)]) await client.uploadBlob(blob, blob.open)
    expect(new Set(waits)).toEqual(new Set(['PUT 80', 'PATCH 80']))
  })

  test('a stored blob whose response was lost is not sent again', async () => {
    const one = await holding(randomBlob(1000), {fault: faults('PUT', [{kind: 'reset', when: 'after'}])})
    expect(methods(one)).toBe('POST PUT HEAD')
  })

  test.each([
    {name: 'in one piece', size: 1000, method: 'PUT'},
    {name: 'in chunks', size: 120_000, method: 'PATCH'},
  ])('a registry that fails permanently: $name', async ({size, method}) => {
    const one = given({fault: (request) => (request.method === method ? unavailable : undefined)}, {retries: 2})
    const blob = randomBlob(size)
    expect(await codeOf(one.of(host, 'o/app').uploadBlob(blob, blob.open))).toBe('registry-failed')
    expect(one.lines.map((line) => line.split(';')[1])).toEqual([' attempt 2 of 3 in 1 s', ' attempt 3 of 3 in 2 s'])
  })

  test.each([
    {name: 'other bytes', size: 1000, open: (bytes: Buffer) => inChunks(Buffer.alloc(bytes.length))},
    {name: 'too few', size: 1000, open: (bytes: Buffer) => inChunks(bytes.subarray(1))},
    {name: 'too many', size: 1000, open: (bytes: Buffer) => inChunks(Buffer.concat([bytes, bytes]))},
    {name: 'other bytes in chunks', size: 120_000, open: (bytes: Buffer) => inChunks(Buffer.alloc(bytes.length))},
    {name: 'too few in chunks', size: 120_000, open: (bytes: Buffer) => inChunks(bytes.subarray(1))},
  ])('$name are not stored', async ({size, open}) => {
    const one = given({})
    const blob = randomBlob(size)
    expect(await codeOf(one.of(host, 'o/app').uploadBlob(blob, () => open(blob.bytes)))).toBe('content-corrupt')
    expect(one.registry.snapshot()['o/app']?.blobs ?? []).toEqual([])
  })

  test('a source that fails ends it, with its own error', async () => {
    const one = given({})
    const failure = new TagboatError('registry-unreachable')
    const blob = testBlob(Buffer.from('abc'))
    async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
      yield await Promise.resolve(Buffer.from('a'))
      throw failure
    }
    await expect(one.of(host, 'o/app').uploadBlob(blob, failing)).rejects.toBe(failure)
    expect(one.waits).toEqual([])
  })

  test('a registry that reports damage', async () => {
    const body = JSON.stringify({errors: [{code: 'DIGEST_INVALID', message: 'no'}]})
    const one = given({fault: faults('PUT', [{kind: 'answer', status: 400, body}])})
    const blob = randomBlob(10)
    expect(await codeOf(one.of(host, 'o/app').uploadBlob(blob, blob.open))).toBe('content-corrupt')
  })

  test('an upload that leads nowhere', async () => {
    const one = given({fault: faults('POST', [{kind: 'answer', status: 202}])})
    const blob = randomBlob(10)
    expect(await codeOf(one.of(host, 'o/app').uploadBlob(blob, blob.open))).toBe('registry-failed')
  })
})

function forgotten(): Fault {
  const body = JSON.stringify({errors: [{code: 'BLOB_UPLOAD_UNKNOWN', message: 'gone'}]})
  return {kind: 'answer', status: 404, body}
}
