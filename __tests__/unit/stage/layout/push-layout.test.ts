import {writeFile} from 'node:fs/promises'
import path from 'node:path'
import {describe, expect, test} from '@jest/globals'
import {files} from '../../../../src/io/files.ts'
import {digestOf, type Digest} from '../../../../src/oci/digest.ts'
import {pushLayout} from '../../../../src/stage/layout/push-layout.ts'
import {readLayout} from '../../../../src/stage/layout/read-layout.ts'
import {temporaryDirectory, type TemporaryDirectory} from '../../../../testing/fake-io.ts'
import {makeImage, type TestImage} from '../../../../testing/memory-registry/images.ts'
import {storeImage, repositoryDoubles, type RepositoryDoubles} from '../../../../testing/repository-doubles.ts'
import {writeLayout} from '../../../../testing/write-layout.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})

/** Layers of the file system, without configurations and attestations. */
function layersOf({blobs}: TestImage): readonly Digest[] {
  return [...blobs].flatMap(([digest, bytes]) => (bytes.toString().startsWith('layer of ') ? [digest] : []))
}

const layers = layersOf(image)

async function layoutOf(made: TestImage): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory()
  await writeLayout(directory.path, made)
  return directory
}

async function push(names: readonly string[], doubles: RepositoryDoubles): Promise<string> {
  await using directory = await layoutOf(image)
  const repositories = names.map((name) => doubles.repository(name))
  return (await pushLayout(await readLayout(directory.path, files), repositories)).digest
}

const countOf = (doubles: RepositoryDoubles, pattern: RegExp): number =>
  doubles.calls.filter((call) => pattern.test(call)).length

describe('readLayout', () => {
  test('lists all manifests, the top one last', async () => {
    await using directory = await layoutOf(image)
    const {tree} = await readLayout(directory.path, files)
    expect(tree.top).toMatchObject({digest: image.digest, mediaType: image.mediaType})
    expect(tree.levels.map((level) => level.map(({digest}) => digest).sort())).toEqual([
      image.manifests
        .slice(0, -1)
        .map(({digest}) => digest)
        .sort(),
      [image.digest],
    ])
  })

  test('lists a nested index before the top one', async () => {
    const entry = {mediaType: image.mediaType, digest: image.digest, size: image.bytes.length}
    const [child] = image.manifests
    if (child === undefined) throw new Error('a manifest is absent')
    const bytes = Buffer.from(
      JSON.stringify({manifests: [{mediaType: child.mediaType, digest: child.digest, size: 1}, entry]}),
    )
    const nested = {
      ...image,
      digest: digestOf(bytes),
      manifests: [...image.manifests, {...image, digest: digestOf(bytes), bytes}],
    }
    await using directory = await layoutOf(nested)
    const {levels} = (await readLayout(directory.path, files)).tree
    expect(levels.map((level) => level.length)).toEqual([image.manifests.length - 1, 1, 1])
    expect(levels[1]?.[0]?.digest).toBe(image.digest)
  })

  test.each([
    {
      name: 'content with another digest',
      file: image.manifests[0]?.digest.slice(7) ?? '',
      text: '{}',
      evidence: /has the digest sha256:44136fa/,
    },
  ])('rejects $name', async ({file, text, evidence}) => {
    await using directory = await layoutOf(image)
    await writeFile(path.join(directory.path, 'blobs', 'sha256', file), text)
    await expect(readLayout(directory.path, files)).rejects.toMatchObject({
      code: 'unexpected',
      evidence: [expect.stringMatching(evidence)],
    })
  })

  test('rejects other content', async () => {
    const bytes = Buffer.from('{"schemaVersion":1}')
    const made = {...image, digest: digestOf(bytes), manifests: [{...image, digest: digestOf(bytes), bytes}]}
    await using directory = await layoutOf(made)
    await expect(readLayout(directory.path, files)).rejects.toMatchObject({
      evidence: [expect.stringMatching(/is neither a manifest nor an index/)],
    })
  })

  test('rejects an empty directory', async () => {
    await using directory = await temporaryDirectory()
    await expect(readLayout(directory.path, files)).rejects.toMatchObject({code: 'ENOENT'})
  })
})

describe('pushLayout', () => {
  test('pushes the image to all repositories without tags', async () => {
    const doubles = repositoryDoubles()
    const names = ['a.example/x/one', 'a.example/x/two', 'b.example/y']
    expect(await push(names, doubles)).toBe(image.digest)
    for (const name of names) {
      const {manifests, blobs} = doubles.repository(name)
      expect([...manifests.keys()].sort()).toEqual(image.manifests.map(({digest}) => digest).sort())
      expect([...blobs.keys()].sort()).toEqual([...image.blobs.keys()].sort())
    }
  })

  test('uploads a blob once per registry and mounts it in the other repositories', async () => {
    const doubles = repositoryDoubles()
    await push(['a.example/x/one', 'a.example/x/two', 'a.example/x/three', 'b.example/y'], doubles)
    expect(countOf(doubles, /^a\.example\S* upload/)).toBe(image.blobs.size)
    expect(countOf(doubles, /^b\.example\S* upload/)).toBe(image.blobs.size)
    expect(countOf(doubles, /^a\.example\/x\/t\S* mount \S+ from x\/one$/)).toBe(2 * image.blobs.size)
  })

  test('uploads without support for mounts', async () => {
    const doubles = repositoryDoubles({mounts: false})
    await push(['a.example/x/one', 'a.example/x/two'], doubles)
    expect(countOf(doubles, / upload /)).toBe(2 * image.blobs.size)
  })

  test('does not send an existing image', async () => {
    const doubles = repositoryDoubles()
    await push(['a.example/x/one'], doubles)
    const before = doubles.calls.length
    await push(['a.example/x/one'], doubles)
    const asked = doubles.calls.slice(before)
    expect(asked).toContain(`a.example/x/one HEAD ${image.digest}`)
    expect(asked.filter((call) => !/ (?:HEAD|has) /.test(call))).toEqual([])
  })

  test('checks the manifest and the layers concurrently, each once', async () => {
    const head = Promise.withResolvers<undefined>()
    const seen: string[] = []
    const doubles = repositoryDoubles({
      beforeCall: async (call) => {
        seen.push(call)
        if (call.includes(' HEAD ')) await head.promise
        if (call.includes(' has ')) head.resolve(undefined)
      },
    })
    await push(['a.example/x/one'], doubles)
    const asked = seen.filter((call) => call.includes(' has '))
    expect(asked.sort()).toEqual(layers.map((digest) => `a.example/x/one has ${digest}`).sort())
  })

  test('sends the documents of a new image while it checks the layers, each once', async () => {
    const documents = [...image.blobs.keys()].filter((digest) => !layers.includes(digest))
    const uploaded = Promise.withResolvers<undefined>()
    let uploads = 0
    const doubles = repositoryDoubles({
      beforeCall: async (call) => {
        if (call.includes(' upload ') && (uploads += 1) === documents.length) uploaded.resolve(undefined)
        if (call.includes(' has ')) await uploaded.promise
      },
    })
    await using directory = await layoutOf(image)
    const made = {...(await readLayout(directory.path, files)), isNew: true}
    await pushLayout(made, [doubles.repository('a.example/x/one')])
    expect(countOf(doubles, / upload /)).toBe(image.blobs.size)
    expect([...doubles.repository('a.example/x/one').blobs.keys()].sort()).toEqual([...image.blobs.keys()].sort())
  })

  test('sends the layers of a new image although a document is stored late', async () => {
    const layersSent = Promise.withResolvers<undefined>()
    let sent = 0
    const doubles = repositoryDoubles({
      beforeCall: async (call) => {
        if (!call.includes(' upload ')) return
        const isOfLayer = layers.some((digest) => call.includes(digest))
        if (isOfLayer && (sent += 1) === layers.length) layersSent.resolve(undefined)
        if (!isOfLayer) await layersSent.promise
      },
    })
    await using directory = await layoutOf(image)
    const made = {...(await readLayout(directory.path, files)), isNew: true}
    await pushLayout(made, [doubles.repository('a.example/x/one')])
    expect(doubles.repository('a.example/x/one').manifests.size).toBe(image.manifests.length)
  })

  test('pushes no manifest if a document of a new image is refused', async () => {
    const doubles = repositoryDoubles({
      beforeCall: (call) => {
        if (call.includes(' upload ')) throw new Error('refused')
      },
    })
    await using directory = await layoutOf(image)
    const made = {...(await readLayout(directory.path, files)), isNew: true}
    await expect(pushLayout(made, [doubles.repository('a.example/x/one')])).rejects.toThrow('refused')
    expect(countOf(doubles, / PUT /)).toBe(0)
  })

  test('checks all of many layers and sends no existing one', async () => {
    const platforms = Array.from({length: 20}, (_, index) => `linux/arm/v${index}`)
    const large = makeImage({platforms})
    const doubles = repositoryDoubles()
    for (const digest of layersOf(large)) {
      doubles.repository('a.example/x').blobs.set(digest, large.blobs.get(digest) ?? Buffer.alloc(0))
    }
    await using directory = await layoutOf(large)
    await pushLayout(await readLayout(directory.path, files), [doubles.repository('a.example/x')])
    expect(countOf(doubles, / has /)).toBe(20)
    expect(countOf(doubles, / upload /)).toBe(20)
  })

  test('sends only missing blobs', async () => {
    const doubles = repositoryDoubles()
    const {blobs} = doubles.repository('a.example/x/one')
    const [there] = layers
    if (there === undefined) throw new Error('a layer is absent')
    blobs.set(there, image.blobs.get(there) ?? Buffer.alloc(0))
    await push(['a.example/x/one'], doubles)
    expect(countOf(doubles, / upload /)).toBe(image.blobs.size - 1)
  })

  test('mounts from a repository that has the image', async () => {
    const doubles = repositoryDoubles()
    storeImage(doubles.repository('a.example/x/two'), image)
    await push(['a.example/x/one', 'a.example/x/two'], doubles)
    expect(countOf(doubles, / upload /)).toBe(0)
    expect(countOf(doubles, /^a\.example\/x\/two (?!HEAD)/)).toBe(0)
  })

  test('limits concurrent uploads', async () => {
    const running = {now: 0, most: 0}
    const doubles = repositoryDoubles({
      beforeCall: async (call) => {
        if (!call.includes(' upload ')) return
        running.now += 1
        running.most = Math.max(running.most, running.now)
        await new Promise((resolve) => setImmediate(resolve))
        running.now -= 1
      },
    })
    const platforms = Array.from({length: 20}, (_, index) => `linux/arm/v${index}`)
    const large = makeImage({platforms})
    await using directory = await layoutOf(large)
    await pushLayout(await readLayout(directory.path, files), [doubles.repository('a.example/x')])
    expect(running.most).toBeGreaterThan(1)
    expect(running.most).toBeLessThanOrEqual(6)
  })

  test('completes the push to another registry after a failure, and throws it', async () => {
    const doubles = repositoryDoubles({
      beforeCall: (call) => {
        if (call.startsWith('a.example') && call.includes(' upload ')) throw new Error('no space')
      },
    })
    await expect(push(['a.example/x', 'b.example/x'], doubles)).rejects.toThrow('no space')
    expect(doubles.repository('a.example/x').manifests.size).toBe(0)
    expect(doubles.repository('b.example/x').manifests.has(image.digest)).toBe(true)
  })
})
