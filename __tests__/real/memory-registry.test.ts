import {afterAll, beforeAll, expect, test} from '@jest/globals'
import {digestOf, type Digest} from '../../src/oci/digest.ts'
import type {Loopback} from '../../testing/loopback.ts'
import {makeImage, memoryRegistry} from '../../testing/memory-registry.ts'
import {rawRequest, type RawAnswer, type RawRequest} from '../../testing/raw-http.ts'
import {startRegistry, type Registry} from '../../testing/registry.ts'

/** Compares both registries by sending the same requests. Features that distribution 2.8 lacks are in the unit test. */
let real: Registry
let memory: Loopback

beforeAll(async () => {
  real = await startRegistry()
  memory = await memoryRegistry({referrers: false, singlePost: false, deletes: {tags: 400}}).serve()
})

afterAll(async () => {
  await memory[Symbol.asyncDispose]()
  await real.stop()
})

type Step = (ask: Ask) => Promise<void>
type Ask = (request: RawRequest) => Promise<RawAnswer>

/** Parts of an answer that clients use, without generated values. */
function essence({method}: RawRequest, host: string, {status, header, text}: RawAnswer): unknown {
  const isError = status >= 400 && text.startsWith('{')
  const errors = isError ? (JSON.parse(text) as {readonly errors: readonly {readonly code: string}[]}).errors : []
  const location = header('location')
    ?.replace(`http://${host}`, 'ORIGIN')
    .replace(/uploads\/[^?]+/, 'uploads/ID')
    .replace(/_state=[^&]+/, '_state=STATE')
  return {
    method,
    status,
    location,
    codes: errors.map(({code}) => code),
    ...Object.fromEntries(compared.map((name) => [name, header(name)])),
    ...(status >= 400 ? {} : {text, 'content-length': header('content-length')}),
  }
}

const compared = ['content-type', 'docker-content-digest', 'range', 'link', 'www-authenticate', 'etag', 'oci-subject']

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], text: 'compared'})
const single = makeImage({text: 'single'})
const [child] = image.manifests
const [firstBlob = Buffer.alloc(0)] = image.blobs.values()
const digest = digestOf(firstBlob)
const absent: Digest = `sha256:${'0'.repeat(64)}`
const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'

function bytesOf(one: {readonly bytes: Buffer} | undefined): Buffer {
  return one?.bytes ?? Buffer.alloc(0)
}

async function upload(ask: Ask, name: string, bytes: Buffer): Promise<void> {
  const {header} = await ask({method: 'POST', path: `/v2/${name}/blobs/uploads/`})
  const path = `${header('location') ?? ''}&digest=${digestOf(bytes)}`
  await ask({method: 'PUT', path, body: bytes, headers: {'content-type': 'application/octet-stream'}})
}

async function push(ask: Ask, name: string, pushed: typeof image, tag: string): Promise<void> {
  for (const blob of pushed.blobs.values()) await upload(ask, name, blob)
  for (const {digest: reference, bytes, mediaType} of pushed.manifests) {
    await ask({
      method: 'PUT',
      path: `/v2/${name}/manifests/${reference}`,
      body: bytes,
      headers: {'content-type': mediaType},
    })
  }
  await ask({
    method: 'PUT',
    path: `/v2/${name}/manifests/${tag}`,
    body: pushed.bytes,
    headers: {'content-type': pushed.mediaType},
  })
}

const get =
  (path: string, headers: RawRequest['headers'] = {}): Step =>
  async (ask) => {
    await ask({method: 'GET', path, headers})
    await ask({method: 'HEAD', path, headers})
  }

const getOnly =
  (path: string): Step =>
  async (ask) => {
    await ask({method: 'GET', path})
  }

const steps: readonly {readonly name: string; readonly step: Step}[] = [
  {name: 'the ping', step: getOnly('/v2/')},
  {name: 'a path of no API', step: get('/v2/app/nothing')},
  {name: 'an invalid name', step: get('/v2/APP/tags/list')},
  {name: 'tags of a missing repository', step: getOnly('/v2/none/tags/list')},
  {name: 'a manifest of a missing repository', step: get('/v2/none/manifests/latest', {accept})},
  {name: 'a blob of a missing repository', step: get(`/v2/none/blobs/${absent}`)},
  {name: 'an image of two platforms', step: async (ask) => push(ask, 'compared/app', image, '1.0')},
  {name: 'an image without an index', step: async (ask) => push(ask, 'compared/app', single, '0.9')},
  {name: 'the index by tag', step: get('/v2/compared/app/manifests/1.0', {accept})},
  {name: 'the index by digest', step: get(`/v2/compared/app/manifests/${image.digest}`, {accept})},
  {name: 'a manifest that Accept does not name', step: get('/v2/compared/app/manifests/0.9')},
  {name: 'a manifest for any type', step: get('/v2/compared/app/manifests/0.9', {accept: '*/*'})},
  {name: 'a missing tag', step: get('/v2/compared/app/manifests/2.0', {accept})},
  {name: 'a missing digest', step: get(`/v2/compared/app/manifests/${absent}`, {accept})},
  {name: 'a blob', step: get(`/v2/compared/app/blobs/${digest}`)},
  {name: 'a missing blob', step: get(`/v2/compared/app/blobs/${absent}`)},
  {name: 'a blob of another repository', step: get(`/v2/compared/other/blobs/${digest}`)},
  {
    name: 'referrers without the API',
    step: getOnly(`/v2/compared/app/referrers/${image.digest}`),
  },
  {name: 'tags', step: getOnly('/v2/compared/app/tags/list')},
  {
    name: 'a deleted tag',
    step: async (ask) => {
      await ask({method: 'DELETE', path: '/v2/compared/app/manifests/0.9'})
      await ask({method: 'GET', path: '/v2/compared/app/tags/list'})
    },
  },
  {
    name: 'a manifest whose blobs are missing',
    step: async (ask) => {
      const headers = {'content-type': child?.mediaType ?? ''}
      await ask({method: 'PUT', path: '/v2/compared/empty/manifests/1.0', body: bytesOf(child), headers})
      await ask({method: 'GET', path: '/v2/compared/empty/tags/list'})
    },
  },
  {
    name: 'an index whose manifests are missing',
    step: async (ask) => {
      const headers = {'content-type': image.mediaType}
      await ask({method: 'PUT', path: '/v2/compared/empty/manifests/1.0', body: image.bytes, headers})
    },
  },
  {
    name: 'a manifest under a wrong digest',
    step: async (ask) => {
      const headers = {'content-type': image.mediaType}
      await ask({method: 'PUT', path: `/v2/compared/app/manifests/${absent}`, body: image.bytes, headers})
    },
  },
  {
    name: 'a manifest that is not JSON',
    step: async (ask) => {
      const headers = {'content-type': image.mediaType}
      await ask({method: 'PUT', path: '/v2/compared/app/manifests/bad', body: 'manifest', headers})
    },
  },
  {
    name: 'a mount, and a mount of a missing blob',
    step: async (ask) => {
      await ask({method: 'POST', path: `/v2/compared/other/blobs/uploads/?mount=${digest}&from=compared/app`})
      await ask({method: 'HEAD', path: `/v2/compared/other/blobs/${digest}`})
      const {header} = await ask({
        method: 'POST',
        path: `/v2/compared/other/blobs/uploads/?mount=${absent}&from=compared/app`,
      })
      await ask({method: 'DELETE', path: header('location') ?? ''})
    },
  },
  {
    name: 'an upload in chunks',
    step: async (ask) => {
      const chunk = async (path: string, body: string): Promise<string> => {
        const headers = {'content-type': 'application/octet-stream'}
        const {header} = await ask({method: 'PATCH', path, body, headers})
        return header('location') ?? ''
      }
      const {header} = await ask({method: 'POST', path: '/v2/compared/app/blobs/uploads/'})
      const second = await chunk(header('location') ?? '', 'first and ')
      await ask({method: 'GET', path: second})
      const last = await chunk(second, 'second')
      await ask({method: 'PUT', path: `${last}&digest=${digestOf(Buffer.from('first and second'))}`})
    },
  },
  {
    name: 'an upload with a wrong digest',
    step: async (ask) => {
      const {header} = await ask({method: 'POST', path: '/v2/compared/app/blobs/uploads/'})
      await ask({method: 'PUT', path: `${header('location') ?? ''}&digest=${absent}`, body: 'something'})
    },
  },
  {
    name: 'an upload in one request, which only starts an upload here',
    step: async (ask) => {
      const path = `/v2/compared/app/blobs/uploads/?digest=${digestOf(Buffer.from('at once'))}`
      await ask({method: 'POST', path, body: 'at once'})
    },
  },
  {
    name: 'a cancelled upload',
    step: async (ask) => {
      const {header} = await ask({method: 'POST', path: '/v2/compared/app/blobs/uploads/'})
      await ask({method: 'DELETE', path: header('location') ?? ''})
      await ask({method: 'GET', path: header('location') ?? ''})
    },
  },
  {
    name: 'an upload without the query of its address',
    step: async (ask) => {
      const {header} = await ask({method: 'POST', path: '/v2/compared/app/blobs/uploads/'})
      const [path = ''] = (header('location') ?? '').split('?')
      await ask({method: 'PUT', path: `${path}?digest=${digest}`, body: firstBlob})
    },
  },
  {
    name: 'a deleted blob',
    step: async (ask) => {
      await ask({method: 'DELETE', path: `/v2/compared/other/blobs/${digest}`})
      await ask({method: 'DELETE', path: `/v2/compared/other/blobs/${digest}`})
      await ask({method: 'HEAD', path: `/v2/compared/other/blobs/${digest}`})
    },
  },
  {
    name: 'a deleted manifest, and its tags with it',
    step: async (ask) => {
      await ask({method: 'DELETE', path: `/v2/compared/app/manifests/${single.digest}`})
      await ask({method: 'DELETE', path: `/v2/compared/app/manifests/${single.digest}`})
      await ask({method: 'GET', path: '/v2/compared/app/tags/list'})
      await ask({method: 'GET', path: '/v2/compared/app/manifests/0.9', headers: {accept}})
    },
  },
]

test.each(steps)('the memory registry answers as the real one does: $name', async ({step}) => {
  const answersOf = async (host: string): Promise<readonly unknown[]> => {
    const seen: unknown[] = []
    await step(async (request) => {
      const answer = await rawRequest(host, request)
      seen.push(essence(request, host, answer))
      return answer
    })
    return seen
  }
  const expected = await answersOf(real.host)
  expect(await answersOf(memory.host)).toEqual(expected)
  expect(expected).not.toEqual([])
})
