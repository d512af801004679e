import {describe, expect, test} from '@jest/globals'
import {mkdir} from 'node:fs/promises'
import path from 'node:path'
import {TagboatError} from '../../../src/errors/error.ts'
import {digestOf} from '../../../src/oci/digest.ts'
import type {Descriptor} from '../../../src/oci/manifest.ts'
import {ViewedBlobs, viewImage, type ViewedImage} from '../../../src/scanner/image-view.ts'
import {fakeIo, temporaryDirectory} from '../../../testing/fake-io.ts'
import {makeImage} from '../../../testing/memory-registry/images.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
const [blob = digestOf(Buffer.of())] = image.blobs.keys()

interface Opened {
  readonly view: ViewedImage
  /** Digests of opened blobs, in order. */
  readonly opened: readonly string[]
}

function viewed(failure?: TagboatError, failures = Infinity): Opened {
  const opened: string[] = []
  return {
    opened,
    view: {
      content: image,
      manifest: async (digest) => Promise.resolve(image.manifests.find((one) => one.digest === digest)),
      async *openBlob({digest}: Descriptor) {
        opened.push(digest)
        await Promise.resolve()
        if (failure !== undefined && opened.length <= failures) throw failure
        yield image.blobs.get(digest) ?? Buffer.of()
      },
    },
  }
}

interface Served {
  readonly get: (target: string, method?: string) => Promise<Response>
  readonly failure: () => unknown
}

async function serving(given: ViewedImage, body: (served: Served) => Promise<void>): Promise<void> {
  await using directory = await temporaryDirectory()
  const io = fakeIo({})
  const work = path.join(directory.path, 'work')
  await mkdir(work)
  await using view = await viewImage(given, new ViewedBlobs(work, io.files), io)
  const host = view.name.split('/')[0] ?? ''
  await body({
    get: async (target, method = 'GET') => fetch(`http://${host}${target}`, {method}),
    failure: view.failure,
  })
}

describe('the view of an image', () => {
  test('has its manifests and blobs, and reads each blob once', async () => {
    const {view, opened} = viewed()
    await serving(view, async ({get}) => {
      expect((await get('/v2/')).status).toBe(200)
      for (const {digest, bytes, mediaType} of image.manifests) {
        const response = await get(`/v2/staged/manifests/${digest}`)
        expect(response.headers.get('content-type')).toBe(mediaType)
        expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true)
      }
      const answers = await Promise.all([blob, blob, blob].map(async (one) => get(`/v2/staged/blobs/${one}`)))
      for (const answer of answers) {
        expect(Buffer.from(await answer.arrayBuffer()).equals(image.blobs.get(blob) ?? Buffer.of())).toBe(true)
      }
      expect(opened).toEqual([blob])
      const head = await get(`/v2/staged/blobs/${blob}`, 'HEAD')
      expect([head.status, head.headers.get('docker-content-digest'), await head.text()]).toEqual([200, blob, ''])
    })
  })

  test.each([
    {name: 'a tag', target: '/v2/staged/manifests/latest'},
    {name: 'another digest', target: `/v2/staged/manifests/${digestOf(Buffer.from('x'))}`},
    {name: 'another blob', target: `/v2/staged/blobs/${digestOf(Buffer.from('x'))}`},
    {name: 'a blob as a manifest', target: `/v2/staged/manifests/${blob}`},
    {name: 'a manifest as a blob', target: `/v2/staged/blobs/${image.digest}`},
    {name: 'another repository', target: `/v2/other/manifests/${image.digest}`},
    {name: 'the tags', target: '/v2/staged/tags/list'},
    {name: 'a list of repositories', target: '/v2/_catalog'},
    {name: 'referrers', target: `/v2/staged/referrers/${image.digest}`},
    {name: 'a path upwards', target: `/v2/staged/blobs/../../../etc/passwd`},
    {name: 'an encoded path upwards', target: `/v2/staged/blobs/%2e%2e%2fetc%2fpasswd`},
    {name: 'a query', target: `/v2/staged/manifests/${image.digest}?ns=ghcr.io`},
    {name: 'the root', target: '/'},
    {name: 'a push', target: `/v2/staged/manifests/${image.digest}`, method: 'PUT'},
    {name: 'an upload', target: '/v2/staged/blobs/uploads/', method: 'POST'},
    {name: 'a deletion', target: `/v2/staged/manifests/${image.digest}`, method: 'DELETE'},
  ])('does not have $name', async ({target, method}) => {
    const {view, opened} = viewed()
    await serving(view, async ({get}) => {
      expect((await get(target, method)).status).toBe(404)
    })
    expect(opened).toEqual([])
  })

  test('reports the failure to read a blob, and cuts the response off', async () => {
    const failure = new TagboatError('registry-unreachable')
    const {view} = viewed(failure)
    await serving(view, async ({get, failure: found}) => {
      await expect(get(`/v2/staged/blobs/${blob}`).then(async (response) => response.arrayBuffer())).rejects.toThrow()
      expect(found()).toBe(failure)
    })
  })

  test('reads a blob again after a failure', async () => {
    const {view, opened} = viewed(new TagboatError('registry-unreachable'), 1)
    await serving(view, async ({get}) => {
      const read = async (): Promise<ArrayBuffer> => (await get(`/v2/staged/blobs/${blob}`)).arrayBuffer()
      await expect(read()).rejects.toThrow()
      expect(Buffer.from(await read()).equals(image.blobs.get(blob) ?? Buffer.of())).toBe(true)
      await read()
      expect(opened).toEqual([blob, blob])
    })
  })

  test('needs every manifest', async () => {
    const {view} = viewed()
    const incomplete = {...view, manifest: async () => Promise.resolve(undefined)}
    await expect(serving(incomplete, async () => Promise.resolve())).rejects.toMatchObject({code: 'scan-failed'})
  })
})
