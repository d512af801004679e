import {describe, expect, test} from '@jest/globals'
import {ContentUnavailable, contentSource, type ContentSource} from '../../../../src/buildkit/content-source.ts'
import {digestOf, type Digest} from '../../../../src/oci/digest.ts'
import {readContentTree} from '../../../../src/stage/content/content-tree.ts'
import {memoryContent} from '../../../../testing/content-server.ts'
import {makeImage} from '../../../../testing/memory-registry/images.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
const contents = new Map<string, Uint8Array>([
  ...image.blobs,
  ...image.manifests.map(({digest, bytes}) => [digest, bytes] as const),
])

function sourceOf(blobs: ReadonlyMap<string, Uint8Array>): ContentSource {
  return contentSource(async () => Promise.resolve(memoryContent(blobs)), new AbortController().signal)
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all).toString()
}

describe('readContentTree', () => {
  test('lists all manifests, the top one last', async () => {
    const {tree} = await readContentTree(sourceOf(contents), image.digest)
    expect(tree.top).toMatchObject({digest: image.digest, mediaType: image.mediaType})
    expect(tree.levels.map((level) => level.length)).toEqual([image.manifests.length - 1, 1])
  })

  test('keeps everything but the layers, which the builder may drop', async () => {
    const blobs = new Map(contents)
    const {openBlob} = await readContentTree(sourceOf(blobs), image.digest)
    blobs.clear()
    for (const [digest, bytes] of image.blobs) {
      const reading = textOf(openBlob({digest, sizeBytes: bytes.byteLength}))
      if (bytes.toString().startsWith('layer of ')) await expect(reading).rejects.toMatchObject({isMissing: true})
      else expect(await reading).toBe(bytes.toString())
    }
  })

  test('opens layers on request', async () => {
    const {openBlob} = await readContentTree(sourceOf(contents), image.digest)
    for (const [digest, bytes] of image.blobs) {
      expect(await textOf(openBlob({digest, sizeBytes: bytes.byteLength}))).toBe(bytes.toString())
    }
  })

  const changed = (digest: Digest, text: string): ReadonlyMap<string, Uint8Array> =>
    new Map([...contents, [digest, Buffer.from(text)]])
  const other = Buffer.from('{"mediaType":"text/plain"}')

  test.each([
    {name: 'an index with another digest', blobs: changed(image.digest, '{}'), digest: image.digest},
    {
      name: 'a manifest with another digest',
      blobs: changed(image.manifests[0]?.digest ?? image.digest, '{}'),
      digest: image.digest,
    },
    {name: 'other content', blobs: new Map([[digestOf(other), other]]), digest: digestOf(other)},
    {name: 'an empty store', blobs: new Map<string, Uint8Array>(), digest: image.digest},
  ])('rejects $name', async ({blobs, digest}) => {
    await expect(readContentTree(sourceOf(blobs), digest)).rejects.toBeInstanceOf(ContentUnavailable)
  })
})
