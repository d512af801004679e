import {digestOf, type Digest} from '../src/oci/digest.ts'
import {field, manifestMediaTypes, parseJson} from '../src/oci/manifest.ts'
import {addReferrers} from '../src/oci/referrers-index.ts'
import {referrersTag} from '../src/oci/referrers-tag.ts'
import {makeImage, makeReferrer, makeSignatures, type NamedManifest, type TestImage} from './memory-registry/images.ts'

/** Attestations and signatures of the images of a shape. */
export interface Dressing {
  /** Whether each platform has an attestation of BuildKit. */
  readonly attestations: boolean
  /**
   * Signatures of each image and platform: tags of cosign 2, bundles as referrers, or bundles that an index under the
   * fallback tag lists.
   */
  readonly signatures: 'none' | 'tags' | 'bundles' | 'listed bundles'
}

/** Images with their tags; those without tags belong to others. */
export type Shape = readonly (readonly [image: TestImage, tags: readonly string[]])[]

/**
 * Graphs of the tests of ghcr-cleanup-manager
 * (https://github.com/ghcr-manager/ghcr-cleanup-manager/blob/main/docs/test/scenarios.md): an image; an index of two tagged
 * images; two indexes with a common platform; the same with two tags each.
 */
export const shapes: Readonly<Record<string, (dressing: Dressing) => Shape>> = {
  '1image': (dressing) => [[platform('linux/amd64', 'one', dressing), ['one']]],
  '2images': (dressing) => {
    const [amd64, arm64] = [platform('linux/amd64', 'one', dressing), platform('linux/arm64', 'one', dressing)]
    return [
      [amd64, ['one-amd64']],
      [arm64, ['one-arm64']],
      [indexOf([amd64, arm64]), ['one']],
    ]
  },
  '2multiarch': (dressing) => twoIndexes(dressing, ['one'], ['two']),
  '2multiarch2tags': (dressing) => twoIndexes(dressing, ['one', 'first'], ['two', 'second']),
}

function twoIndexes(dressing: Dressing, one: readonly string[], two: readonly string[]): Shape {
  const common = platform('linux/arm64', 'common', dressing)
  return [
    [indexOf([platform('linux/amd64', 'one', dressing), common]), one],
    [indexOf([platform('linux/amd64', 'two', dressing), common]), two],
  ]
}

const annotations = {'org.opencontainers.image.created': '2026-01-01T00:00:00Z'}

function platform(name: string, text: string, {attestations}: Dressing): TestImage {
  return makeImage({platforms: [name], text, attestations, annotations})
}

/** Index of the manifests of images, without their own indexes. */
function indexOf(images: readonly TestImage[]): TestImage {
  const manifests = images.flatMap((image) => image.manifests.filter((one) => !isIndex(one)))
  const platforms = new Map(images.flatMap((image) => [...image.platforms]))
  const names = new Map([...platforms].map(([name, digest]) => [digest, name]))
  const entries = manifests.map(({digest, mediaType, bytes}) => {
    const [os = 'unknown', architecture = 'unknown'] = names.get(digest)?.split('/') ?? []
    return {mediaType, digest, size: bytes.length, platform: {os, architecture}}
  })
  const top = manifestOf({manifests: entries, annotations})
  const blobs = new Map(images.flatMap((image) => [...image.blobs]))
  return {...top, platforms, manifests: [...manifests, top], blobs}
}

function manifestOf(fields: object): NamedManifest {
  const [mediaType] = manifestMediaTypes
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, ...fields}))
  return {mediaType, bytes, digest: digestOf(bytes)}
}

function isIndex({bytes}: NamedManifest): boolean {
  return Array.isArray(field(parseJson(bytes), 'manifests'))
}

/** Signatures of an image and of all its manifests, with their tags. */
export function signaturesOf(image: TestImage, kind: Dressing['signatures']): Shape {
  return image.manifests.flatMap((subject): Shape => {
    const tag = referrersTag(subject.digest)
    const bundle = makeReferrer(subject, 'application/vnd.dev.sigstore.bundle.v0.3+json')
    switch (kind) {
      case 'none':
        return []
      case 'tags':
        return [[makeSignatures(subject.digest, ['key']), [`${tag}.sig`]]]
      case 'bundles':
        return [[bundle, []]]
      case 'listed bundles':
        return [
          [bundle, []],
          [listOf(bundle), [tag]],
        ]
    }
  })
}

function listOf(bundle: TestImage): TestImage {
  const bytes = Buffer.from(addReferrers(undefined, [bundle]))
  const top: NamedManifest = {mediaType: manifestMediaTypes[0], bytes, digest: digestOf(bytes)}
  return {...top, platforms: new Map<string, Digest>(), manifests: [top], blobs: new Map()}
}
