import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../../src/oci/digest.ts'
import {copyImage} from '../../../src/registry/copy.ts'
import {memoryNetwork, memoryRegistry, type Fault, type MemoryRegistry} from '../../support/memory-registry.ts'
import {makeImage, makeReferrer} from '../../support/memory-registry/images.ts'
import {testClients} from '../../support/registry-client.ts'
import {
  hold,
  repositoryDoubles,
  type RepositoryDoubles,
  type RepositoryDoublesOptions,
} from '../../support/repository-doubles.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
const [child] = image.manifests
if (child === undefined) throw new Error('an image without a manifest')
const artifactType = 'application/vnd.example.signature'
const signature = makeReferrer(image, artifactType)
const ofChild = makeReferrer(child, 'application/vnd.example.scan')
const ofSignature = makeReferrer(signature, artifactType)

function world(options: RepositoryDoublesOptions = {}): RepositoryDoubles {
  const doubles = repositoryDoubles(options)
  for (const made of [image, signature, ofChild, ofSignature]) hold(doubles.repository('a.example/x/from'), made)
  return doubles
}

async function copy(
  doubles: RepositoryDoubles,
  to: string,
  from = 'a.example/x/from',
  digest = image.digest,
): Promise<string> {
  const top = await copyImage({digest, source: doubles.repository(from), destination: doubles.repository(to)})
  return top.digest
}

const everything = [image, signature, ofChild, ofSignature]
const manifests = everything.flatMap((made) => made.manifests.map(({digest}) => digest)).sort()
const blobs = [...new Set(everything.flatMap((made) => [...made.blobs.keys()]))].sort()

describe('copyImage', () => {
  test.each(['b.example/y', 'a.example/x/to'])(
    'to %s: all that is below it and all that refers to it, by digest',
    async (to) => {
      const doubles = world()
      expect(await copy(doubles, to)).toBe(image.digest)
      const destination = doubles.repository(to)
      expect([...destination.manifests.keys()].sort()).toEqual(manifests)
      expect([...destination.blobs.keys()].sort()).toEqual(blobs)
      for (const {digest, bytes} of image.manifests) expect(destination.manifests.get(digest)?.bytes).toEqual(bytes)
    },
  )

  test('between registries blobs are uploaded, within one they are mounted', async () => {
    const doubles = world()
    await copy(doubles, 'b.example/y')
    await copy(doubles, 'a.example/x/to')
    // Referrers share the empty configuration: to send it again does no harm.
    expect(new Set(doubles.calls.filter((call) => call.startsWith('b.example/y upload'))).size).toBe(blobs.length)
    expect(doubles.calls.filter((call) => /^a\.example\/x\/to (?:upload|has)/.test(call))).toEqual([])
    expect(new Set(doubles.calls.filter((call) => call.startsWith('a.example/x/to mount'))).size).toBe(blobs.length)
  })

  test('within a registry that does not mount they are uploaded', async () => {
    const doubles = world({mounts: false})
    await copy(doubles, 'a.example/x/to')
    expect([...doubles.repository('a.example/x/to').blobs.keys()].sort()).toEqual(blobs)
  })

  test('a second copy only looks', async () => {
    const doubles = world()
    await copy(doubles, 'b.example/y')
    const before = doubles.calls.length
    await copy(doubles, 'b.example/y')
    expect(doubles.calls.slice(before).filter((call) => /^b\.example\/y (?!HEAD|referrers)/.test(call))).toEqual([])
  })

  test('of an image that is there, only a new signature is sent', async () => {
    const doubles = world()
    await copy(doubles, 'b.example/y')
    const late = makeReferrer(image, artifactType, 'late')
    hold(doubles.repository('a.example/x/from'), late)
    const before = doubles.calls.length
    await copy(doubles, 'b.example/y')
    expect(doubles.calls.slice(before).filter((call) => call.startsWith('b.example/y PUT'))).toEqual([
      `b.example/y PUT ${late.digest}`,
    ])
  })

  test('of an index that lacks an image, the image is sent', async () => {
    const doubles = world()
    await copy(doubles, 'b.example/y')
    doubles.repository('b.example/y').manifests.delete(child.digest)
    const before = doubles.calls.length
    await copy(doubles, 'b.example/y')
    expect(doubles.calls.slice(before).filter((call) => call.startsWith('b.example/y PUT'))).toEqual([
      `b.example/y PUT ${child.digest}`,
    ])
  })

  test('to the same repository there is nothing to do', async () => {
    const doubles = world()
    expect(await copy(doubles, 'a.example/x/from')).toBe(image.digest)
    expect(doubles.calls).toEqual([`a.example/x/from GET ${image.digest}`])
  })

  test('where a registry lists no referrers, they are listed under the tag of the digest', async () => {
    const doubles = world()
    const bare = repositoryDoubles({referrersApi: false})
    const request = {digest: image.digest, source: doubles.repository('a.example/x/from')}
    await copyImage({...request, destination: bare.repository('b.example/y')})
    const {manifests: held} = bare.repository('b.example/y')
    const tags = [...held.keys()].filter((key) => !key.startsWith('sha256:'))
    expect(tags.sort()).toEqual([image, child, signature].map(({digest}) => digest.replace(':', '-')).sort())
    const list = held.get(image.digest.replace(':', '-'))?.bytes.toString() ?? ''
    expect(JSON.parse(list)).toMatchObject({manifests: [{digest: signature.digest, artifactType}]})
  })

  test('and those that were listed there stay', async () => {
    const bare = repositoryDoubles({referrersApi: false})
    const destination = bare.repository('b.example/y')
    const other = makeReferrer(image, artifactType, 'their own')
    hold(destination, image)
    hold(destination, other)
    const list = Buffer.from(JSON.stringify({manifests: [{mediaType: other.mediaType, digest: other.digest, size: 1}]}))
    const tag = image.digest.replace(':', '-')
    destination.manifests.set(tag, {digest: digestOf(list), mediaType: image.mediaType, bytes: list})
    await copyImage({digest: image.digest, source: world().repository('a.example/x/from'), destination})
    expect((await destination.referrers(image.digest)).map(({digest}) => digest)).toEqual([
      other.digest,
      signature.digest,
    ])
  })

  test('a referrer that is listed and was deleted is left out', async () => {
    const bare = repositoryDoubles({referrersApi: false})
    const source = bare.repository('a.example/x/from')
    hold(source, image)
    const list = Buffer.from(
      JSON.stringify({manifests: [{mediaType: signature.mediaType, digest: signature.digest, size: 1}]}),
    )
    source.manifests.set(image.digest.replace(':', '-'), {
      digest: digestOf(list),
      mediaType: image.mediaType,
      bytes: list,
    })
    expect(await copy(bare, 'b.example/y')).toBe(image.digest)
    expect([...bare.repository('b.example/y').manifests.keys()].sort()).toEqual(
      image.manifests.map(({digest}) => digest).sort(),
    )
  })

  test('a list that names the image itself is no endless one', async () => {
    const bare = repositoryDoubles({referrersApi: false})
    const source = bare.repository('a.example/x/from')
    hold(source, image)
    const entry = {mediaType: image.mediaType, digest: image.digest, size: image.bytes.length}
    const list = Buffer.from(JSON.stringify({manifests: [entry]}))
    source.manifests.set(image.digest.replace(':', '-'), {
      digest: digestOf(list),
      mediaType: image.mediaType,
      bytes: list,
    })
    await copy(bare, 'b.example/y')
    const asked = bare.calls.filter((call) => call.endsWith(`referrers ${image.digest}`))
    expect(asked).toEqual([`a.example/x/from referrers ${image.digest}`])
  })

  test('a blob whose bytes are others is not taken, and nothing that needs it is put', async () => {
    const doubles = world()
    const [layer] = /sha256:[0-9a-f]{64}/.exec(child.bytes.toString()) ?? []
    if (layer === undefined) throw new Error('a manifest without a digest')
    doubles.repository('a.example/x/from').blobs.set(layer as typeof child.digest, Buffer.from('other'))
    await expect(copy(doubles, 'b.example/y')).rejects.toThrow(/are others/)
    expect([...doubles.repository('b.example/y').manifests.keys()]).toEqual([])
  })

  test.each([
    {
      name: 'the source does not have it',
      drop: image.digest,
      evidence: `a.example/x/from does not hold ${image.digest}`,
    },
    {
      name: 'the source lacks a part of it',
      drop: child.digest,
      evidence: `a.example/x/from does not hold ${child.digest}`,
    },
  ])('$name', async ({drop, evidence}) => {
    const doubles = world()
    doubles.repository('a.example/x/from').manifests.delete(drop)
    await expect(copy(doubles, 'b.example/y')).rejects.toMatchObject({code: 'source-missing', evidence: [evidence]})
    expect(doubles.repository('b.example/y').manifests.size).toBe(0)
  })

  test('what is no image is refused', async () => {
    const doubles = world()
    const bytes = Buffer.from('{"schemaVersion":1,"fsLayers":[]}')
    const old = {digest: digestOf(bytes), mediaType: 'application/vnd.docker.distribution.manifest.v1+json', bytes}
    doubles.repository('a.example/x/from').manifests.set(old.digest, old)
    await expect(copy(doubles, 'b.example/y', 'a.example/x/from', old.digest)).rejects.toMatchObject({
      code: 'source-missing',
      evidence: [`a.example/x/from@${old.digest} is of the type ${old.mediaType}`],
    })
  })
})

describe('copyImage over the client of registries', () => {
  function pair(fault?: (count: number) => Fault | undefined): readonly [MemoryRegistry, MemoryRegistry] {
    const from = memoryRegistry({host: 'a.example'})
    for (const made of everything) from.store('x/from', made)
    let asked = 0
    const to = memoryRegistry({
      host: 'b.example',
      fault: () => {
        asked += 1
        return fault?.(asked)
      },
    })
    return [from, to]
  }

  async function copyOver(registries: readonly MemoryRegistry[]): Promise<void> {
    using clients = testClients(memoryNetwork(registries))
    await copyImage({
      digest: image.digest,
      source: clients.of('a.example', 'x/from'),
      destination: clients.of('b.example', 'y'),
    })
  }

  const faults: readonly {readonly name: string; readonly fault: Fault}[] = [
    {name: 'a broken line', fault: {kind: 'reset', when: 'before'}},
    {name: 'an answer that is lost', fault: {kind: 'reset', when: 'after'}},
    {name: 'an error of the registry', fault: {kind: 'answer', status: 503}},
  ]

  test.each(faults)('any one request of it may fail: $name', async ({fault}) => {
    const [from, to] = pair()
    await copyOver([from, to])
    const whole = to.snapshot()
    const count = to.requests.length
    expect(count).toBeGreaterThan(20)
    for (let failing = 1; failing <= count; failing += 1) {
      const [source, destination] = pair((at) => (at === failing ? fault : undefined))
      await copyOver([source, destination])
      expect(destination.snapshot()).toEqual(whole)
    }
  })

  test('what is not what its digest says is never completed', async () => {
    const [from, to] = pair()
    const [damaged] = image.blobs.keys()
    if (damaged === undefined) throw new Error('an image without a blob')
    const size = image.blobs.get(damaged)?.length ?? 0
    from.line.core.store.repositories.get('x/from')?.blobs.set(damaged, Buffer.alloc(size, 'x'))
    await expect(copyOver([from, to])).rejects.toMatchObject({code: 'content-corrupt'})
    expect(to.blob('y', damaged)).toBeUndefined()
    expect(to.manifest('y', image.digest)).toBeUndefined()
  })
})
