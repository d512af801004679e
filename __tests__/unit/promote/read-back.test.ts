import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {digestOf, type Digest} from '../../../src/oci/digest.ts'
import type {Platform} from '../../../src/oci/platform.ts'
import {formatRepository, parseTagRef, type TagRef} from '../../../src/oci/reference.ts'
import {readBack, type ReadBack} from '../../../src/promote/read-back.ts'
import type {ManifestContent} from '../../../src/registry/repository-client.ts'

function reference(text: string): TagRef {
  const parsed = parseTagRef(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.value
}

function content(value: unknown): ManifestContent {
  const bytes = Buffer.from(JSON.stringify(value))
  return {bytes, mediaType: 'application/vnd.oci.image.index.v1+json', digest: digestOf(bytes)}
}

const blob = (letter: string, size: number): object => ({
  mediaType: 'application/octet-stream',
  digest: `sha256:${letter.repeat(64)}`,
  size,
})
const amd64 = content({config: blob('a', 10), layers: [blob('b', 100), blob('c', 1000)]})
const arm64 = content({config: blob('d', 20), layers: [blob('e', 200)]})
const listed = ({digest}: ManifestContent, os: string, architecture: string): object => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest,
  size: 1,
  platform: {os, architecture},
})
const attestation = content({config: blob('f', 1), layers: []})
const index = content({
  manifests: [
    listed(amd64, 'linux', 'amd64'),
    listed(arm64, 'linux', 'arm64'),
    listed(attestation, 'unknown', 'unknown'),
  ],
})
const other = content({manifests: []})
/** In no registry by its digest. */
const unlisted = content({manifests: [], annotations: {}})
const all = [amd64, arm64, attestation, index, other]

type Tags = Readonly<Record<string, ManifestContent | Error>>

/** Registries in memory: tags by `repository:tag`, manifests by digest. */
async function read(
  tags: Tags,
  {
    references = Object.keys(tags),
    digest = index.digest,
    platforms = [],
    platform,
    isKnown = () => true,
  }: Partial<{
    references: readonly string[]
    digest: Digest
    platforms: readonly Platform[]
    platform: {os: string; architecture: string}
    isKnown: () => boolean
  }> = {},
): Promise<ReadBack> {
  return readBack({references: references.map(reference), digest, platforms, platform, isKnown}, (repository) => {
    const name = formatRepository(repository)
    return {
      manifest: async (wanted: string) => {
        const found = tags[`${name}:${wanted}`] ?? all.find((one) => one.digest === wanted)
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found)
      },
    }
  })
}

const images = [
  {platform: 'linux/amd64', digest: amd64.digest, compressedBytes: 1110},
  {platform: 'linux/arm64', digest: arm64.digest, compressedBytes: 220},
]

describe('readBack', () => {
  test('the platforms of an index with their sizes, and no attestation', async () => {
    expect(await read({'ghcr.io/o/a:1': index, 'ghcr.io/o/a:latest': index})).toEqual({images, unread: []})
  })

  test('one image, of the platform that the build says', async () => {
    const given = {digest: amd64.digest, platform: {os: 'linux', architecture: 'amd64'}}
    expect(await read({'ghcr.io/o/a:1': amd64}, given)).toEqual({images: images.slice(0, 1), unread: []})
  })

  test('one image, of no platform that anybody says', async () => {
    const {images: found} = await read({'ghcr.io/o/a:1': amd64}, {digest: amd64.digest})
    expect(found.map(({platform}) => platform)).toEqual(['unknown'])
  })

  test.each([
    {name: 'a login', isKnown: true, expected: 'publish-unverified'},
    {name: 'no login', isKnown: false, expected: 'it is not visible without a login'},
  ])('what is not there to $name', async ({isKnown, expected}) => {
    const given = {references: ['ghcr.io/o/a:1'], isKnown: () => isKnown}
    const told = await read({}, given).then(
      ({unread}) => unread[0]?.reason,
      (error: unknown) => (error instanceof TagboatError ? error.code : error),
    )
    expect(told).toBe(expected)
  })

  test('a registry that denies reading is told with its words', async () => {
    const denied = new TagboatError('pull-denied', {message: 'r denied it.', evidence: ['GET x: 403', 'DENIED: no']})
    expect((await read({'ghcr.io/o/a:1': denied})).unread).toEqual([
      {reference: 'ghcr.io/o/a:1', reason: 'r denied it. GET x: 403 DENIED: no'},
    ])
  })

  test('a registry that cannot be read is told, and another one says the platforms', async () => {
    const tags = {'in.house/a:1': new Error('no such host'), 'ghcr.io/o/a:1': index}
    expect(await read(tags)).toEqual({images, unread: [{reference: 'in.house/a:1', reason: 'no such host'}]})
  })

  test('tags that are proven stand, though the platforms cannot be read any more', async () => {
    const tags = {'ghcr.io/o/a:1': index, [`ghcr.io/o/a:${arm64.digest}`]: new Error('ghcr.io answered 429')}
    expect(await read(tags, {references: ['ghcr.io/o/a:1']})).toEqual({
      images: [],
      unread: [{reference: `ghcr.io/o/a@${index.digest}`, reason: 'ghcr.io answered 429'}],
    })
  })

  test('no registry that can be read', async () => {
    expect(await read({'in.house/a:1': new Error('no such host')})).toEqual({
      images: [],
      unread: [{reference: 'in.house/a:1', reason: 'no such host'}],
    })
  })

  test('a digest that cannot be read again leaves the platforms unknown', async () => {
    expect(await read({'ghcr.io/o/a:1': unlisted}, {digest: unlisted.digest})).toEqual({images: [], unread: []})
  })
})

describe('a registry that holds something else', () => {
  test.each([
    {
      name: 'another digest',
      given: {'ghcr.io/o/a:1': index, 'ghcr.io/o/a:latest': other, 'in.house/a:1': new Error('no such host')},
      references: undefined,
      expected: [`ghcr.io/o/a:latest holds ${other.digest}`],
    },
    {
      name: 'nothing',
      given: {'ghcr.io/o/a:1': index},
      references: ['ghcr.io/o/a:1', 'ghcr.io/o/a:2'],
      expected: ['ghcr.io/o/a:2 holds nothing'],
    },
  ])('$name', async ({given, references, expected}) => {
    const failure = read(given, references === undefined ? {} : {references})
    await expect(failure).rejects.toBeInstanceOf(TagboatError)
    await expect(failure).rejects.toMatchObject({code: 'publish-unverified', evidence: expected})
  })

  test('has an index, but not the image of one platform', async () => {
    const gone = {...arm64, digest: digestOf(Buffer.from('gone'))}
    const half = content({manifests: [listed(amd64, 'linux', 'amd64'), listed(gone, 'linux', 'arm64')]})
    const tags = {'ghcr.io/o/a:1': half, [`ghcr.io/o/a:${half.digest}`]: half}
    await expect(read(tags, {references: ['ghcr.io/o/a:1'], digest: half.digest})).rejects.toMatchObject({
      code: 'publish-unverified',
      evidence: [`ghcr.io/o/a@${gone.digest} (linux/arm64) holds nothing`],
    })
  })

  test('has an index without a platform that was asked for', async () => {
    const platforms = [
      {os: 'linux', architecture: 'arm64', variant: 'v8'},
      {os: 'linux', architecture: 's390x'},
    ]
    await expect(read({'ghcr.io/o/a:1': index}, {platforms})).rejects.toMatchObject({
      code: 'publish-unverified',
      evidence: [`ghcr.io/o/a@${index.digest} has no image for linux/s390x`],
    })
    expect(await read({'ghcr.io/o/a:1': index}, {platforms: platforms.slice(0, 1)})).toEqual({images, unread: []})
  })

  test('or gives other content for a digest', async () => {
    const lie = new TagboatError('content-corrupt', {evidence: [`ghcr.io/o/a@${arm64.digest}: ${other.digest}`]})
    const failure = read(
      {'ghcr.io/o/a:1': index, [`ghcr.io/o/a:${arm64.digest}`]: lie},
      {references: ['ghcr.io/o/a:1']},
    )
    await expect(failure).rejects.toMatchObject({
      code: 'publish-unverified',
      evidence: [`ghcr.io/o/a@${arm64.digest}: ${other.digest}`],
    })
  })
})
