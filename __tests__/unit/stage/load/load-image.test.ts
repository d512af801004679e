import {execFile} from 'node:child_process'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import path from 'node:path'
import {Readable} from 'node:stream'
import {promisify} from 'node:util'
import {describe, expect, test} from '@jest/globals'
import type {CommandResult} from '../../../../src/io/command.ts'
import {files} from '../../../../src/io/files.ts'
import {TagboatError} from '../../../../src/errors/error.ts'
import {parseManifest, type Descriptor} from '../../../../src/oci/manifest.ts'
import {parseTagRef, type TagRef} from '../../../../src/oci/reference.ts'
import {inspectEngine, parseEngine, type Engine} from '../../../../src/stage/load/engine.ts'
import {imageArchive} from '../../../../src/stage/load/image-archive.ts'
import {chooseLoad, registryLayout, loadImage} from '../../../../src/stage/load/load-image.ts'
import type {ImageSource} from '../../../../src/stage/layout/push-layout.ts'
import {readLayout} from '../../../../src/stage/layout/read-layout.ts'
import {scriptedProcesses, temporaryDirectory} from '../../../../testing/fake-io.ts'
import {makeImage, type TestImage} from '../../../../testing/memory-registry/images.ts'
import {storeImage, repositoryDoubles} from '../../../../testing/repository-doubles.ts'
import {writeLayout} from '../../../../testing/write-layout.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
const single = makeImage({platforms: ['linux/amd64']})
const amd64 = {os: 'linux', architecture: 'amd64'}
const containerd: Engine = {hasContainerdStore: true, platform: amd64}
const older: Engine = {hasContainerdStore: false, platform: amd64}
const tags = ['user/app:1', 'alpine:2', 'r.example:5000/o/app:latest'].map((text): TagRef => {
  const parsed = parseTagRef(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
})

async function withLayout<T>(made: TestImage, use: (layout: ImageSource) => T | Promise<T>): Promise<T> {
  await using directory = await temporaryDirectory()
  await writeLayout(directory.path, made)
  return await use(await readLayout(directory.path, files))
}

/** Files that `tar` extracts from an archive, by path. */
async function unpack(archive: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Buffer>> {
  await using directory = await temporaryDirectory()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk)
  const [file, folder] = [path.join(directory.path, 'image.tar'), path.join(directory.path, 'unpacked')]
  await writeFile(file, Buffer.concat(chunks))
  await files.makePrivateDirectory(folder)
  await promisify(execFile)('tar', ['-xf', file, '-C', folder])
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  const names = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
  const read = names.map(async (name) => [path.relative(folder, name), await readFile(name)] as const)
  return new Map(await Promise.all(read))
}

function json(content: Buffer | undefined): unknown {
  return JSON.parse(content?.toString() ?? 'null')
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

describe('imageArchive', () => {
  test('contains the unchanged content of the index and its names', async () => {
    const unpacked = await withLayout(image, async (layout) =>
      unpack(imageArchive({layout, top: layout.tree.top, tags})),
    )
    const contents = [...image.blobs, ...image.manifests.map(({digest, bytes}) => [digest, bytes] as const)]
    expect([...unpacked.keys()].sort()).toEqual(
      [...new Set(contents.map(([digest]) => blobName(digest))), 'index.json', 'oci-layout'].sort(),
    )
    for (const [digest, bytes] of contents) expect(unpacked.get(blobName(digest))?.equals(bytes)).toBe(true)
    const {manifests} = json(unpacked.get('index.json')) as {
      manifests: readonly (Descriptor & {annotations: Record<string, string>})[]
    }
    expect(manifests.map(({digest}) => digest)).toEqual(tags.map(() => image.digest))
    expect(manifests.map(({annotations}) => annotations['io.containerd.image.name'])).toEqual([
      'docker.io/user/app:1',
      'docker.io/library/alpine:2',
      'r.example:5000/o/app:latest',
    ])
  })

  test('has a manifest.json for one platform', async () => {
    await withLayout(image, async (layout) => {
      const {top} = choiceOf(layout, older)
      const unpacked = await unpack(imageArchive({layout, top, tags}))
      const [description] = json(unpacked.get('manifest.json')) as readonly {
        Config: string
        RepoTags: readonly string[]
        Layers: readonly string[]
      }[]
      expect(description?.RepoTags).toEqual(['user/app:1', 'alpine:2', 'r.example:5000/o/app:latest'])
      const named = [description?.Config ?? '', ...(description?.Layers ?? [])]
      expect(named.length).toBeGreaterThan(1)
      expect([...unpacked.keys()].sort()).toEqual(
        [...named, blobName(top.digest), 'index.json', 'manifest.json', 'oci-layout'].sort(),
      )
    })
  })

  test('contains an untagged image', async () => {
    const unpacked = await withLayout(single, async (layout) =>
      unpack(imageArchive({layout, top: layout.tree.top, tags: []})),
    )
    expect(json(unpacked.get('index.json'))).toMatchObject({manifests: [{digest: single.digest}]})
    expect(json(unpacked.get('manifest.json'))).toMatchObject([{RepoTags: []}])
  })

  test.each([
    {name: 'short', change: -1},
    {name: 'long', change: 1},
  ])('fails for a blob that is too $name', async ({change}) => {
    await withLayout(single, async (layout) => {
      const openBlob = ({sizeBytes}: Pick<Descriptor, 'sizeBytes'>): AsyncIterable<Uint8Array> =>
        Readable.from([Buffer.alloc(sizeBytes + change)])
      const archive = imageArchive({layout: {...layout, openBlob}, top: layout.tree.top, tags})
      await expect(unpack(archive)).rejects.toThrow(/does not have \d+ bytes/)
    })
  })

  test('writes a size of 9 GiB in binary', async () => {
    await withLayout(single, async (layout) => {
      const huge = [...layout.tree.blobs].map(
        ([digest, blobs]) => [digest, blobs.map((blob) => ({...blob, sizeBytes: 9 * 2 ** 30}))] as const,
      )
      const tree = {...layout.tree, blobs: new Map(huge)}
      for await (const chunk of imageArchive({layout: {...layout, tree}, top: tree.top, tags})) {
        const block = Buffer.from(chunk)
        if (!block.toString('latin1').startsWith('blobs/')) continue
        expect(block.byteLength).toBe(512)
        expect(block[124]).toBe(0x80)
        expect(block.readBigUInt64BE(128)).toEqual(9n * 2n ** 30n)
        return
      }
      throw new Error('there was no blob')
    })
  })
})

function choiceOf(layout: ImageSource, engine: Engine): Extract<ReturnType<typeof chooseLoad>, {kind: 'load'}> {
  const choice = chooseLoad({layout, platform: undefined, tags, engine, env: {}})
  if (choice.kind !== 'load') throw new Error(choice.warning)
  return choice
}

describe('chooseLoad', () => {
  const names = 'user/app:1, alpine:2, r.example:5000/o/app:latest'

  test('chooses all platforms with the containerd store', async () => {
    await withLayout(image, (layout) => {
      const {top, line, imageId} = choiceOf(layout, containerd)
      expect(top.digest).toEqual(image.digest)
      expect(imageId).toBe(image.digest)
      expect(line).toBe(`Loaded ${image.digest} (linux/amd64, linux/arm64) as ${names}`)
    })
  })

  test('chooses the native platform with the older store, and logs it', async () => {
    await withLayout(image, (layout) => {
      const {top, line, imageId} = choiceOf(layout, older)
      expect(top.digest).not.toBe(image.digest)
      const document = parseManifest(top.bytes)
      expect(imageId).toBe(document?.kind === 'manifest' ? document.config.digest : undefined)
      expect(line).toMatch(
        /^Loaded sha256:\w+, linux\/amd64 of sha256:\w+, as user\/app:1, .* with the image id sha256:\w+: this engine does not have the containerd image store/,
      )
    })
  })

  test.each([
    {name: 'a manifest', made: single},
    {name: 'an index with an attestation', made: makeImage({platforms: ['linux/arm64'], attestations: true})},
  ])('chooses the only image with the older store, for any platform: $name', async ({made}) => {
    await withLayout(made, (layout) => {
      const {top} = choiceOf(layout, {...older, platform: {os: 'linux', architecture: 's390x'}})
      expect(parseManifest(top.bytes)?.kind).toBe('manifest')
      expect(made.manifests.map(({digest}) => digest)).toContain(top.digest)
    })
  })

  test('warns if the image lacks the platform of an engine with the older store', async () => {
    await withLayout(image, (layout) => {
      const engine = {...older, platform: {os: 'linux', architecture: 's390x'}}
      expect(chooseLoad({layout, platform: undefined, tags, engine, env: {}})).toEqual({
        kind: 'nothing',
        warning: expect.stringMatching(/the image was not loaded.*linux\/amd64, linux\/arm64.*linux\/s390x/),
      })
    })
  })
})

describe('loadImage', () => {
  async function run(result: Partial<CommandResult>): Promise<{readonly bytes: number; readonly code?: string}> {
    let bytes = 0
    const processes = scriptedProcesses(async ({source = []}) => {
      for await (const chunk of source) bytes += chunk.byteLength
      return result
    })
    return withLayout(image, async (layout) => {
      try {
        await loadImage({layout, platform: undefined, tags, engine: containerd, env: {}}, processes)
        expect(processes.commands.map(({file, args}) => [file, ...args])).toEqual([['docker', 'load']])
        return {bytes}
      } catch (error) {
        if (!(error instanceof TagboatError)) throw error
        expect(error.evidence).toEqual(['no space left on device'])
        return {bytes, code: error.code}
      }
    })
  }

  test('passes the whole archive to the engine', async () => {
    const {bytes, code} = await run({})
    expect(bytes % 512).toBe(0)
    expect(bytes > 5_000).toBe(true)
    expect(code).toBeUndefined()
  })

  test('reports the error of the engine', async () => {
    expect(await run({exitCode: 1, stderr: 'no space left on device\n'})).toMatchObject({code: 'load-failed'})
  })

  test('loads an image from a registry', async () => {
    const doubles = repositoryDoubles()
    storeImage(doubles.repository('r.example/o/app'), image)
    const client = doubles.repository('r.example/o/app')
    const top = await client.manifest(image.digest)
    if (top === undefined) throw new Error('no image')
    const layout = await registryLayout(client, top)
    const unpacked = await unpack(imageArchive({layout, top, tags}))
    const local = await withLayout(image, async (one) => unpack(imageArchive({layout: one, top: one.tree.top, tags})))
    expect([...unpacked.keys()].sort()).toEqual([...local.keys()].sort())
  })
})

describe('the Docker engine', () => {
  const line = '[["driver-type","io.containerd.snapshotter.v1"]]'

  test.each([
    {name: 'with the containerd store', given: `${line}\nlinux/x86_64\n`, expected: containerd},
    {
      name: 'with the older store',
      given: '[["Backing Filesystem","extfs"],["Supports d_type","true"]]\nlinux/aarch64',
      expected: {hasContainerdStore: false, platform: {os: 'linux', architecture: 'arm64'}},
    },
    {
      name: 'on Windows',
      given: '[["Windows",""]]\nwindows/x86_64',
      expected: {hasContainerdStore: false, platform: {os: 'windows', architecture: 'amd64'}},
    },
    {
      name: 'with the older store and no status',
      given: 'null\nlinux/x86_64\n',
      expected: {hasContainerdStore: false, platform: amd64},
    },
    {name: 'missing', given: 'null\n/\n', expected: undefined},
    {name: 'without output', given: '', expected: undefined},
  ])('$name', ({given, expected}) => {
    expect(parseEngine(given)).toEqual(expected)
  })

  test.each([
    {name: 'unreachable', result: {exitCode: 1, stderr: 'Cannot connect\n'}},
    {name: 'unreachable, with exit code 0', result: {stdout: 'null\n/\n', stderr: 'Cannot connect\n'}},
  ])('is an error: $name', async ({result}) => {
    const asked = inspectEngine(
      {},
      scriptedProcesses(() => result),
    )
    await expect(asked).rejects.toMatchObject({code: 'engine-unreachable', evidence: ['Cannot connect']})
  })
})
