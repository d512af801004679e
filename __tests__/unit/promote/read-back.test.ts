import {describe, expect, test} from '@jest/globals'
import {TagboatError} from '../../../src/errors/error.ts'
import {digestOf, type Digest} from '../../../src/oci/digest.ts'
import type {Platform} from '../../../src/oci/platform.ts'
import {formatRepository, parseTagRef, type TagRef} from '../../../src/oci/reference.ts'
import {readBack, type ReadBack} from '../../../src/promote/read-back.ts'
import type {Descriptor, ManifestContent} from '../../../src/oci/manifest.ts'

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
/** A manifest that no registry has by its digest. */
const unlisted = content({manifests: [], annotations: {}})
const all = [amd64, arm64, attestation, index, other]

type Tags = Readonly<Record<string, ManifestContent | Error>>

/** Reads back from registries in memory: tags by `repository:tag`, manifests by digest. */
async function read(
  tags: Tags,
  {
    references = Object.keys(tags),
    digest = index.digest,
    platforms = [],
    platform,
  }: Partial<{
    references: readonly string[]
    digest: Digest
    platforms: readonly Platform[]
    platform: {os: string; architecture: string}
  }> = {},
): Promise<ReadBack> {
  const clientOf: Parameters<typeof readBack>[1] = (repository) => {
    const name = formatRepository(repository)
    return {
      manifest: async (wanted: string) => {
        const found = tags[`${name}:${wanted}`] ?? all.find((one) => one.digest === wanted)
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found)
      },
    }
  }
  const request = {references: references.map(reference), digest, platforms, platform}
  return readBack(request, clientOf, async () => Promise.resolve())
}

const layer = (letter: string, sizeBytes: number): Pick<Descriptor, 'digest' | 'sizeBytes'> => ({
  digest: `sha256:${letter.repeat(64)}`,
  sizeBytes,
})
const images = [
  {
    platform: 'linux/amd64',
    digest: amd64.digest,
    compressedBytes: 1110,
    layers: [layer('b', 100), layer('c', 1000)],
  },
  {platform: 'linux/arm64', digest: arm64.digest, compressedBytes: 220, layers: [layer('e', 200)]},
]

describe('readBack', () => {
  test('returns platforms, sizes and layers, without attestations', async () => {
    expect(await read({'ghcr.io/o/a:1': index, 'ghcr.io/o/a:latest': index})).toEqual({images, unread: []})
  })

  test('returns a single image with its platform', async () => {
    const given = {digest: amd64.digest, platform: {os: 'linux', architecture: 'amd64'}}
    expect(await read({'ghcr.io/o/a:1': amd64}, given)).toEqual({images: images.slice(0, 1), unread: []})
  })

  test('returns a single image of an unknown platform', async () => {
    const {images: found} = await read({'ghcr.io/o/a:1': amd64}, {digest: amd64.digest})
    expect(found.map(({platform}) => platform)).toEqual(['unknown'])
  })

  test('succeeds if the tags are verified and the platforms cannot be read', async () => {
    const tags = {'ghcr.io/o/a:1': index, [`ghcr.io/o/a:${arm64.digest}`]: new Error('ghcr.io answered 429')}
    expect(await read(tags, {references: ['ghcr.io/o/a:1']})).toEqual({
      images: [],
      unread: [{reference: `ghcr.io/o/a@${index.digest}`, reason: 'ghcr.io answered 429'}],
    })
  })

  test('returns no platforms if the digest cannot be read', async () => {
    expect(await read({'ghcr.io/o/a:1': unlisted}, {digest: unlisted.digest})).toEqual({images: [], unread: []})
  })
})

describe('a registry that shows a PUT only after some time', () => {
  test.each([
    {name: 'in time', after: 3, expected: undefined},
    {name: 'too late', after: 30, expected: 'publish-unverified'},
  ])('is read again: $name', async ({after, expected}) => {
    let reads = 0
    const waits: number[] = []
    const client = {
      manifest: async (wanted: string) => {
        if (wanted !== '1') return Promise.resolve(all.find(({digest}) => digest === wanted))
        reads += 1
        return Promise.resolve(reads > after ? index : undefined)
      },
    }
    const request = {references: [reference('r.example/a:1')], digest: index.digest, platforms: [], platform: undefined}
    const code = await readBack(
      request,
      () => client,
      async (ms) => Promise.resolve(void waits.push(ms)),
    ).then(
      () => undefined,
      (error: unknown) => (error instanceof TagboatError ? error.code : error),
    )
    expect(code).toBe(expected)
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(15_000)
  })
})

describe('an unverified tag', () => {
  test.each([
    {
      name: 'points to another digest',
      given: {'ghcr.io/o/a:1': index, 'ghcr.io/o/a:latest': other},
      references: undefined,
      expected: [`ghcr.io/o/a:latest points to ${other.digest}`],
    },
    {
      name: 'cannot be read',
      given: {
        'ghcr.io/o/a:1': index,
        'in.house/a:1': new Error('no such host'),
        'r.example/a:1': new TagboatError('pull-denied', {message: 'r denied it.', evidence: ['GET x: 403']}),
      },
      references: undefined,
      expected: ['in.house/a:1 cannot be read: no such host', 'r.example/a:1 cannot be read: r denied it. GET x: 403'],
    },
    {
      name: 'does not exist',
      given: {'ghcr.io/o/a:1': index},
      references: ['ghcr.io/o/a:1', 'ghcr.io/o/a:2'],
      expected: ['ghcr.io/o/a:2 does not exist'],
    },
  ])('$name', async ({given, references, expected}) => {
    const failure = read(given, references === undefined ? {} : {references})
    await expect(failure).rejects.toBeInstanceOf(TagboatError)
    await expect(failure).rejects.toMatchObject({code: 'publish-unverified', evidence: expected})
  })

  test('lacks one platform', async () => {
    const gone = {...arm64, digest: digestOf(Buffer.from('gone'))}
    const half = content({manifests: [listed(amd64, 'linux', 'amd64'), listed(gone, 'linux', 'arm64')]})
    const tags = {'ghcr.io/o/a:1': half, [`ghcr.io/o/a:${half.digest}`]: half}
    await expect(read(tags, {references: ['ghcr.io/o/a:1'], digest: half.digest})).rejects.toMatchObject({
      code: 'publish-unverified',
      evidence: [`ghcr.io/o/a@${gone.digest} (linux/arm64) does not exist`],
    })
  })

  test('lacks a requested platform', async () => {
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

  test('has other content under a digest', async () => {
    const corrupt = new TagboatError('content-corrupt', {evidence: [`ghcr.io/o/a@${arm64.digest}: ${other.digest}`]})
    const failure = read(
      {'ghcr.io/o/a:1': index, [`ghcr.io/o/a:${arm64.digest}`]: corrupt},
      {references: ['ghcr.io/o/a:1']},
    )
    await expect(failure).rejects.toMatchObject({
      code: 'publish-unverified',
      evidence: [`ghcr.io/o/a@${arm64.digest}: ${other.digest}`],
    })
  })
})
