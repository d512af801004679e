import {describe, expect, test} from '@jest/globals'
import {attestationsIn} from '../../../../src/oci/attestations.ts'
import {digestOf, isDigest, type Digest} from '../../../../src/oci/digest.ts'
import {field, parseJson, subjectOf} from '../../../../src/oci/manifest.ts'
import {readTree} from '../../../../src/registry/images/image-tree.ts'
import {attachToAll} from '../../../../src/stage/attestations/attach.ts'
import {placeAttestations, type Placement} from '../../../../src/stage/attestations/place-attestations.ts'
import type {ImageSource} from '../../../../src/stage/layout/push-layout.ts'
import {makeImage, type TestImage} from '../../../../testing/memory-registry/images.ts'
import {repositoryDoubles, storeImage} from '../../../../testing/repository-doubles.ts'

const two = makeImage({
  platforms: ['linux/amd64', 'linux/arm64'],
  attestations: true,
  annotations: {'org.example.kept': 'yes'},
})
const one = makeImage({attestations: true})

async function sourceOf({manifests, blobs, ...top}: TestImage): Promise<ImageSource> {
  const absent = (): Error => new Error('absent')
  const known = new Map(manifests.map((content) => [content.digest, content]))
  const read = async ({digest}: {readonly digest: Digest}): Promise<(typeof manifests)[number]> => {
    const content = known.get(digest)
    return content === undefined ? Promise.reject(absent()) : Promise.resolve(content)
  }
  return {
    tree: await readTree(top, read, absent),
    async *openBlob({digest}) {
      const bytes = blobs.get(digest)
      if (bytes === undefined) throw absent()
      yield await Promise.resolve(bytes)
    },
  }
}

async function place(image: TestImage, placement: Partial<Placement>): Promise<ImageSource> {
  return placeAttestations(await sourceOf(image), {place: 'referrers', keepsIndex: false, ...placement})
}

/** Digests of all manifests, sorted. */
function digestsOf({tree}: ImageSource): readonly Digest[] {
  return tree.levels
    .flat()
    .map(({digest}) => digest)
    .sort()
}

describe('the image', () => {
  test('of several platforms is an index of their images, with its other fields', async () => {
    const {tree} = await place(two, {})
    const before = parseJson(two.bytes) as {readonly manifests: readonly unknown[]}
    expect(parseJson(tree.top.bytes)).toEqual({...before, manifests: before.manifests.slice(0, 2)})
    expect(digestOf(tree.top.bytes)).toBe(tree.top.digest)
    expect(digestsOf(await place(two, {}))).toEqual([...two.platforms.values(), tree.top.digest].sort())
  })

  test.each([
    {name: 'of one platform is its manifest', keepsIndex: false, kinds: ['manifest']},
    {name: 'of one platform stays an index if that was requested', keepsIndex: true, kinds: ['manifest', 'index']},
  ])('$name', async ({keepsIndex, kinds}) => {
    const placed = await place(one, {keepsIndex})
    expect(placed.tree.levels.flat().map(({mediaType}) => /image\.(\w+)/.exec(mediaType)?.[1])).toEqual(kinds)
    expect(digestsOf(placed)).toContain(one.platforms.get('linux/amd64'))
    expect(attestationsIn(placed.tree.top.bytes)).toEqual([])
  })

  test.each([
    {name: 'inline', image: two, placement: {place: 'inline'} as const},
    {name: 'without attestations', image: makeImage({platforms: ['linux/amd64', 'linux/arm64']}), placement: {}},
    {name: 'without an index', image: makeImage(), placement: {}},
  ])('is unchanged: $name', async ({image, placement}) => {
    const placed = await place(image, placement)
    expect(placed.tree.top.digest).toBe(image.digest)
    expect(placed.attached).toBeUndefined()
  })

  test('in both places keeps its index', async () => {
    const placed = await place(two, {place: 'both'})
    expect(placed.tree.top.digest).toBe(two.digest)
    expect(placed.attached?.map(({subject}) => subject)).toEqual([...two.platforms.values()])
  })

  test('without them loses those of its index', async () => {
    const placed = await place(two, {place: 'off'})
    expect(placed.attached).toEqual([])
    expect(attestationsIn(placed.tree.top.bytes)).toEqual([])
  })
})

test('a manifest that refers to its image already is the referrer, byte for byte', async () => {
  const first = await place(one, {})
  const [{content} = {content: undefined}] = first.attached ?? []
  const [image] = one.manifests
  if (content === undefined || image === undefined) throw new Error('nothing was attached')
  const entry = {...attestationEntryOf(one), digest: content.digest, size: content.bytes.byteLength}
  const [described] = (parseJson(one.bytes) as {readonly manifests: readonly object[]}).manifests
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: one.mediaType, manifests: [described, entry]}))
  const made = {...one, bytes, digest: digestOf(bytes)}
  const index = {digest: made.digest, mediaType: one.mediaType, bytes}
  const manifests = [image, {...content, bytes: Buffer.from(content.bytes)}, index]
  const again = await place({...made, manifests}, {})
  expect(again.attached?.map((attached) => attached.content.digest)).toEqual([content.digest])
})

function attestationEntryOf({bytes}: TestImage): object {
  const {manifests} = parseJson(bytes) as {readonly manifests: readonly object[]}
  const entry = manifests.at(-1)
  if (entry === undefined) throw new Error('no entry')
  return entry
}

describe('in a repository', () => {
  test.each([{referrersApi: true}, {referrersApi: false}])('the referrers are listed: %j', async ({referrersApi}) => {
    const doubles = repositoryDoubles({referrersApi})
    const repository = doubles.repository('registry.example/app')
    const {attached = [], openBlob} = await place(two, {})
    storeImage(repository, {...two, blobs: new Map(), manifests: two.manifests.slice(0, 2)})
    const lines: string[] = []
    const workflow = {info: (line: string) => lines.push(line), notice: (line: string) => lines.push(`notice ${line}`)}
    for (let round = 0; round < 2; round += 1)
      await attachToAll(attached, openBlob, {repositories: [repository], workflow})
    for (const [index, digest] of [...two.platforms.values()].entries()) {
      const listed = await repository.referrers(digest)
      expect(listed.map((one) => one.digest)).toEqual([attached[index]?.content.digest])
      const content = await repository.manifest(listed[0]?.digest ?? '')
      expect(content && subjectOf(content.bytes)).toBe(digest)
      const layers = field(parseJson(content?.bytes ?? new Uint8Array()), 'layers') as readonly {digest: string}[]
      expect(layers.map((layer) => isDigest(layer.digest) && repository.blobs.has(layer.digest))).toEqual([true])
    }
    expect(lines.filter((line) => line.startsWith('notice'))).toEqual([])
  })
})
