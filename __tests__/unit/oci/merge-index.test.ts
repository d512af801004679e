import {describe, expect, test} from '@jest/globals'
import {digestOf} from '../../../src/oci/digest.ts'
import {mergeIndex, type MergeSource} from '../../../src/oci/merge-index.ts'
import {makeImage} from '../../../testing/memory-registry/images.ts'

interface Listed {
  readonly digest: string
  readonly platform: Readonly<Record<string, unknown>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** An image without an index, and its configuration. */
function plain(platform: string, changes: object = {}): MergeSource {
  const {digest, mediaType, bytes} = makeImage({platforms: [platform]})
  const [os, architecture, variant] = platform.split('/')
  const config = {os, architecture, ...(variant !== undefined && {variant}), rootfs: {}, ...changes}
  return {digest, mediaType, bytes, config: Buffer.from(JSON.stringify(config))}
}

/** Index of BuildKit for one platform, with an attestation. */
function attested(platform: string, text = ''): MergeSource {
  return makeImage({platforms: [platform], attestations: true, text})
}

/** Digest of the image in such an index. */
function armImage(text: string): string {
  return makeImage({platforms: ['linux/arm64'], attestations: true, text}).platforms.get('linux/arm64') ?? ''
}

function entriesOf(sources: readonly MergeSource[]): readonly Listed[] {
  const merged = mergeIndex(sources)
  if (!merged.ok) throw new Error(merged.reasons.join(', '))
  return (JSON.parse(Buffer.from(merged.index.bytes).toString()) as {readonly manifests: readonly Listed[]}).manifests
}

const platformsOf = (sources: readonly MergeSource[]): readonly string[] =>
  entriesOf(sources).map(({platform}) => `${String(platform['os'])}/${String(platform['architecture'])}`)

describe('mergeIndex', () => {
  test('lists images in the order of their platforms, then their attestations in the same order', () => {
    const sources = ['linux/arm64', 'linux/amd64', 'linux/arm/v7'].map((platform) => attested(platform))
    const entries = entriesOf(sources)
    expect(entries.map(({platform}) => `${String(platform['os'])}/${String(platform['architecture'])}`)).toEqual([
      'linux/amd64',
      'linux/arm',
      'linux/arm64',
      ...Array.from({length: 3}, () => 'unknown/unknown'),
    ])
    const subjects = entries.slice(3).map(({annotations}) => annotations?.['vnd.docker.reference.digest'])
    expect(subjects).toEqual(entries.slice(0, 3).map(({digest}) => digest))
  })

  test('entries are preserved', () => {
    const source = attested('linux/arm64')
    const {manifests} = JSON.parse(Buffer.from(source.bytes).toString()) as {readonly manifests: readonly object[]}
    expect(entriesOf([attested('linux/amd64'), source])).toEqual(expect.arrayContaining([...manifests]))
  })

  test('an image without an index has the platform of its configuration', () => {
    const windows = {'os.version': '10.0.20348', 'os.features': ['win32k']}
    const sources = [plain('linux/arm/v7'), plain('windows/amd64', windows), plain('linux/amd64', {variant: ''})]
    expect(entriesOf(sources).map(({platform}) => platform)).toEqual([
      {architecture: 'amd64', os: 'linux'},
      {architecture: 'arm', os: 'linux', variant: 'v7'},
      {architecture: 'amd64', os: 'windows', ...windows},
    ])
  })

  test('merges images and indexes', () => {
    expect(platformsOf([attested('linux/arm64'), plain('linux/amd64')])).toEqual([
      'linux/amd64',
      'linux/arm64',
      'unknown/unknown',
    ])
  })

  test('the digest is that of the bytes, an OCI index with sorted annotations', () => {
    const merged = mergeIndex([plain('linux/amd64'), plain('linux/arm64')], {b: '2', a: '1'})
    if (!merged.ok) throw new Error('refused')
    const {digest, mediaType, bytes} = merged.index
    expect(digest).toBe(digestOf(bytes))
    expect(mediaType).toBe('application/vnd.oci.image.index.v1+json')
    expect(Buffer.from(bytes).toString()).toMatch(
      /^\{"schemaVersion":2,"mediaType":"application\/vnd.oci.image.index.v1\+json","manifests":\[.*\],"annotations":\{"a":"1","b":"2"\}\}$/,
    )
  })

  test.each([
    {name: 'an index', source: attested('linux/amd64')},
    {name: 'an image', source: plain('linux/amd64')},
    {name: 'an image that lacks its platform', source: makeImage()},
  ])('$name alone is returned unchanged, also if passed twice', ({source}) => {
    for (const sources of [[source], [source, source]]) {
      expect(mergeIndex(sources, {a: '1'})).toMatchObject({
        ok: true,
        index: {digest: source.digest, bytes: source.bytes},
      })
    }
  })

  test('a manifest of two sources is listed once', () => {
    const both = makeImage({platforms: ['linux/amd64', 'linux/arm64']})
    expect(platformsOf([both, plain('linux/amd64')])).toEqual(['linux/amd64', 'linux/arm64'])
  })

  test('a manifest with two different entries is listed once, regardless of the order', () => {
    const {digest, mediaType, bytes} = makeImage()
    const platform = {os: 'linux', architecture: 'amd64'}
    const sources = ['one', 'two'].map((by) => {
      const entry = {mediaType, digest, size: bytes.length, annotations: {by}, platform}
      const index = Buffer.from(JSON.stringify({manifests: [entry]}))
      return {digest: digestOf(index), mediaType, bytes: index}
    })
    expect(mergeIndex(sources)).toEqual(mergeIndex([...sources].reverse()))
    expect(entriesOf(sources)).toHaveLength(1)
  })

  test.each([
    {
      name: 'two images for one platform',
      sources: [attested('linux/arm64', '2'), plain('linux/amd64'), attested('linux/arm64', '1')],
      digests: ['1', '2'].map(armImage),
    },
    {
      name: 'an image that lacks its platform',
      sources: [plain('linux/amd64'), makeImage({platforms: ['linux/s390x']})],
      digests: [makeImage({platforms: ['linux/s390x']}).digest],
    },
  ])('refuses $name', ({sources, digests}) => {
    const merged = mergeIndex(sources)
    const [reason = '', ...others] = merged.ok ? [] : merged.reasons
    expect(others).toEqual([])
    for (const digest of digests) expect(reason).toContain(digest)
  })

  test('refuses linux/arm with linux/arm/v7, which are the same for a runtime', () => {
    const merged = mergeIndex([plain('linux/arm'), plain('linux/arm/v7')])
    expect(merged.ok ? [] : merged.reasons.map((reason) => reason.split(' ')[0])).toEqual(['linux/arm/v7'])
  })

  test('merges two versions of Windows', () => {
    const versions = ['1', '2'].map((version) => {
      const made = makeImage({platforms: ['windows/amd64'], text: version})
      return {
        ...made,
        config: Buffer.from(JSON.stringify({os: 'windows', architecture: 'amd64', 'os.version': version})),
      }
    })
    expect(entriesOf(versions).map(({platform}) => platform['os.version'])).toEqual(['1', '2'])
  })
})
