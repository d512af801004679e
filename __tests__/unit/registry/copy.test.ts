import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../../src/oci/digest.ts'
import {copyImage} from '../../../src/registry/copy.ts'
import {enlistReferrers} from '../../../src/registry/enlist-referrers.ts'
import type {ManifestContent, RepositoryClient} from '../../../src/registry/repository-client.ts'
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

/** Where everything can be copied. */
function onLeftOut(line: string): void {
  throw new Error(line)
}

async function copy(
  doubles: RepositoryDoubles,
  to: string,
  from = 'a.example/x/from',
  digest = image.digest,
): Promise<string> {
  const [source, destination] = [doubles.repository(from), doubles.repository(to)]
  const top = await copyImage({digest, source, destination, onLeftOut})
  return top.digest
}

/** A manifest of these fields, which holds no blobs that a registry knows of. */
function manifestOf(mediaType: string, fields: object): ManifestContent {
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, ...fields}))
  return {mediaType, bytes, digest: digestOf(bytes)}
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
    const request = {digest: image.digest, source: doubles.repository('a.example/x/from'), onLeftOut}
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
    const source = world().repository('a.example/x/from')
    await copyImage({digest: image.digest, source, destination, onLeftOut})
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

  const subject = {mediaType: image.mediaType, digest: image.digest, size: image.bytes.length}
  const ofSha512 = {mediaType: 'a/b', digest: `sha512:${'a'.repeat(128)}`, size: 1}
  const lost = {mediaType: child.mediaType, digest: digestOf(Buffer.from('lost')), size: 4}

  test.each([
    {
      name: 'an artifact of old',
      given: manifestOf('application/vnd.oci.artifact.manifest.v1+json', {blobs: [], subject}),
      why: 'is of the type application/vnd.oci.artifact.manifest.v1+json',
    },
    {
      name: 'one with a layer by another algorithm',
      given: manifestOf(child.mediaType, {config: lost, layers: [ofSha512], subject}),
      why: 'names a part by its sha512',
    },
    {
      name: 'one that lacks a part',
      given: manifestOf(image.mediaType, {manifests: [lost], subject}),
      why: `a.example/x/from does not hold ${lost.digest}`,
    },
  ])('a referrer that cannot be copied is left out, and told: $name', async ({given, why}) => {
    const doubles = world()
    const [source, destination] = [doubles.repository('a.example/x/from'), doubles.repository('b.example/y')]
    hold(source, {blobs: new Map(), manifests: [given]})
    const lines: string[] = []
    await copyImage({digest: image.digest, source, destination, onLeftOut: (line) => lines.push(line)})
    expect([...destination.manifests.keys()].sort()).toEqual(manifests)
    expect(lines).toEqual([expect.stringContaining(`a.example/x/from@${given.digest} refers to the image and is not`)])
    expect(lines.join()).toContain(why)
  })

  test('an image with a part by another algorithm is refused by the name of that', async () => {
    const doubles = world()
    const given = manifestOf(child.mediaType, {config: lost, layers: [ofSha512]})
    doubles.repository('a.example/x/from').manifests.set(given.digest, given)
    await expect(copy(doubles, 'b.example/y', 'a.example/x/from', given.digest)).rejects.toMatchObject({
      code: 'source-missing',
      evidence: [`a.example/x/from@${given.digest} names a part by its sha512`],
    })
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

describe('enlistReferrers', () => {
  const tag = image.digest.replace(':', '-')
  const theirs = makeReferrer(image, artifactType, 'their own')

  /** A registry without the API, in which another run puts its own list after each of the first `times` of ours. */
  function contended(times: number): RepositoryClient {
    const double = repositoryDoubles({referrersApi: false}).repository('b.example/y')
    for (const made of [image, signature, theirs]) hold(double, made)
    const entry = {mediaType: theirs.mediaType, digest: theirs.digest, size: theirs.bytes.length}
    const list = manifestOf(image.mediaType, {manifests: [entry]})
    let left = times
    return {
      ...double,
      putManifest: async (reference, content) => {
        await double.putManifest(reference, content)
        left -= 1
        if (left >= 0) await double.putManifest(reference, list)
        return true
      },
    }
  }

  test.each([
    {times: 1, expected: [theirs.digest, signature.digest]},
    {times: 3, expected: [theirs.digest, signature.digest]},
    {times: 0, expected: [signature.digest]},
  ])('is not undone by another run, which writes $times times in between', async ({times, expected}) => {
    const destination = contended(times)
    await enlistReferrers(image.digest, [signature], destination)
    expect((await destination.referrers(image.digest)).map(({digest}) => digest)).toEqual(expected)
  })

  test('a list that never holds what was written is an error', async () => {
    await expect(enlistReferrers(image.digest, [signature], contended(Infinity))).rejects.toMatchObject({
      code: 'registry-failed',
      evidence: [`b.example/y:${tag} was put 8 times, and lacks 1 entries`],
    })
  })

  test.each([
    {name: 'none where it says that it noted it, and lists it later', referrers: true, expected: []},
    {name: 'one where it does not', referrers: false, expected: [tag]},
  ])('writes a list beside that of the registry: $name', async ({referrers, expected}) => {
    const registry = memoryRegistry({host: 'b.example', referrers})
    for (const made of [image, {...signature, manifests: []}]) registry.store('y', made)
    const http = registry.http()
    const list = Buffer.from(JSON.stringify({manifests: []}))
    const send: typeof http.send = async (request) => {
      const response = await http.send(request)
      return referrers && request.url.pathname.includes('/referrers/') ? {...response, body: list} : response
    }
    const client = testClients({...http, send}).of('b.example', 'y')
    await client.putManifest(signature.digest, signature)
    await enlistReferrers(image.digest, [signature], client)
    expect(Object.keys(registry.tagsOf('y'))).toEqual(expected)
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
      onLeftOut,
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
