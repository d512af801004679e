import {digestOf, type Digest} from '../../src/oci/digest.ts'
import {moveTag, storeBlob, storeManifest, type Store} from './store.ts'
import type {StoredManifest} from './types.ts'

/** Properties of an image to create. */
export interface ImageContent {
  /** Platforms such as `linux/arm/v7`. Default: `linux/amd64`. */
  readonly platforms?: readonly string[]
  /** Whether an image of a single platform has an index. */
  readonly index?: boolean
  /** Whether each platform has an attestation manifest, as BuildKit creates it. Implies an index. */
  readonly attestations?: boolean
  /** Annotations of the index, or of the manifest if the image has no index. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Labels in the configuration of each platform. */
  readonly labels?: Readonly<Record<string, string>>
  /** Text in the layers. Images with the same text and properties are identical. */
  readonly text?: string
}

export interface TestImage {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Buffer
  /** Digests of the manifests by platform. */
  readonly platforms: ReadonlyMap<string, Digest>
  /** Manifests in the order in which a registry accepts them: an index after its children. */
  readonly manifests: readonly (StoredManifest & {readonly digest: Digest})[]
  readonly blobs: ReadonlyMap<Digest, Buffer>
}

const ociIndex = 'application/vnd.oci.image.index.v1+json'
const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
const ociConfig = 'application/vnd.oci.image.config.v1+json'
const ociLayer = 'application/vnd.oci.image.layer.v1.tar'
const inToto = 'application/vnd.in-toto+json'

/** Creates the manifests and blobs of an image, as in the OCI image spec 1.1. They depend only on the content. */
export function makeImage(content: ImageContent = {}): TestImage {
  const {platforms = ['linux/amd64'], attestations = false, annotations} = content
  const hasIndex = content.index ?? (platforms.length > 1 || attestations)
  const blobs = new Map<Digest, Buffer>()
  const blob = (mediaType: string, bytes: Buffer): object => {
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return {mediaType, digest, size: bytes.length}
  }
  const images = platforms.map((name) => {
    const ofManifest = hasIndex ? undefined : annotations
    return {name, image: manifest(platformManifest(name, content, blob, ofManifest))}
  })
  const attested = attestations
    ? images.map(({image}) => ({of: image.digest, attestation: manifest(attestationOf(image, blob))}))
    : []
  const children = [...images.map(({image}) => image), ...attested.map(({attestation}) => attestation)]
  const entries = [
    ...images.map(({name, image}) => ({...descriptorOf(image), platform: platformOf(name)})),
    ...attested.map(({of, attestation}) => attestationEntry(of, attestation)),
  ]
  const top = hasIndex ? named(ociIndex, {manifests: entries, ...(annotations && {annotations})}) : children[0]
  if (top === undefined) throw new Error('an image without a platform')
  return {
    ...top,
    platforms: new Map(images.map(({name, image}) => [name, image.digest])),
    manifests: hasIndex ? [...children, top] : [top],
    blobs,
  }
}

type MakeBlob = (mediaType: string, bytes: Buffer) => object
/** Manifest with its digest. */
export type NamedManifest = StoredManifest & {readonly digest: Digest}

function platformManifest(
  name: string,
  {labels, text = ''}: ImageContent,
  blob: MakeBlob,
  annotations: ImageContent['annotations'],
): object {
  const layer = Buffer.from(`layer of ${name}: ${text}`)
  const config = {
    ...platformOf(name),
    config: {...(labels && {Labels: labels})},
    rootfs: {type: 'layers', diff_ids: [digestOf(layer)]},
  }
  return {
    config: blob(ociConfig, Buffer.from(JSON.stringify(config))),
    layers: [blob(ociLayer, layer)],
    ...(annotations && {annotations}),
  }
}

/** Predicate type of the attestations of test images. */
export const provenanceType = 'https://slsa.dev/provenance/v0.2'

/** https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md */
function attestationOf(image: NamedManifest, blob: MakeBlob): object {
  const statement = {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{digest: image.digest}],
    predicateType: provenanceType,
    predicate: {builder: {id: ''}, of: image.digest},
  }
  return {
    config: blob(ociConfig, Buffer.from(JSON.stringify({architecture: 'unknown', os: 'unknown', of: image.digest}))),
    layers: [blob(inToto, Buffer.from(JSON.stringify(statement)))],
  }
}

function attestationEntry(of: Digest, attestation: NamedManifest): object {
  return {
    ...descriptorOf(attestation),
    annotations: {'vnd.docker.reference.digest': of, 'vnd.docker.reference.type': 'attestation-manifest'},
    platform: {architecture: 'unknown', os: 'unknown'},
  }
}

function manifest(fields: object): NamedManifest {
  return named(ociManifest, fields)
}

function named(mediaType: string, fields: object): NamedManifest {
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, ...fields}))
  return {mediaType, bytes, digest: digestOf(bytes)}
}

function descriptorOf({mediaType, digest, bytes}: NamedManifest): object {
  return {mediaType, digest, size: bytes.length}
}

function platformOf(name: string): object {
  const [os, architecture, variant] = name.split('/')
  return {architecture, os, ...(variant !== undefined && {variant})}
}

/** Creates a manifest with a `subject`, such as a signature (OCI image spec). */
export function makeReferrer(
  subject: NamedManifest,
  artifactType: string,
  text = '',
  annotations?: Readonly<Record<string, string>>,
): TestImage {
  const empty = Buffer.from('{}')
  const content = Buffer.from(`about ${subject.digest}: ${text}`)
  const top = manifest({
    artifactType,
    config: {mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf(empty), size: empty.length},
    layers: [{mediaType: artifactType, digest: digestOf(content), size: content.length}],
    subject: descriptorOf(subject),
    ...(annotations && {annotations}),
  })
  const blobs = new Map([empty, content].map((bytes) => [digestOf(bytes), bytes]))
  return {...top, platforms: new Map(), manifests: [top], blobs}
}

/** Creates the image that cosign 1 and 2 tag `sha256-<hex>.sig`. Each layer is a signature of the same payload by one key. */
export function makeSignatures(subject: Digest, keys: readonly string[]): TestImage {
  const payload = Buffer.from(JSON.stringify({critical: {image: {'docker-manifest-digest': subject}}}))
  const layer = {mediaType: simpleSigning, digest: digestOf(payload), size: payload.length}
  const history = keys.map(() => ({created: '0001-01-01T00:00:00Z'}))
  const rootfs = {type: 'layers', diff_ids: keys.map(() => layer.digest)}
  const config = Buffer.from(JSON.stringify({architecture: '', history, os: '', rootfs, config: {}}))
  const top = manifest({
    config: {mediaType: ociConfig, digest: digestOf(config), size: config.length},
    layers: keys.map((key) => ({...layer, annotations: {'dev.cosignproject.cosign/signature': `by ${key}`}})),
  })
  const blobs = new Map([config, payload].map((bytes) => [digestOf(bytes), bytes]))
  return {...top, platforms: new Map(), manifests: [top], blobs}
}

const simpleSigning = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Stores an image in a registry without a request. */
export function storeImage(store: Store, repository: string, image: TestImage, tags: readonly string[]): void {
  for (const bytes of image.blobs.values()) storeBlob(store, repository, bytes)
  for (const {mediaType, bytes} of image.manifests) storeManifest(store, repository, {mediaType, bytes})
  for (const tag of tags) moveTag(store, {client: 'test', repository, tag, to: image.digest})
}
