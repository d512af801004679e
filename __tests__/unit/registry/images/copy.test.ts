import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../../../src/oci/digest.ts'
import {copyImage} from '../../../../src/registry/images/copy.ts'
import {enlistReferrers} from '../../../../src/registry/signatures/enlist-referrers.ts'
import type {RepositoryClient} from '../../../../src/registry/repository-client.ts'
import {memoryNetwork, memoryRegistry, type Fault, type MemoryRegistry} from '../../../../testing/memory-registry.ts'
import {
  makeImage,
  makeReferrer,
  makeSignatures,
  type NamedManifest,
  type TestImage,
} from '../../../../testing/memory-registry/images.ts'
import {testClients} from '../../../../testing/registry-client.ts'
import {
  storeImage,
  repositoryDoubles,
  type RepositoryDouble,
  type RepositoryDoubles,
  type RepositoryDoublesOptions,
} from '../../../../testing/repository-doubles.ts'

const image = makeImage({platforms: ['linux/amd64', 'linux/arm64'], attestations: true})
const [child] = image.manifests
if (child === undefined) throw new Error('an image that lacks a manifest')
const artifactType = 'application/vnd.example.signature'
const signature = makeReferrer(image, artifactType)
const ofChild = makeReferrer(child, 'application/vnd.example.scan')
const ofSignature = makeReferrer(signature, artifactType)

function world(options: RepositoryDoublesOptions = {}): RepositoryDoubles {
  const doubles = repositoryDoubles(options)
  for (const made of [image, signature, ofChild, ofSignature]) storeImage(doubles.repository('a.example/x/from'), made)
  return doubles
}

/** Destinations of a complete copy. */
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
function manifestOf(mediaType: string, fields: object): NamedManifest {
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
    // Referrers share the empty configuration, which is sent once.
    expect(doubles.calls.filter((call) => call.startsWith('b.example/y upload'))).toHaveLength(blobs.length)
    expect(doubles.calls.filter((call) => /^a\.example\/x\/to (?:upload|has)/.test(call))).toEqual([])
    expect(doubles.calls.filter((call) => call.startsWith('a.example/x/to mount'))).toHaveLength(blobs.length)
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

  test('of an existing image, only a new signature is sent', async () => {
    const doubles = world()
    await copy(doubles, 'b.example/y')
    const late = makeReferrer(image, artifactType, 'late')
    storeImage(doubles.repository('a.example/x/from'), late)
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

  test('a copy to the same repository has no effect', async () => {
    const doubles = world()
    expect(await copy(doubles, 'a.example/x/from')).toBe(image.digest)
    expect(doubles.calls).toEqual([`a.example/x/from GET ${image.digest}`])
  })

  test('without a list of referrers, the digest tag has them', async () => {
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
    const other = makeReferrer(image, artifactType, 'concurrent')
    storeImage(destination, image)
    storeImage(destination, other)
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
    storeImage(source, image)
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
      name: 'an OCI artifact manifest',
      given: manifestOf('application/vnd.oci.artifact.manifest.v1+json', {blobs: [], subject}),
      part: 'application/vnd.oci.artifact.manifest.v1+json',
    },
    {
      name: 'one with a layer by another algorithm',
      given: manifestOf(child.mediaType, {config: lost, layers: [ofSha512], subject}),
      part: 'sha512',
    },
    {
      name: 'one that lacks a part',
      given: manifestOf(image.mediaType, {manifests: [lost], subject}),
      part: lost.digest,
    },
  ])('a referrer that cannot be copied is reported: $name', async ({given, part}) => {
    const doubles = world()
    const [source, destination] = [doubles.repository('a.example/x/from'), doubles.repository('b.example/y')]
    storeImage(source, {blobs: new Map(), manifests: [given]})
    const lines: string[] = []
    await copyImage({digest: image.digest, source, destination, onLeftOut: (line) => lines.push(line)})
    expect([...destination.manifests.keys()].sort()).toEqual(manifests)
    expect(lines).toEqual([expect.stringContaining(`a.example/x/from@${given.digest}`)])
    expect(lines.join()).toContain(part)
  })

  test('an image with a digest of another algorithm is refused', async () => {
    const doubles = world()
    const given = manifestOf(child.mediaType, {config: lost, layers: [ofSha512]})
    doubles.repository('a.example/x/from').manifests.set(given.digest, given)
    await expect(copy(doubles, 'b.example/y', 'a.example/x/from', given.digest)).rejects.toMatchObject({
      code: 'source-missing',
      evidence: [expect.stringMatching(new RegExp(`${given.digest} .*sha512`))],
    })
  })

  test('a list that contains the image itself is not endless', async () => {
    const bare = repositoryDoubles({referrersApi: false})
    const source = bare.repository('a.example/x/from')
    storeImage(source, image)
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

  test('a corrupt blob is not copied, and no manifest that needs it is pushed', async () => {
    const doubles = world()
    const [layer] = /sha256:[0-9a-f]{64}/.exec(child.bytes.toString()) ?? []
    if (layer === undefined) throw new Error('a manifest without a digest')
    doubles.repository('a.example/x/from').blobs.set(layer as typeof child.digest, Buffer.from('other'))
    await expect(copy(doubles, 'b.example/y')).rejects.toThrow(/do not match/)
    expect([...doubles.repository('b.example/y').manifests.keys()]).toEqual([])
  })

  test.each([
    {
      name: 'the source does not have it',
      drop: image.digest,
    },
    {
      name: 'the source lacks a part of it',
      drop: child.digest,
    },
  ])('$name', async ({drop}) => {
    const doubles = world()
    doubles.repository('a.example/x/from').manifests.delete(drop)
    await expect(copy(doubles, 'b.example/y')).rejects.toMatchObject({
      code: 'source-missing',
      evidence: [expect.stringMatching(new RegExp(`^a.example/x/from .*${drop}$`))],
    })
    expect(doubles.repository('b.example/y').manifests.size).toBe(0)
  })

  test('other content is refused', async () => {
    const doubles = world()
    const bytes = Buffer.from('{"schemaVersion":1,"fsLayers":[]}')
    const old = {digest: digestOf(bytes), mediaType: 'application/vnd.docker.distribution.manifest.v1+json', bytes}
    doubles.repository('a.example/x/from').manifests.set(old.digest, old)
    await expect(copy(doubles, 'b.example/y', 'a.example/x/from', old.digest)).rejects.toMatchObject({
      code: 'source-missing',
      evidence: [expect.stringContaining(old.mediaType)],
    })
  })
})

describe('signatures under tags', () => {
  const tagOf = (digest: string, kind = 'sig'): string => `${digest.replace(':', '-')}.${kind}`
  const byOne = makeSignatures(image.digest, ['one'])
  const byTwo = makeSignatures(image.digest, ['two'])
  const byBoth = makeSignatures(image.digest, ['one', 'two'])
  const sbom = makeImage({text: 'sbom'})

  function tagged(repository: RepositoryDouble, made: TestImage, tag: string): void {
    storeImage(repository, made)
    repository.manifests.set(tag, made)
  }

  /** Copies what is signed under tags; what stays behind, by line. */
  async function copySigned(doubles: RepositoryDoubles, to: string): Promise<readonly string[]> {
    const [source, destination] = [doubles.repository('a.example/x/from'), doubles.repository(to)]
    const lines: string[] = []
    await copyImage({digest: image.digest, source, destination, onLeftOut: (text) => lines.push(text)})
    return lines
  }

  function tagsOf({manifests}: RepositoryDouble): readonly string[] {
    return [...manifests.keys()].filter((key) => !key.startsWith('sha256:')).sort()
  }

  test.each(['b.example/y', 'a.example/x/to'])('of the index and of each of its parts go to %s', async (to) => {
    const doubles = world()
    const source = doubles.repository('a.example/x/from')
    const signed = image.manifests.flatMap(({digest}) =>
      ['sig', 'att', 'sbom'].map((kind) => ({tag: tagOf(digest, kind), made: makeSignatures(digest, [kind])})),
    )
    for (const {tag, made} of signed) tagged(source, made, tag)
    tagged(source, byOne, 'sha256-other.sig')
    expect(await copySigned(doubles, to)).toEqual([])
    expect(tagsOf(doubles.repository(to))).toEqual(signed.map(({tag}) => tag).sort())
    for (const {tag, made} of signed) expect(doubles.repository(to).manifests.get(tag)?.digest).toBe(made.digest)
    const before = doubles.calls.length
    await copySigned(doubles, to)
    expect(doubles.calls.slice(before).filter((call) => / (?:PUT|upload|mount) /.test(call))).toEqual([])
  })

  test('one SBOM under the tags of two platforms, and a signature of it', async () => {
    const doubles = world()
    const source = doubles.repository('a.example/x/from')
    const tags = [...image.platforms.values()].map((digest) => tagOf(digest, 'sbom'))
    for (const tag of tags) tagged(source, sbom, tag)
    tagged(source, makeSignatures(sbom.digest, ['one']), tagOf(sbom.digest))
    expect(await copySigned(doubles, 'b.example/y')).toEqual([])
    expect(tagsOf(doubles.repository('b.example/y'))).toEqual([...tags, tagOf(sbom.digest)].sort())
  })

  test('of an image without any, each manifest is looked for by three requests, of the source alone', async () => {
    const doubles = world()
    await copySigned(doubles, 'b.example/y')
    const asked = doubles.calls.filter((call) => /\.(?:sig|att|sbom)$/.test(call))
    expect(asked).toHaveLength(3 * everything.flatMap((made) => made.manifests).length)
    expect(asked.filter((call) => !call.startsWith('a.example/x/from GET'))).toEqual([])
  })

  const name = `b.example/y:${tagOf(image.digest)}`

  test.each([
    {name: 'the same', held: byOne, given: byOne, expected: byOne.digest, lines: []},
    {name: 'more of them', held: byBoth, given: byOne, expected: byBoth.digest, lines: []},
    {name: 'fewer of them', held: byOne, given: byBoth, expected: byBoth.digest, lines: []},
    {
      name: 'something else',
      held: sbom,
      given: byOne,
      expected: sbom.digest,
      lines: [expect.stringMatching(new RegExp(`^${name} .*${byOne.digest}`))],
    },
  ])('if the tag has $name', async ({held, given, expected, lines}) => {
    const doubles = world()
    tagged(doubles.repository('a.example/x/from'), given, tagOf(image.digest))
    tagged(doubles.repository('b.example/y'), held, tagOf(image.digest))
    expect(await copySigned(doubles, 'b.example/y')).toEqual(lines)
    expect(doubles.repository('b.example/y').manifests.get(tagOf(image.digest))?.digest).toBe(expected)
  })

  test('by another key are merged', async () => {
    const doubles = world()
    const destination = doubles.repository('b.example/y')
    tagged(doubles.repository('a.example/x/from'), byTwo, tagOf(image.digest))
    tagged(destination, byOne, tagOf(image.digest))
    expect(await copySigned(doubles, 'b.example/y')).toEqual([])
    const merged = destination.manifests.get(tagOf(image.digest))
    expect(merged?.digest).toBe(byBoth.digest)
    const before = doubles.calls.length
    await copySigned(doubles, 'b.example/y')
    expect(doubles.calls.slice(before).filter((call) => / (?:PUT|upload) /.test(call))).toEqual([])
  })

  test('are not copied to an immutable tag, with a warning', async () => {
    const [from, to] = [
      memoryRegistry({host: 'a.example'}),
      memoryRegistry({host: 'b.example', immutable: () => true, referrers: false}),
    ]
    for (const made of everything) from.store('x/from', made)
    from.store('x/from', byBoth, [tagOf(image.digest)])
    to.store('y', byOne, [tagOf(image.digest)])
    to.store('y', makeImage({text: 'their list'}), [image.digest.replace(':', '-')])
    using clients = testClients(memoryNetwork([from, to]))
    const [source, destination] = [clients.of('a.example', 'x/from'), clients.of('b.example', 'y')]
    const lines: string[] = []
    await copyImage({digest: image.digest, source, destination, onLeftOut: (text) => lines.push(text)})
    expect(lines.map((text) => text.split('\n').sort())).toEqual([
      [
        expect.stringMatching(
          new RegExp(`^b.example/y:${image.digest.replace(':', '-')} .*${signature.digest}.*${image.digest}`),
        ),
        expect.stringMatching(new RegExp(`^${name} .*${byBoth.digest}`)),
      ],
    ])
    expect(to.tagsOf('y')[tagOf(image.digest)]).toBe(byOne.digest)
  })
})

describe('a registry that takes the fallback tag for the digest', () => {
  async function copyBetween(from: MemoryRegistry, to: MemoryRegistry): Promise<readonly string[]> {
    using clients = testClients(memoryNetwork([from, to]))
    const [source, destination] = [clients.of('a.example', 'x/from'), clients.of('b.example', 'y')]
    const lines: string[] = []
    await copyImage({digest: image.digest, source, destination, onLeftOut: (text) => lines.push(text)})
    return lines
  }

  test('has no referrers, and its platforms are not referrers', async () => {
    const from = memoryRegistry({host: 'a.example', referrers: false, digestTags: true})
    const to = memoryRegistry({host: 'b.example', referrers: false})
    from.store('x/from', image)
    expect(await copyBetween(from, to)).toEqual([])
    expect(to.tagsOf('y')).toEqual({})
  })

  test('stores no referrers, with one warning; signatures under tags are copied', async () => {
    const from = memoryRegistry({host: 'a.example'})
    const to = memoryRegistry({host: 'b.example', referrers: false, digestTags: true})
    for (const made of everything) from.store('x/from', made)
    const tag = `${image.digest.replace(':', '-')}.sig`
    from.store('x/from', makeSignatures(image.digest, ['one']), [tag])
    const lines = await copyBetween(from, to)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`b.example/y:${image.digest.replace(':', '-')} `)
    for (const digest of [signature.digest, image.digest]) expect(lines[0]).toContain(digest)
    expect(Object.keys(to.tagsOf('y'))).toEqual([tag])
    expect(to.manifest('y', image.digest)).toBeDefined()
  })
})

describe('a list of referrers under the fallback tag', () => {
  /** A source whose list says this of the signature. */
  function listing(entry: object): RepositoryDoubles {
    const doubles = repositoryDoubles({referrersApi: false})
    const source = doubles.repository('a.example/x/from')
    for (const made of [image, signature]) storeImage(source, made)
    source.manifests.set(image.digest.replace(':', '-'), manifestOf(image.mediaType, {manifests: [entry]}))
    return doubles
  }

  test('with a wrong type in it is right at the destination', async () => {
    const {mediaType, digest, bytes} = signature
    const wrong = {mediaType, digest, size: bytes.length, artifactType: 'application/vnd.oci.empty.v1+json'}
    const doubles = listing(wrong)
    await copy(doubles, 'b.example/y')
    const list = doubles.repository('b.example/y').manifests.get(image.digest.replace(':', '-'))
    expect(JSON.parse(list?.bytes.toString() ?? '')).toMatchObject({manifests: [{digest, artifactType}]})
  })

  test('with an entry that is not a referrer', async () => {
    const {mediaType, digest, bytes} = child
    const doubles = listing({mediaType, digest, size: bytes.length})
    const [source, destination] = [doubles.repository('a.example/x/from'), doubles.repository('b.example/y')]
    const lines: string[] = []
    await copyImage({digest: image.digest, source, destination, onLeftOut: (text) => lines.push(text)})
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^a.example/x/from@${digest} .*${image.digest}`))])
    expect([...destination.manifests.keys()].filter((key) => !key.startsWith('sha256:'))).toEqual([])
  })
})

describe('an endless source', () => {
  test('of nested referrers: the ninth level is not copied', async () => {
    const doubles = world()
    const source = doubles.repository('a.example/x/from')
    const endless: RepositoryDouble = {
      ...source,
      referrers: async (subject) => {
        const held = source.manifests.get(subject)
        if (held === undefined || subject !== image.digest) return source.referrers(subject)
        let last: NamedManifest = {...held, bytes: Buffer.from(held.bytes)}
        for (let level = 0; level < 12; level += 1) {
          const next = makeReferrer(last, artifactType, 'endless')
          storeImage(source, next)
          last = next
        }
        return source.referrers(subject)
      },
    }
    const destination = doubles.repository('b.example/y')
    const lines: string[] = []
    await copyImage({digest: image.digest, source: endless, destination, onLeftOut: (text) => lines.push(text)})
    expect(lines).toEqual([expect.stringContaining('level 9')])
  })

  test('of referrers per image: others are omitted, with one warning', async () => {
    const doubles = world()
    const source = doubles.repository('a.example/x/from')
    const many = Array.from({length: 2100}, (_, number) => makeReferrer(child, artifactType, `${number}`))
    for (const made of many) storeImage(source, made)
    const listed = many.map(({digest, mediaType}) => ({digest, mediaType, sizeBytes: 1, platform: undefined}))
    const wide: RepositoryDouble = {
      ...source,
      referrers: async (subject) => Promise.resolve(subject === child.digest ? listed : []),
    }
    const destination = doubles.repository('b.example/y')
    const lines: string[] = []
    await copyImage({
      digest: child.digest,
      source: wide,
      destination: {...destination, referrers: async () => Promise.resolve(listed)},
      onLeftOut: (text) => lines.push(text),
    })
    expect(lines).toEqual([expect.stringMatching(/^[^\n]* 2000 [^\n]*$/)])
  })

  test.each([
    {name: 'of indexes in indexes', wide: 1, deep: 10},
    {name: 'of manifests in an index', wide: 1001, deep: 1},
  ])('$name is refused before any content is sent', async ({wide, deep}) => {
    const doubles = world()
    const source = doubles.repository('a.example/x/from')
    let row: readonly NamedManifest[] = Array.from({length: wide}, (_, number) =>
      manifestOf(child.mediaType, {
        config: {mediaType: 'a/b', digest: digestOf(Buffer.from('c')), size: 1},
        layers: [],
        number,
      }),
    )
    const all = [...row]
    for (let level = 0; level < deep; level += 1) {
      const entries = row.map(({mediaType, digest, bytes}) => ({mediaType, digest, size: bytes.length}))
      row = [manifestOf(image.mediaType, {manifests: entries})]
      all.push(...row)
    }
    storeImage(source, {blobs: new Map(), manifests: all})
    const [top] = row
    const destination = doubles.repository('b.example/y')
    await expect(
      copyImage({digest: top?.digest ?? image.digest, source, destination, onLeftOut}),
    ).rejects.toMatchObject({code: 'source-missing'})
    expect(doubles.calls.filter((call) => call.startsWith('b.example'))).toEqual([])
  })
})

describe('enlistReferrers', () => {
  const tag = image.digest.replace(':', '-')
  const concurrent = makeReferrer(image, artifactType, 'concurrent')

  /** Registry without the API, in which another run replaces the index after each of the first `times` writes. */
  function contended(times: number): RepositoryClient {
    const double = repositoryDoubles({referrersApi: false}).repository('b.example/y')
    for (const made of [image, signature, concurrent]) storeImage(double, made)
    const entry = {mediaType: concurrent.mediaType, digest: concurrent.digest, size: concurrent.bytes.length}
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
    {times: 1, expected: [concurrent.digest, signature.digest]},
    {times: 3, expected: [concurrent.digest, signature.digest]},
    {times: 0, expected: [signature.digest]},
  ])('is not undone by another run, which writes $times times in between', async ({times, expected}) => {
    const destination = contended(times)
    await enlistReferrers(image.digest, [signature], destination)
    expect((await destination.referrers(image.digest)).map(({digest}) => digest)).toEqual(expected)
  })

  test('an index that never has the entries is an error', async () => {
    await expect(enlistReferrers(image.digest, [signature], contended(Infinity))).rejects.toMatchObject({
      code: 'registry-failed',
      evidence: [expect.stringMatching(new RegExp(`^b.example/y:${tag} .* 8 .* 1 `))],
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
    if (damaged === undefined) throw new Error('an image that lacks a blob')
    const size = image.blobs.get(damaged)?.length ?? 0
    from.endpoint.core.store.repositories.get('x/from')?.blobs.set(damaged, Buffer.alloc(size, 'x'))
    await expect(copyOver([from, to])).rejects.toMatchObject({code: 'content-corrupt'})
    expect(to.blob('y', damaged)).toBeUndefined()
    expect(to.manifest('y', image.digest)).toBeUndefined()
  })
})
