import {describe, expect, test} from '@jest/globals'
import {memoryRegistry, type MemoryRegistry, type MemoryRegistryOptions} from '../../../../testing/memory-registry.ts'
import {randomBlob, testClients, type TestClients} from '../../../../testing/registry-client.ts'

function given(options: MemoryRegistryOptions = {}): TestClients & {readonly registry: MemoryRegistry} {
  const registry = memoryRegistry(options)
  return {registry, ...testClients(registry.http())}
}

/** Methods and statuses of the requests, without the ping. */
function requests({requests: all}: MemoryRegistry): readonly string[] {
  return all.slice(1).map(({method, status}) => `${method} ${String(status)}`)
}

describe('uploads that are started before their blobs are known', () => {
  test('take one request each, and the others are cancelled', async () => {
    const {registry, ...clients} = given()
    const client = clients.of(registry.host, 'team/app')
    client.beginUploads(3)
    const blobs = [randomBlob(10), randomBlob(20)]
    await Promise.all(blobs.map(async (blob) => client.uploadBlob(blob, blob.open)))
    expect(requests(registry)).toEqual(['POST 202', 'POST 202', 'POST 202', 'PUT 201', 'PUT 201'])
    await client.endUploads()
    expect(requests(registry).slice(5)).toEqual(['DELETE 204'])
    for (const blob of blobs) expect(await client.hasBlob(blob)).toBe(true)
  })

  test('are started again by the blob that needs one, if they fail', async () => {
    let refused = 0
    const {registry, lines, ...clients} = given({
      fault: ({method}) => (method === 'POST' && (refused += 1) <= 2 ? {kind: 'answer', status: 503} : undefined),
    })
    const client = clients.of(registry.host, 'team/app')
    client.beginUploads(2)
    const blob = randomBlob(10)
    await client.uploadBlob(blob, blob.open)
    await client.endUploads()
    expect(requests(registry)).toEqual(['POST 503', 'POST 503', 'POST 202', 'PUT 201'])
    expect(lines).toEqual([])
  })

  test.each([
    {status: 404, code: 'BLOB_UPLOAD_UNKNOWN'},
    {status: 400, code: 'BLOB_UPLOAD_INVALID'},
    {status: 403, code: 'DENIED'},
  ])('are replaced at once, if the registry has ended all of them ($status $code)', async ({status, code}) => {
    const body = JSON.stringify({errors: [{code, message: 'ended'}]})
    let posts = 0
    const {registry, ...clients} = given({
      fault: ({method}) => {
        if (method === 'POST') posts += 1
        return method === 'PUT' && posts <= 3 ? {kind: 'answer', status, body} : undefined
      },
    })
    const client = clients.of(registry.host, 'team/app')
    client.beginUploads(3)
    const blob = randomBlob(10)
    await client.uploadBlob(blob, blob.open)
    expect(requests(registry).slice(3)).toEqual([`PUT ${status}`, 'POST 202', 'PUT 201'])
  })

  test('are not started in a registry that would create the repository', async () => {
    const registry = memoryRegistry({host: 'quay.example'})
    const http = registry.http()
    const challenge = 'Bearer realm="https://quay.example/v2/auth",service="quay.example"'
    const quay: typeof http = {
      ...http,
      send: async (request) => {
        const response = await http.send(request)
        return {...response, headers: {...response.headers, 'www-authenticate': challenge}}
      },
    }
    const client = testClients(quay).of('quay.example', 'team/app')
    client.beginUploads(2)
    await client.endUploads()
    expect(requests(registry)).toEqual([])
  })
})
